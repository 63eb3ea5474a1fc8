/** `twolane check`: what the policy says of a change, staged, on disk or of a branch; the same words as in the loop. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { CheckReport } from "@twolane/engine";
import { type ExitReason, type Failure, exitStatus, failure } from "@twolane/protocol";
import { type CheckFormat, checkFormats, formatCheck } from "../views/check-formats.ts";
import { createStyle } from "../views/style.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { readText } from "./read-text.ts";
import { refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "check",
  usage: "[--staged | --base REF] [options]",
  summary: "Tell what the policy says of a change: of the work tree, of what is staged, or of a branch.",
  options: [
    { form: "--staged", text: "what would be committed (default: all that differs from HEAD)" },
    { form: "--base REF", text: "what the branch changed since it left REF; the policy is read from REF" },
    { form: "--head REF", text: "with --base: the branch, default HEAD" },
    { form: "--format NAME", text: `${checkFormats.join(", ")}; default: text` },
    { form: "--output NAME=FILE", text: "write that format to a file as well; repeatable" },
    {
      form: "--reviews FILE",
      text: "with --base: what the forge's API says of the request, as JSON; repeatable; - is standard input",
    },
    { form: "--policy FILE", text: "what would this policy say? It is asked in the place of the project's" },
    { form: "-C, --cwd FOLDER", text: "look there" },
    { form: "--json", text: "the same as --format json" },
  ],
  examples: [
    "twolane check --staged",
    "twolane check --base origin/main",
    "twolane check --base main --output sarif=twolane.sarif",
    "twolane check --base HEAD~1 --policy .twolane/policy.yaml",
  ],
};

const exits: Record<CheckReport["verdict"], ExitReason> = { clean: "ok", held: "held", blocked: "blocked" };

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv);
  const json = !("code" in options) && options.format === "json";
  const refuseWith = refuser(io, "check", json);
  if ("code" in options) return refuseWith(options);
  const given = await readGiven(options, io);
  if ("code" in given) return refuseWith(given);
  const { check } = await import("@twolane/engine/check");
  const progress = startProgress(io);
  const { wish, format, outputs } = options;
  const place = { cwd: options.cwd ?? io.cwd, env: io.env };
  const { reviews, ...instead } = given;
  const asked = wish.kind === "commits" ? { ...wish, reviews } : wish;
  const checked = await check({ ...place, ...instead, wish: asked, onProgress: progress.say });
  progress.end();
  if (!checked.ok) return refuseWith(checked.failure);
  const plain = createStyle({}, false);
  for (const output of outputs) {
    try {
      const text = formatCheck(checked.value, { format: output.format, style: plain });
      // Forges give one file to many steps.
      writeFileSync(path.resolve(io.cwd, output.file), text, { flag: output.format === "markdown" ? "a" : "w" });
    } catch (error) {
      return refuseWith(failure("FILE_UNWRITABLE", `${output.file} cannot be written (${String(Object(error).code)}).`));
    }
  }
  io.stdout.write(formatCheck(checked.value, { format, style: styleOf(io) }));
  return exitStatus[exits[checked.value.verdict]];
}

interface Given {
  readonly reviews: readonly string[];
  readonly instead?: { readonly path: string; readonly text: string };
}

/** The texts of the files that are named. */
async function readGiven({ reviews: names, policy }: Options, io: CommandIo): Promise<Given | Failure> {
  const reviews: string[] = [];
  for (const name of names) {
    const text = await textOf(name, io);
    if (text === undefined) return failure("FILE_MISSING", `${name} cannot be read.`, "Give a file of JSON, or - .");
    reviews.push(text);
  }
  if (policy === undefined) return { reviews };
  const text = await textOf(policy, io);
  if (text === undefined) return failure("FILE_MISSING", `${policy} cannot be read.`, "Give the file of a policy.");
  return { reviews, instead: { path: policy, text } };
}

async function textOf(name: string, { stdin, cwd }: CommandIo): Promise<string | undefined> {
  if (name === "-") return readText(stdin);
  try {
    return readFileSync(path.resolve(cwd, name), "utf8");
  } catch {
    return undefined;
  }
}

interface Output {
  readonly format: CheckFormat;
  readonly file: string;
}

interface Options {
  readonly wish: CheckWish;
  /** Names of files. */
  readonly reviews: readonly string[];
  /** Name of a file. */
  readonly policy?: string;
  readonly format: CheckFormat;
  readonly outputs: readonly Output[];
  readonly cwd?: string;
}

type CheckWish =
  | { readonly kind: "staged" | "work-tree" }
  | { readonly kind: "commits"; readonly base: string; readonly head: string };

function readOptions(argv: readonly string[]): Options | Failure {
  const parsed = readWords("check", argv, {
    options: {
      staged: { type: "boolean" },
      base: { type: "string" },
      head: { type: "string" },
      format: { type: "string" },
      output: { type: "string", multiple: true },
      reviews: { type: "string", multiple: true },
      policy: { type: "string" },
      cwd: { type: "string", short: "C" },
      json: { type: "boolean" },
    },
  });
  if ("code" in parsed) return parsed;
  const { staged = false, base, head, policy, cwd, json, reviews = [] } = parsed.values;
  if (staged && base !== undefined) return failure("USAGE", "--staged and --base exclude each other.", "Name one of them.");
  if (head !== undefined && base === undefined) return failure("USAGE", "--head goes with --base.", "Name the base as well.");
  if (reviews.length > 0 && base === undefined)
    return failure("USAGE", "--reviews goes with --base: at commit nobody can have reviewed it.", "Name the base as well.");
  const format = formatNamed(json === true ? "json" : (parsed.values.format ?? "text"));
  if (typeof format !== "string") return format;
  const outputs: Output[] = [];
  for (const wanted of parsed.values.output ?? []) {
    const [name = "", ...file] = wanted.split("=");
    const named = formatNamed(name);
    if (typeof named !== "string") return named;
    if (file.length === 0) return failure("USAGE", `--output ${wanted} names no file.`, "Write e.g. `--output sarif=FILE`.");
    outputs.push({ format: named, file: file.join("=") });
  }
  const wish: CheckWish =
    base === undefined ? { kind: staged ? "staged" : "work-tree" } : { kind: "commits", base, head: head ?? "HEAD" };
  return { wish, reviews, format, outputs, ...(policy !== undefined && { policy }), ...(cwd !== undefined && { cwd }) };
}

function formatNamed(name: string): CheckFormat | Failure {
  const format = checkFormats.find((one) => one === name);
  return format ?? failure("USAGE", `There is no format \`${name}\`.`, `Name one of ${checkFormats.join(", ")}.`);
}

/** Says what takes time when it takes longer than one waits without asking. */
const patienceMs = 1000;

function startProgress({ stderr }: CommandIo): { say(what: string): void; end(): void } {
  let last = "";
  let shown = false;
  const show = (): void => {
    shown = true;
    if (stderr.isTTY === true) stderr.write(`\r\u001b[K${last} …`);
  };
  const timer = setTimeout(show, patienceMs);
  return {
    say(what) {
      last = what;
      if (shown) show();
    },
    end() {
      clearTimeout(timer);
      if (shown && stderr.isTTY === true) stderr.write("\r\u001b[K");
    },
  };
}
