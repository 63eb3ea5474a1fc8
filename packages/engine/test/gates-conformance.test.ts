/** The table of conformance at commit and in CI: real commits, and the same decision as the judge alone gives. */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { strictest } from "@twolane/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ChangeCase, changeCases } from "../../policy/test/conformance.ts";
import { check } from "../src/assembly/check.ts";
import { type GateRepository, makeRepository } from "./gate-repository.ts";

/** Other layers lie outside of a repository; limits of a turn are the loop's, and hold nothing here. */
const rows = changeCases
  .filter(({ above }) => above === undefined)
  .map((row): ChangeCase => (row.loopOnly === true ? { ...row, atGates: "allow" } : row));

let repository: GateRepository;
let env: Record<string, string>;

beforeAll(() => {
  repository = makeRepository({ "unrelated.txt": "u\n" });
  const home = path.dirname(repository.root);
  env = { HOME: home, XDG_STATE_HOME: path.join(home, "state"), XDG_CONFIG_HOME: path.join(home, "config") };
  // One process writes all commits: `before-N` and `after-N` of row N.
  execFileSync("git", ["-C", repository.root, "fast-import", "--quiet"], { input: rows.map(imported).join("") });
});
afterAll(() => repository.remove());

const who = "committer Ann <ann@example.org> 1700000000 +0000\n";
const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

/** Without a policy the preset `solo` holds; in CI that is said by a file that says nothing. */
function imported({ policy = "", before, after, moved = {} }: ChangeCase, at: number): string {
  const write = (name: string, text: string): string => `M 100644 inline ${JSON.stringify(name)}\n${data(text)}`;
  const old = Object.entries({ ".twolane/policy.yaml": `version: 1\n${policy}`, ...before });
  const moves = Object.entries(moved).map(([to, from]) => `R ${JSON.stringify(from)} ${JSON.stringify(to)}\n`);
  const next = Object.entries(after).map(([name, text]) =>
    text === undefined ? `D ${JSON.stringify(name)}\n` : write(name, text),
  );
  return [
    `commit refs/heads/before-${at}\n${who}${data("before")}deleteall\n`,
    ...old.map(([name, text]) => write(name, text)),
    `\ncommit refs/heads/after-${at}\n${who}${data("after")}from refs/heads/before-${at}\n`,
    ...moves,
    ...next,
    "\n",
  ].join("");
}

async function decisionOf(wish: Parameters<typeof check>[0]["wish"]) {
  const checked = await check({ cwd: repository.root, env, wish, onProgress: () => {} });
  // A policy that cannot be understood does not go through either.
  if (!checked.ok && checked.failure.code === "POLICY_INVALID") return { decision: "hold", rules: ["permissions"] };
  if (!checked.ok) throw new Error(`${checked.failure.message} ${checked.failure.cure}`);
  // Who must have reviewed it is asked in CI alone.
  const verdicts = checked.value.findings.map(({ verdict }) => verdict).filter(({ rule }) => !rule.startsWith("review-"));
  return {
    decision: strictest(verdicts).decision,
    rules: verdicts.map(({ rule }) => rule),
    reasons: verdicts.map((one) => one.reason),
  };
}

describe("at the gates", () => {
  it.each(rows.map((row, at) => [row.name, row, at] as const))("%s", async (_, { decision, atGates = decision, rule }, at) => {
    const staged = async () => {
      repository.git("symbolic-ref", "HEAD", `refs/heads/before-${at}`);
      repository.git("read-tree", `after-${at}`);
      return decisionOf({ kind: "staged" });
    };
    const branch = () => decisionOf({ kind: "commits", base: `before-${at}`, head: `after-${at}`, reviews: [] });
    for (const [gate, ask] of [
      ["staged", staged],
      ["base", branch],
    ] as const) {
      const found = await ask();
      expect({ gate, ...found }).toMatchObject({ decision: atGates });
      if (rule !== undefined && atGates !== "allow") expect(found.rules).toContain(rule);
    }
  });
});
