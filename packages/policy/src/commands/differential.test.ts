/**
 * Lines made by a grammar, and such lines with characters put in, taken out and doubled, are read here and run by real shells, with
 * programs on the PATH that only note how they were called. What was started or written without having been named is a fault.
 * (CVE-2025-54795, CVE-2025-55284, CVE-2026-22708, GHSA-g8r9-g2v8-jv6f: a "safe" command that was read otherwise than it ran.)
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../../../../tools/needs.ts";
import type { Word } from "./script.ts";
import { type Execution, execution } from "./unfold.ts";

const shells = ["dash", "bash"].filter((shell) =>
  needs(shell, { for: "shell lines against a real shell", get: `apt-get install ${shell}` }),
);
const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const stubs = ["a", "b", "c", "git", "rm", "hi"];
const wrappers = ["env", "xargs", "find", "nice", "nohup", "timeout", "setsid", "stdbuf"];

let folder = "";
beforeAll(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), "twolane-shell-")));
  fs.mkdirSync(path.join(folder, "bin"));
  const program = `#!/bin/sh\nprintf '%s\\0' "\${0##*/}" "$@" > ${folder}/notes/$$\necho 'c y'\n`;
  for (const name of stubs) fs.writeFileSync(path.join(folder, "bin", name), program, { mode: 0o755 });
  const real = [...wrappers, "sh", ...shells];
  for (const name of real)
    if (fs.existsSync(`/usr/bin/${name}`)) fs.symlinkSync(`/usr/bin/${name}`, path.join(folder, "bin", name));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly started: readonly (readonly string[])[];
  readonly written: readonly string[];
}

/** What is in the workspace before: a name that looks like an option is what a wildcard may find. */
const files = ["f1", "f2.t", "-x"];

function runReally(shell: string, line: string): Outcome {
  const workspace = path.join(folder, "workspace");
  const notes = path.join(folder, "notes");
  for (const each of [workspace, notes]) {
    fs.rmSync(each, { recursive: true, force: true });
    fs.mkdirSync(each);
  }
  for (const name of files) fs.writeFileSync(path.join(workspace, name), "b z\n");
  const before = new Map(files.map((name) => [name, stamp(path.join(workspace, name))]));
  spawnSync(path.join(folder, "bin", shell), ["-c", line], {
    cwd: workspace,
    env: { PATH: path.join(folder, "bin"), HOME: workspace, v: "c y", one: "c" },
    timeout: 1500,
    killSignal: "SIGKILL",
    input: "b x\n",
  });
  const started = fs.readdirSync(notes).map((note) => fs.readFileSync(path.join(notes, note), "utf8").split("\0").slice(0, -1));
  const written = fs.readdirSync(workspace).filter((name) => before.get(name) !== stamp(path.join(workspace, name)));
  return { started: started.filter((words) => words.length > 0), written };
}

function stamp(file: string): string {
  const { size, mtimeMs } = fs.statSync(file);
  return `${size} ${mtimeMs}`;
}

/** Whether these words can be what was read. */
function covers(read: readonly Word[], words: readonly string[]): boolean {
  const [first, ...rest] = read;
  if (first === undefined) return words.length === 0;
  if (first.many && !first.known) {
    for (let taken = 0; taken <= words.length; taken += 1)
      if ((taken === 0 || words[0]!.startsWith(first.value)) && covers(rest, words.slice(taken))) return true;
    return false;
  }
  const [word, ...others] = words;
  return word !== undefined && (first.known ? word === first.value : word.startsWith(first.value)) && covers(rest, others);
}

function faults(read: Execution, { started, written }: Outcome): readonly string[] {
  const unnamed = started.filter((words) => !read.commands.some((command) => covers(command.words, words)));
  const targets = read.commands
    .flatMap(({ redirections }) => redirections.filter(({ effect }) => effect === "write"))
    .map(({ target }) => target);
  const unexpected = written.filter(
    (name) => !targets.some((target) => (target.known ? path.basename(target.value) === name : true)),
  );
  return [...unnamed.map((words) => `started: ${words.join(" ")}`), ...unexpected.map((name) => `written: ${name}`)];
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const doubly = (text: string): string => `"${text.replace(/[\\"$`]/g, "\\$&")}"`;

const name = fc.constantFrom(
  ...stubs,
  ...stubs,
  "echo",
  "true",
  "g'i't",
  "\\rm",
  '"a"',
  "$v",
  "$(a)",
  "`a`",
  '"$one"',
  "f*",
  "{a,b}",
  "$'a'",
  "./f1",
  "~/f1",
);
const word = fc.constantFrom(
  ...[
    "x",
    "-r",
    "--hard",
    "'q q'",
    '"d d"',
    '"$v"',
    "$v",
    "${v}",
    "${v:-w}",
    "${#v}",
    "$(a)",
    "`b`",
    '"$(a x)"',
    "'$(a)'",
    '"`b`"',
    '"\\$(a)"',
  ],
  ...[
    "*.t",
    "f*",
    "*",
    "[f]1",
    "?1",
    "~",
    "x=~",
    "{x,y}",
    "{1..2}",
    "{}",
    "\\x",
    "a\\ b",
    "x#y",
    "#x",
    "''",
    '""',
    "$?",
    "$((1+2))",
    "$@",
    "--",
    "$",
    "!",
    "-",
    "x\\\ny",
  ],
  ...[
    "$'\\x61'",
    '$"x"',
    "${v@P}",
    "${v:=z}",
    "${!one}",
    "x'y'\"z\"$v",
    "\\$v",
    "'\\''",
    '"\\""',
    "a=b",
    "<(a)",
    "\\\n",
    "\\*",
    "'*'",
    "$(a;b)",
    "$(a|b)",
    "$( (a) )",
    "%1",
  ],
);
const redirect = fc.constantFrom(
  ">o1",
  "> o2",
  ">>o1",
  "2>&1",
  "<f1",
  "2>o2",
  ">|o1",
  ">&2",
  "&>o1",
  "<>o1",
  ">$one",
  '>"o1"',
  ">&o1",
  "10>o1",
  "{x}>o1",
  "<<<b",
  "2>&-",
);
const assign = fc.constantFrom("v=1", "v=$(a)", "'v=1'", 'v="b c"', "one=b", "v+=x", "v[0]=b", "w=$v");
const between = fc.constantFrom("; ", " && ", " || ", " | ", " & ", "\n", ";", "|", "&&", " |& ", ";\n", " # x\n", " \\\n; ");

