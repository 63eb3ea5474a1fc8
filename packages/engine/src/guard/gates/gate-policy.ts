/**
 * The policy that a gate asks. The project's file comes from where the change cannot loosen it: from the base in CI; at commit from HEAD
 * and from what is committed, each as a layer of its own, so that the stricter one counts. Organisation and user as everywhere.
 */
import type { PolicyJudge } from "@twolane/policy";
import { type Result, fail, succeed } from "@twolane/protocol";
import type { Git } from "../../host/git.ts";
import { type Tree, readTree } from "../../host/git-tree.ts";
import { type PolicyText, openPolicy } from "../policy-store.ts";

export interface GatePolicy {
  readonly judge: PolicyJudge;
  readonly names: readonly string[];
  readonly notes: readonly string[];
}

export interface GatePolicyPlace {
  readonly git: Git;
  readonly root: string;
  /** Of this workspace. */
  readonly stateFolder: string;
  readonly userFolder: string;
  readonly trees: readonly NamedTree[];
  /** What holds where none of the trees has a policy; absent: what holds everywhere. */
  readonly otherwise?: string;
  /** Asked in the place of the project's files: what would it say? */
  readonly instead?: PolicyText;
}

export interface NamedTree {
  readonly tree: Tree;
  /** As a person calls it. */
  readonly name: string;
}

const policyPath = ".twolane/policy.yaml";
const otherSpelling = ".twolane/policy.yml";

/** POLICY_INVALID where one of the files cannot be understood. */
export async function openGatePolicy(place: GatePolicyPlace): Promise<Result<GatePolicy>> {
  const { git, root, stateFolder, userFolder, instead, otherwise } = place;
  const trees = instead === undefined ? place.trees : [];
  const found = new Map<string, string[]>();
  for (const { tree, name } of trees) {
    const read = await readTree(git, tree, [policyPath, otherSpelling]);
    if (!read.ok) return read;
    const text = read.value.get(policyPath);
    if (text === undefined && read.value.has(otherSpelling))
      return fail("POLICY_INVALID", `${otherSpelling} (${name}) is not read.`, `Rename it to ${policyPath}.`);
    if (text !== undefined) found.set(text, [...(found.get(text) ?? []), name]);
  }
  const texts: PolicyText[] = [...found.keys()].map((text) => ({ path: policyPath, text }));
  if (instead !== undefined) texts.push(instead);
  const isMissing = texts.length === 0 && otherwise !== undefined;
  if (isMissing) texts.push({ path: "no policy file", text: `version: 1\npreset: ${otherwise}\n` });
  const opened = await openPolicy({
    ...{ workspace: { root }, state: { path: stateFolder }, userFolder },
    trusted: true,
    projectTexts: texts,
  });
  if (!opened.ok) return opened;
  const project = [...found.values()].map((names) => `${policyPath} (${names.join(", ")})`);
  const others = opened.value.layers.filter(({ kind }) => kind === "organisation" || kind === "user").map(({ path }) => path);
  if (instead !== undefined)
    return succeed({
      judge: opened.value,
      names: [...others, instead.path],
      notes: [`${instead.path} was asked in the place of the project's policy; the gates do not go by it.`],
    });
  const where = trees.map(({ name }) => name).join(", ");
  return succeed({
    judge: opened.value,
    names: [...others, ...(project.length > 0 ? project : [`preset ${otherwise ?? "solo"}`])],
    notes: isMissing ? [`There is no ${policyPath} in ${where}; the preset ${otherwise} holds.`] : [],
  });
}
