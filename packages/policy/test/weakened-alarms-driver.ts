/**
 * How often the rule for weakened tests is wrong: the last commits of given repositories are judged, file by file, for a person to read.
 *
 *     node --import ./tools/typescript.mjs packages/policy/test/weakened-alarms-driver.ts COMMITS REPOSITORY...
 *
 * No test: it wants clones of published projects outside of this repository.
 */
import { execFileSync } from "node:child_process";
import path from "node:path";
import { type PolicyLayer, compilePolicy } from "@twolane/policy";

const none = { scope: [], diff: [], dependencies: [], commands: [], review: [], data: [] };
const layer: PolicyLayer = { kind: "project", path: "policy.yaml", ...none, tests: { weakened: "hold" } };
const judge = compilePolicy([layer]);
const nothing = new Map<string, number>();
const context = { lane: "fast", turn: nothing, changeSet: nothing, fileText: () => undefined } as const;

const [count = "40", ...repositories] = process.argv.slice(2);
for (const repository of repositories) {
  const git = (...args: string[]): string =>
    execFileSync("git", ["-C", repository, ...args], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
      stdio: ["ignore", "pipe", "ignore"],
    });
  const textAt = (commit: string, name: string): string | undefined => {
    try {
      return git("show", `${commit}:${name}`);
    } catch {
      return undefined;
    }
  };
  let held = 0;
  const commits = git("log", "--no-merges", `-${count}`, "--format=%H %s").trim().split("\n");
  for (const line of commits) {
    const [commit, title] = [line.slice(0, 40), line.slice(41)];
    const changed = git("diff-tree", "-r", "-M", "--no-commit-id", "--name-status", "--root", commit).trim().split("\n");
    const said = changed.flatMap((row) => {
      const [status = "", name = "", to] = row.split("\t");
      if (status === "" || status === "A") return [];
      const before = textAt(`${commit}^`, name);
      const after = status === "D" ? undefined : textAt(commit, to ?? name);
      const moved = to === undefined ? {} : { movedTo: to };
      const operation = status === "D" ? "delete" : "update";
      const facts = {
        path: name,
        ...moved,
        operation,
        line: 1,
        added: [],
        removed: [],
        before: () => before,
        after: () => after,
      } as const;
      return judge.refusals(facts, context).flatMap(({ rule, reason }) => (rule === "tests" ? [reason] : []));
    });
    if (said.length === 0) continue;
    held++;
    console.log(`${commit.slice(0, 9)} ${title}\n${said.map((reason) => `    ${reason}\n`).join("")}`);
  }
  console.log(`${path.basename(path.dirname(repository))}: ${commits.length} commits, ${held} held\n`);
}
