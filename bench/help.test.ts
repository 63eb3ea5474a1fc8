/** What the commands of the bench and the study say of themselves, and of what they do not know. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { expect, test } from "vitest";

const repository = path.join(import.meta.dirname, "..");

function run(file: string, ...args: readonly string[]) {
  const program = ["--import", path.join(repository, "tools/typescript.mjs"), path.join(repository, file)];
  return spawnSync(process.execPath, [...program, ...args], { cwd: repository, encoding: "utf8" });
}

test.each(["bench/main.ts", "bench/peers/main.ts", "study/main.ts"])(
  "%s has help, and points to it or to what there is",
  (file) => {
    const helped = run(file, "--help");
    expect([helped.status, helped.stderr]).toEqual([0, ""]);
    const wrong = run(file, "--nope");
    expect([wrong.status, wrong.stdout, wrong.stderr.trim().split("\n").length]).toEqual([2, "", 1]);
    for (const name of options(wrong.stderr)) expect(helped.stdout).toContain(name);
    expect(helped.stdout).toContain("--help");
  },
);

test("each section of the bench stands in its help", () => {
  const [, known = ""] = /there are (.*) \(/.exec(run("bench/main.ts", "nope").stderr) ?? [];
  const help = run("bench/main.ts", "-h").stdout;
  expect(known.split(", ").length).toBeGreaterThan(5);
  for (const section of known.split(", ")) expect(help).toContain(section);
});

/** Names that a line lists. */
const options = (line: string): readonly string[] =>
  (/there are (.*)$/.exec(line.trim())?.[1] ?? "").split(", ").filter((name) => name !== "");
