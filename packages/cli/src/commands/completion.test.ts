import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PassThrough } from "node:stream";
import { spawn } from "@lydell/node-pty";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needs } from "../../../../tools/needs.ts";
import type { CommandHelp } from "./command.ts";
import { run } from "./completion.ts";
import { completedCommands } from "./completion-words.ts";

const folder = mkdtempSync(path.join(tmpdir(), "twolane-completion-"));
const script = (shell: string): string => path.join(folder, `twolane.${shell}`);
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  mkdirSync(path.join(folder, "work/my folder"), { recursive: true });
  writeFileSync(path.join(folder, "work/my file.txt"), "");
  writeFileSync(path.join(folder, "work/other.txt"), "");
  for (const shell of ["bash", "zsh", "fish"]) writeFileSync(script(shell), (await completion(shell)).stdout);
});

async function completion(...argv: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const io = {
    stdin: new PassThrough(),
    stdout,
    stderr,
    env: {},
    cwd: folder,
    onInterrupt: () => () => {},
    onHangup: () => () => {},
  };
  const status = await run(argv, io);
  return { status, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

describe("twolane completion", () => {
  it("says which shells there are", async () => {
    expect(await completion("tcsh")).toEqual({
      status: 2,
      stdout: "",
      stderr: "twolane: `tcsh` is not one of bash, zsh, fish. `twolane completion bash | zsh | fish` [USAGE]\n",
    });
    expect((await completion()).stderr).toContain("Say for which shell.");
    expect((await completion("bash", "zsh")).status).toBe(2);
  });

  it("knows every command that there is", () => {
    const main = readFileSync(path.join(import.meta.dirname, "../main.ts"), "utf8");
    const named = [...main.matchAll(/^ {2}"?(\w+)"?: \(\) => import\("\.\/commands\//gm)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(6);
    const bash = readFileSync(script("bash"), "utf8");
    for (const name of named) expect(bash).toMatch(new RegExp(`^ {4}${name}\\) options=`, "m"));
  });

  it("reads options as help writes them", () => {
    const help: CommandHelp = {
      name: "x",
      usage: "",
      summary: "One. Two.",
      options: [
        { form: "-", text: "no option" },
        { form: "-m, --model NAME", text: "which (one); default: none" },
        { form: "--session [ID]", text: "all" },
        { form: "--input jsonl", text: "lines" },
        { form: "-q, --quiet", text: "no word." },
        { form: "--scenario FILE", text: "what" },
      ],
      examples: [],
    };
    const [command] = completedCommands([help]);
    expect(command).toMatchObject({ summary: "One", words: [] });
    expect(command?.options.slice(0, -1)).toEqual([
      { names: ["-m", "--model"], text: "which", value: { kind: "words", words: ["instant"], optional: false } },
      { names: ["--session"], text: "all", value: { kind: "words", words: [], optional: true } },
      { names: ["--input"], text: "lines", value: { kind: "words", words: ["jsonl"], optional: false } },
      { names: ["-q", "--quiet"], text: "no word" },
      { names: ["--scenario"], text: "what", value: { kind: "file", words: [], optional: false } },
    ]);
  });
});

/** What is typed before Tab, and some of what is offered; a word with `!` is not. */
const cases: [string, string[]][] = [
  ["twolane re", ["resume", "refactor", "review", "!run"]],
  ["twolane refactor --p", ["--plan", "!--pace"]],
  ["twolane review --st", ["--staged"]],
  ["twolane ", ["demo", "resume", "run", "undo", "completion", "help", "!--plain"]],
  ["twolane --c", ["--continue", "--cwd", "!--commit"]],
  ["twolane --mode ", ["flow", "step", "plan"]],
  ["twolane --mode st", ["step", "!flow"]],
  ["twolane --mode=st", ["step", "!flow"]],
  ["twolane --mode step re", ["resume"]],
  ["twolane --mode=step re", ["resume"]],
  ["twolane run --la", ["--landing"]],
  ["twolane run --landing ", ["hunk", "file", "turn"]],
  ["twolane run --landing turn --dry", ["--dry-run"]],
  ["twolane run --input ", ["jsonl"]],
  ["twolane run -m in", ["instant"]],
  ["twolane undo --d", ["--dry-run", "!--dialect"]],
  ["twolane apply --dialect ", ["v4a", "unified-diff"]],
  ["twolane demo --pace 1", ["1000"]],
  ["twolane help k", ["keys"]],
  ["twolane completion ", ["bash", "zsh", "fish"]],
  ["twolane run --scope ot", ["other.txt"]],
  ["twolane --cwd my", ["my folder", "!my file.txt"]],
  ["twolane sim --scenario my", ["my file.txt"]],
];

function expectOffered(offered: readonly string[], words: readonly string[]): void {
  for (const word of words) {
    if (word.startsWith("!")) expect(offered).not.toContain(word.slice(1));
    else expect(offered).toContain(word);
  }
}

describe.skipIf(!needs("bash", { for: "completion in bash", get: "apt-get install bash" }))("bash", () => {
  /** Runs the function as bash does for Tab, words split as its readline splits them. */
  const ask = (lines: readonly string[]): string[][] => {
    const asked = lines.map((line) => {
      const words = line.split(/\s+|(=)/).filter((word) => word !== undefined && (word !== "" || line.endsWith(" ")));
      return `COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _twolane; printf '%s\\n' "\${COMPREPLY[@]}"; echo =====`;
    });
    const output = execFileSync("bash", ["--norc", "-c", `source ${script("bash")}\n${asked.join("\n")}`], {
      cwd: path.join(folder, "work"),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return output.split("=====\n").map((part) => part.split("\n").filter((word) => word !== ""));
  };
  const answers = new Map<string, string[]>();
  beforeAll(() => {
    const found = ask(cases.map(([line]) => line));
    cases.forEach(([line], index) => answers.set(line, found[index] ?? []));
  });

  it.each(cases)("%j", (line, words) => {
    expectOffered(answers.get(line) ?? [], words);
  });
});

const fish = "fish";
describe.skipIf(!needs(fish, { for: "completion in fish", get: "apt-get install fish" }))("fish", () => {
  const answers = new Map<string, string[]>();
  beforeAll(() => {
    const asked = cases.map(([line]) => `complete -C '${line}'; echo =====`).join("\n");
    const output = execFileSync(fish, ["--no-config", "-c", `source ${script("fish")}\n${asked}`], {
      cwd: path.join(folder, "work"),
      env: { ...process.env, HOME: folder },
      encoding: "utf8",
    });
    const found = output.split(/^=====\n/m).map((part) => part.split("\n").map((line) => line.split("\t")[0] ?? ""));
    cases.forEach(([line], index) => answers.set(line, found[index] ?? []));
  });

  it.each(cases)("%j", (line, words) => {
    // Folders end with a slash, and a value behind `=` is offered with its option.
    const offered = (answers.get(line) ?? []).map((word) => word.replace(/\/$/, "").replace(/^--\w+=/, ""));
    expectOffered(offered, words);
  });
});

/** Types into a shell in a terminal as soon as it asks for something; gives the words with which it ran `twolane`. */
function typeInto(shell: string, args: readonly string[], keys: string): Promise<string> {
  const terminal = spawn(shell, [...args], {
    cwd: path.join(folder, "work"),
    cols: 200,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ZDOTDIR: folder, TERM: "xterm", INPUTRC: "/dev/null" },
  });
  const ran = new Promise<string>((resolve) => {
    let seen = "";
    terminal.onData((text) => {
      const wasReady = seen.includes("ready-now");
      seen += text;
      if (!wasReady && seen.includes("ready-now")) terminal.write(keys);
      const words = /RAN:(.*?):/.exec(seen)?.[1];
      if (words !== undefined) resolve(words);
    });
  });
  return ran.finally(() => terminal.kill("SIGKILL"));
}

describe("Tab in a terminal", () => {
  const keys = "twolane ru\t--land\ttu\t--sco\tmy\\ fi\t\r";
  const twolane = `twolane() { printf 'RAN:%s:' "$*"; }`;

  it.skipIf(!needs("bash", { for: "completion in bash", get: "apt-get install bash" }))("of bash", async () => {
    const file = path.join(folder, "bashrc");
    writeFileSync(file, `source ${script("bash")}\n${twolane}\nPS1='ready-now> '\n`);
    expect(await typeInto("bash", ["--noprofile", "--rcfile", file, "-i"], keys)).toBe("run --landing turn --scope my file.txt");
  });

  it.skipIf(!needs("zsh", { for: "completion in zsh", get: "apt-get install zsh" }))("of zsh", async () => {
    writeFileSync(
      path.join(folder, ".zshrc"),
      `autoload -U compinit; compinit -u -D\nsource ${script("zsh")}\n${twolane}\nPROMPT='ready-now> '\n`,
    );
    expect(await typeInto("zsh", ["-d", "-i"], keys)).toBe("run --landing=turn --scope=my file.txt");
    expect(await typeInto("zsh", ["-d", "-i"], "twolane --mode=st\t --con\t\r")).toBe("--mode=step --continue");
    expect(await typeInto("zsh", ["-d", "-i"], "twolane comp\tfi\t\r")).toBe("completion fish");
    expect(await typeInto("zsh", ["-d", "-i"], "twolane --cwd my\t dem\t--pa\t65\r")).toBe("--cwd my folder demo --pace=65");
  });

  it.skipIf(!needs(fish, { for: "completion in fish", get: "apt-get install fish" }))("of fish", async () => {
    const setUp = `source ${script("fish")}; function twolane; printf 'RAN:%s:' "$argv"; end; function fish_prompt; echo 'ready-now> '; end`;
    expect(await typeInto(fish, ["--no-config", "-C", setUp], keys)).toBe("run --landing turn --scope my file.txt");
  });
});
