/** `twolane policy`: are the files right, what do they say together, and which rule decides on a path, a command or a patch. */
import { readFileSync } from "node:fs";
import path from "node:path";
import type { PolicyDesk } from "@twolane/engine";
import { type Failure, type Verdict, exitStatus, failure, strictest } from "@twolane/protocol";
import { explainedChangeLines, explainedCommandLines, explainedPathLines } from "../views/policy-explain-view.ts";
import { policyTestLines, shownPolicyLines } from "../views/policy-view.ts";
import type { Style } from "../views/style.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { readText } from "./read-text.ts";
import { refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "policy",
  usage: "test | show | explain PATH|COMMAND|PATCH [options]",
  summary: "Check the policy files and their examples, show what they say together, or tell which rule decides.",
  options: [
    { form: "test", text: "read all policy files; every fault with its line and cure. Status 0: all is right, 2: not" },
    { form: "show", text: "all rules that count here, and where each comes from" },
    { form: "explain WHAT", text: "which rule decides, and what would decide without it; `-` reads a patch from standard input" },
    { form: "--as KIND", text: "with explain: path, command or patch; default: seen from WHAT" },
    { form: "-C, --cwd FOLDER", text: "work there" },
    { form: "--json", text: "one object" },
  ],
  examples: [
    "twolane policy test",
    "twolane policy explain src/auth/session.ts",
    'twolane policy explain "npm publish"',
    "git diff | twolane policy explain -",
  ],
};

const kinds = ["path", "command", "patch"] as const;
type Kind = (typeof kinds)[number];

type Wish =
  | { readonly what: "test" | "show" }
  | { readonly what: "explain"; readonly subject: string; readonly kind: Kind | undefined };

interface Options {
  readonly wish: Wish;
  readonly cwd?: string;
  readonly json: boolean;
}

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv);
  const refuseWith = refuser(io, "policy", !("code" in options) && options.json);
  if ("code" in options) return refuseWith(options);
  const { openPolicyDesk } = await import("@twolane/engine/policy");
  const cwd = options.cwd ?? io.cwd;
  const opened = await openPolicyDesk({ cwd, env: io.env });
  if (!opened.ok) return refuseWith(opened.failure);
  const answer = await answerOf(opened.value, options.wish, { io, cwd, style: styleOf(io) });
  if ("code" in answer) return refuseWith(answer);
  const untrusted = options.wish.what !== "test" && !opened.value.trusted && hasProjectFile(opened.value);
  const notes = untrusted ? [untrustedLine, ""] : [];
  const json = { ...answer.json, trusted: opened.value.trusted };
  io.stdout.write(options.json ? `${JSON.stringify(json)}\n` : `${[...notes, ...answer.lines].join("\n")}\n`);
  return answer.status;
}

const untrustedLine =
  "This workspace is not trusted: what .twolane/policy.yaml allows does not count, what it holds and blocks does. `twolane trust` changes that.";

const hasProjectFile = ({ files }: PolicyDesk): boolean =>
  files.some(({ kind, found }) => kind === "project" && found !== "absent");

interface Answer {
  readonly lines: readonly string[];
  readonly json: object;
  readonly status: number;
}

interface Around {
  readonly io: CommandIo;
  readonly cwd: string;
  readonly style: Style;
}

async function answerOf(desk: PolicyDesk, wish: Wish, around: Around): Promise<Answer | Failure> {
  const { style } = around;
  switch (wish.what) {
    case "test": {
      const status = desk.judge.ok ? exitStatus.ok : exitStatus.usage;
      return { lines: policyTestLines(desk.files, style), json: { type: "policy.tested", files: desk.files }, status };
    }
    case "show": {
      if (!desk.judge.ok) return desk.judge.failure;
      const { layers, secrets, tests, audit, format } = desk.judge.value;
      const json = { type: "policy.shown", layers, secrets, tests, audit, ...(format && { format }) };
      return { lines: shownPolicyLines(desk.judge.value, style), json, status: exitStatus.ok };
    }
    case "explain":
      return explain(desk, wish, around);
  }
}

async function explain(
  desk: PolicyDesk,
  { subject, kind }: Extract<Wish, { what: "explain" }>,
  { io, cwd, style }: Around,
): Promise<Answer | Failure> {
  switch (kind ?? kindOf(subject)) {
    case "path": {
      const explained = desk.path(subject);
      if (!explained.ok) return explained.failure;
      const lines = explainedPathLines(explained.value, style);
      return { lines, json: { type: "path.explained", ...explained.value }, status: statusOf(explained.value.change) };
    }
    case "command": {
      const explained = desk.command(subject);
      if (!explained.ok) return explained.failure;
      const lines = explainedCommandLines(subject, explained.value, style);
      const json = { type: "command.explained", line: subject, ...explained.value };
      return { lines, json, status: statusOf([explained.value.verdict]) };
    }
    case "patch": {
      const text = subject === "-" ? await readText(io.stdin) : readPatch(path.resolve(cwd, subject));
      if (typeof text !== "string") return text;
      const explained = await desk.change(text);
      if (!explained.ok) return explained.failure;
      const lines = explainedChangeLines(explained.value, style);
      const json = { type: "change.explained", hunks: explained.value };
      return { lines, json, status: statusOf(explained.value.flatMap(({ refusals }) => refusals)) };
    }
  }
}

/** A patch is named by its file's ending or comes on standard input; a command has blanks. */
function kindOf(subject: string): Kind {
  if (subject === "-" || /\.(?:diff|patch)$/.test(subject)) return "patch";
  return /\s/.test(subject.trim()) ? "command" : "path";
}

function readPatch(file: string): string | Failure {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    return failure("FILE_MISSING", `${file} cannot be read (${String(Object(error).code)}).`);
  }
}

function statusOf(verdicts: readonly Verdict[]): number {
  const { decision } = strictest(verdicts);
  return decision === "allow" ? exitStatus.ok : decision === "hold" ? exitStatus.held : exitStatus.blocked;
}

function readOptions(argv: readonly string[]): Options | Failure {
  const parsed = readWords("policy", argv, {
    allowPositionals: true,
    options: { as: { type: "string" }, cwd: { type: "string", short: "C" }, json: { type: "boolean" } },
  });
  if ("code" in parsed) return parsed;
  const { as, cwd, json = false } = parsed.values;
  const wish = wishOf(parsed.positionals, as);
  return "code" in wish ? wish : { wish, json, ...(cwd !== undefined && { cwd }) };
}

function wishOf([what, subject, ...more]: readonly string[], as: string | undefined): Wish | Failure {
  const see = "See `twolane help policy`.";
  if (what === "test" || what === "show") {
    if (subject !== undefined || as !== undefined) return failure("USAGE", `\`policy ${what}\` takes nothing more.`, see);
    return { what };
  }
  if (what !== "explain")
    return failure("USAGE", what === undefined ? "Say what to do." : `There is no \`policy ${what}\`.`, see);
  if (subject === undefined) return failure("USAGE", "Say what is to be explained.", "Name a path, a command in quotes, or `-`.");
  if (more.length > 0) return failure("USAGE", "More than one thing is to be explained.", "Put a command in quotes.");
  const kind = kinds.find((one) => one === as);
  if (as !== undefined && kind === undefined) return failure("USAGE", `\`--as ${as}\` is none of ${kinds.join(", ")}.`, see);
  return { what, subject, kind };
}