const { line } = fc.letrec<{ simple: string; command: string; line: string }>((tie) => ({
  simple: fc
    .tuple(
      fc.array(assign, { maxLength: 1 }),
      name,
      fc.array(fc.oneof({ weight: 4, arbitrary: word }, redirect), { maxLength: 3 }),
    )
    .map(([before, first, rest]) => [...before, first, ...rest].join(" ")),
  command: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 5, arbitrary: tie("simple") },
    tie("simple").map((text) => `env w=1 ${text}`),
    tie("simple").map((text) => `nice -n 1 timeout 1 ${text}`),
    tie("simple").map((text) => `nohup ${text}`),
    tie("simple").map((text) => `exec ${text}`),
    tie("simple").map((text) => `command ${text}`),
    tie("simple").map((text) => `time ${text}`),
    tie("simple").map((text) => `! ${text}`),
    tie("simple").map((text) => `xargs -n1 ${text}`),
    tie("simple").map((text) => `xargs -I{} ${text} {}`),
    tie("simple").map((text) => `find . -name f1 -exec ${text} {} \\;`),
    tie("line").map((text) => `sh -c ${quoted(text)}`),
    tie("line").map((text) => `bash -ec ${doubly(text)} x y`),
    tie("line").map((text) => `eval ${quoted(text)}`),
    tie("line").map((text) => `(${text})`),
    tie("line").map((text) => `{ ${text}; } >o1`),
    tie("line").map((text) => `if ${text}\nthen a x; else b x; fi`),
    tie("line").map((text) => `while false; do ${text}; done`),
    tie("line").map((text) => `for v in b x; do ${text}; done`),
    tie("line").map((text) => `a <<E x\n${text}\nE`),
    tie("line").map((text) => `a <<'E' >o2\n${text}\nE`),
    tie("line").map((text) => `a "$(${text})"`),
    tie("line").map((text) => `echo \`${text}\``),
    tie("line").map((text) => `case x in x) ${text};; esac`),
    tie("line").map((text) => `f() { ${text}; }; f`),
    tie("line").map((text) => `alias hi=a\nhi x; ${text}`),
  ),
  line: fc
    .tuple(tie("command"), fc.array(fc.tuple(between, tie("command")), { maxLength: 2 }))
    .map(([first, rest]) => first + rest.map(([by, next]) => by + next).join("")),
}));

const sign = fc.constantFrom(..."'\"`$\\(){}[]<>;&|!#~*?= \n\t-,.%^@ab1".split(""), "$(", "<<", "&&", "\\\n", "'\\''");
const disturbed = fc
  .tuple(line, fc.array(fc.tuple(fc.nat(), fc.constantFrom("in", "out", "twice"), sign), { minLength: 1, maxLength: 2 }))
  .map(([text, changes]) => {
    let changed = text;
    for (const [at, change, what] of changes) {
      const place = at % (changed.length + 1);
      const here = changed[place] ?? "";
      changed =
        changed.slice(0, place) +
        (change === "in" ? what + here : change === "twice" ? here + here : "") +
        changed.slice(place + 1);
    }
    return changed;
  });

describe.skipIf(shells.length === 0)("what is read is what a shell does", () => {
  it.each([
    ["by a grammar", line, 150 * scale],
    ["by a grammar, disturbed", disturbed, 150 * scale],
  ] as const)("lines made %s", { timeout: 60_000 * scale }, (_, lines, numRuns) => {
    let understood = 0;
    let started = 0;
    fc.assert(
      fc.property(lines, (text) => {
        const read = execution({ line: text });
        if (read.unclear !== undefined) return;
        understood += 1;
        for (const shell of shells) {
          const outcome = runReally(shell, text);
          started += outcome.started.length;
          expect({ shell, text, faults: faults(read, outcome) }).toEqual({ shell, text, faults: [] });
        }
      }),
      // The same lines each time, and others in the long run: what a new one finds is a fault of ours, not of the change that is tested.
      { numRuns: numRuns * 3, ...(scale === 1 && { seed: 20261126 }) },
    );
    // A reader that understands nothing would find no fault either. About one in eight is, by chance.
    expect(understood).toBeGreaterThan(numRuns / 10);
    expect(started).toBeGreaterThan(numRuns / 10);
  });
});
