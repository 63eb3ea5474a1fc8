/** `twolane apply`: a patch or a model's answer in any dialect, from anywhere, through the same engine. */
import {
  type DialectName,
  type Failure,
  type LandingMode,
  dialectNames,
  exitStatus,
  failure,
  landingModes,
} from "@twolane/protocol";
import { exitReason } from "../state/run-state.ts";
import type { CommandHelp, CommandIo } from "./command.ts";
import { readText } from "./read-text.ts";
import { refuse } from "./refuse.ts";
import { createReporter, refusal } from "./reporter.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "apply",
  usage: "[options] < PATCH",
  summary: "Land a patch or a model's answer from standard input, in any dialect.",
  options: [
    { form: "--dialect NAME", text: `${dialectNames.join(", ")}; default: seen from the text` },
    { form: "-s, --scope PATH", text: "only these paths may change; repeatable" },
    { form: "--landing MODE", text: "hunk (default), file or turn" },
    { form: "-n, --dry-run", text: "show what would land; write nothing" },
    { form: "-C, --cwd FOLDER", text: "work there" },
    { form: "--json", text: "one event a line" },
  ],
  examples: ["twolane apply < fix.patch", "git show HEAD~3 | twolane apply --scope src", "pbpaste | twolane apply --dry-run"],
};

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv);
  const json = !("code" in options) && options.json;
  const refuseWith = (reason: Failure): number => refuse(reason, { io, json: json ? refusal(reason) : undefined });
  if ("code" in options) return refuseWith(options);
  if (io.stdin.isTTY)
    return refuseWith(failure("REQUEST_EMPTY", "There is no patch on standard input.", "Use `twolane apply < PATCH`."));
  const loading = import("@twolane/engine");
  const text = await readText(io.stdin);
  if (text.trim() === "") return refuseWith(failure("REQUEST_EMPTY", "The patch is empty.", "Use `twolane apply < PATCH`."));
  const { openPatch } = await loading;
  const { cwd, dialect, scope, landing, dryRun } = options;
  const opened = await openPatch({ cwd: cwd ?? io.cwd, env: io.env, scope, landing, dryRun, text, ...(dialect && { dialect }) });
  if (!opened.ok) return refuseWith(opened.failure);
  const reporter = createReporter({ io, json, dryRun, showsText: false });
  opened.value.subscribe(reporter.observe);
  const forget = io.onInterrupt(() => opened.value.send({ type: "stop" }));
  opened.value.send({ type: "prompt", text: "apply" });
  await opened.value.idle();
  forget();
  await opened.value.close();
  return exitStatus[exitReason(reporter.finish())];
}

interface ApplyOptions {
  readonly dialect?: DialectName;
  readonly scope: readonly string[];
  readonly landing: LandingMode;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly cwd?: string;
}

function readOptions(argv: readonly string[]): ApplyOptions | Failure {
  const parsed = readWords("apply", argv, {
    options: {
      dialect: { type: "string" },
      scope: { type: "string", short: "s", multiple: true },
      landing: { type: "string" },
      "dry-run": { type: "boolean", short: "n" },
      cwd: { type: "string", short: "C" },
      json: { type: "boolean" },
    },
  });
  if ("code" in parsed) return parsed;
  const { values } = parsed;
  const landing = landingModes.find((mode) => mode === (values.landing ?? "hunk"));
  if (landing === undefined) return failure("USAGE", `--landing ${values.landing} is not one of ${landingModes.join(", ")}.`);
  const dialect = dialectNames.find((name) => name === values.dialect);
  if (values.dialect !== undefined && dialect === undefined) {
    return failure("USAGE", `--dialect ${values.dialect} is not one of ${dialectNames.join(", ")}.`);
  }
  return {
    scope: values.scope ?? [],
    landing,
    dryRun: values["dry-run"] ?? false,
    json: values.json ?? false,
    ...(dialect && { dialect }),
    ...(values.cwd !== undefined && { cwd: values.cwd }),
  };
}
