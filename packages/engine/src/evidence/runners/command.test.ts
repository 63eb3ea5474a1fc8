/** Names of test files reach the policy's own command as arguments, with a real shell. */
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { commandRunner } from "./command.ts";

const names = [
  "a b.js",
  "$(echo x).js",
  "`id`.js",
  "'; echo x;'.js",
  '"; echo x; ".js',
  "a$'b.js",
  "$&.js",
  "$`.js",
  "a\nb.js",
  "*.js",
];

function said(line: string, tests: readonly string[]): readonly string[] {
  const start = commandRunner(line, []).start(tests);
  if (start === undefined) throw new Error("It starts nothing.");
  return execFileSync(start.command, start.args, { encoding: "utf8" }).split("\0").slice(0, -1);
}

it("gives each name as one word, whatever is in it", () => {
  expect(said(String.raw`printf '%s\0' {files}`, names)).toEqual(names);
  expect(said(String.raw`printf '%s\0' {files}`, ["-x.js"])).toEqual(["./-x.js"]);
});

it.each(["'{files}'", '"{files}"'])("starts nothing where the policy puts quotes around: %s", (place) => {
  for (const name of ["$(printf 'ran\\0').js", "'; printf 'ran\\0';'", '"; printf "ran\\0"; "'])
    expect(said(String.raw`printf '%s\0' ${place}`, [name])).not.toContain("ran");
});
