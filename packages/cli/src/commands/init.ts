/** `twolane init`: drafts a policy from the repository. Asks only in a terminal; what stands there already stays unless it is told. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import type { DraftedPolicy } from "@twolane/engine";
import { type PresetName, presetNames } from "@twolane/policy";
import { type Failure, exitStatus, failure } from "@twolane/protocol";
import { ciLines, draftedLines } from "../views/init-view.ts";
import { type Forge, ciFiles, forges, writeCiFile } from "./ci-file.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "init",
  usage: "[options]",
  summary: "Draft .twolane/policy.yaml from the repository. Asks in a terminal, never when piped.",
  options: [
    { form: "--preset NAME", text: `${presetNames.join(", ")}; default: team` },
    { form: "--ci FORGE", text: `only the workflow file of ${forges.join(" or ")}, which checks each request` },
    { form: "-f, --force", text: "write over what is there" },
    { form: "--print", text: "only print the draft" },
    { form: "-C, --cwd FOLDER", text: "work there" },
    { form: "--json", text: "one object" },
  ],
  examples: ["twolane init", "twolane init --preset solo", "twolane init --print", "twolane init --ci github"],
};

interface Options {
  readonly preset?: PresetName;
  readonly ci?: Forge;
  readonly force: boolean;
  readonly print: boolean;
  readonly json: boolean;
  readonly cwd?: string;
}

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv);
  const refuseWith = refuser(io, "init", !("code" in options) && options.json);
  if ("code" in options) return refuseWith(options);
  const asks = io.stdin.isTTY === true && io.stdout.isTTY === true && !options.print && !options.json && options.ci === undefined;
  const preset = options.preset ?? (asks ? await askPreset(io) : "team");
  const { draftPolicyFor } = await import("@twolane/engine/init");
  const drafted = await draftPolicyFor({ cwd: options.cwd ?? io.cwd }, preset);
  if (!drafted.ok) return refuseWith(drafted.failure);
  if (options.print) {
    io.stdout.write(drafted.value.text);
    return exitStatus.ok;
  }
  const { ci } = options;
  if (ci !== undefined) {
    const failed = writeCiFile(ci, { root: drafted.value.root, over: options.force });
    if (failed !== undefined) return refuseWith(failed);
    io.stdout.write(
      options.json ? `${JSON.stringify({ type: "init.finished", file: ciFiles[ci] })}\n` : `${ciLines(ciFiles[ci]).join("\n")}\n`,
    );
    return exitStatus.ok;
  }
  const refused = writeDraft(drafted.value, options.force || (asks && (await askOver(io, drafted.value.root))));
  if (refused !== undefined) return refuseWith(refused);
  const { findings, text, root } = drafted.value;
  if (options.json) io.stdout.write(`${JSON.stringify({ type: "init.finished", root, preset, findings, text })}\n`);
  else io.stdout.write(`${draftedLines({ findings, preset }, styleOf(io)).join("\n")}\n`);
  return exitStatus.ok;
}

const policyPath = ".twolane/policy.yaml";
const schemaPath = ".twolane/policy.schema.json";

function writeDraft({ root, text, schema }: DraftedPolicy, over: boolean): Failure | undefined {
  try {
    mkdirSync(path.join(root, ".twolane"), { recursive: true });
    writeFileSync(path.join(root, policyPath), text, { flag: over ? "w" : "wx" });
    writeFileSync(path.join(root, schemaPath), schema);
    return undefined;
  } catch (error) {
    const code = String(Object(error).code);
    if (code === "EEXIST")
      return failure(
        "FILE_EXISTS",
        `${policyPath} is there already.`,
        "See the draft with --print, or write over it with --force.",
      );
    if (Object(error).code === undefined) throw error;
    return failure("FILE_UNWRITABLE", `${policyPath} cannot be written (${code}).`);
  }
}

/** Enter takes the first; what is no answer is asked again. */
async function askPreset(io: CommandIo): Promise<PresetName> {
  const answers = createInterface({ input: io.stdin, output: io.stdout });
  try {
    for (;;) {
      const answer = (await answers.question("Which preset: team, solo or strict? [team] ")).trim().toLowerCase();
      const preset = answer === "" ? "team" : presetNames.find((name) => name === answer);
      if (preset !== undefined) return preset;
    }
  } finally {
    answers.close();
  }
}

async function askOver(io: CommandIo, root: string): Promise<boolean> {
  if (!existsSync(path.join(root, policyPath))) return false;
  const answers = createInterface({ input: io.stdin, output: io.stdout });
  try {
    return /^y(?:es)?$/i.test((await answers.question(`${policyPath} is there already. Write over it? [n] `)).trim());
  } finally {
    answers.close();
  }
}

function readOptions(argv: readonly string[]): Options | Failure {
  const parsed = readWords("init", argv, {
    options: {
      preset: { type: "string" },
      ci: { type: "string" },
      force: { type: "boolean", short: "f" },
      print: { type: "boolean" },
      json: { type: "boolean" },
      cwd: { type: "string", short: "C" },
    },
  });
  if ("code" in parsed) return parsed;
  const { preset: asked, ci: wanted, force = false, print = false, json = false, cwd } = parsed.values;
  const preset = presetNames.find((name) => name === asked);
  if (asked !== undefined && preset === undefined)
    return failure("USAGE", `There is no preset \`${asked}\`.`, `Name one of ${presetNames.join(", ")}.`);
  const ci = forges.find((name) => name === wanted);
  if (wanted !== undefined && ci === undefined)
    return failure("USAGE", `There is no workflow file for \`${wanted}\`.`, `Name one of ${forges.join(", ")}.`);
  return { force, print, json, ...(ci && { ci }), ...(preset && { preset }), ...(cwd !== undefined && { cwd }) };
}
