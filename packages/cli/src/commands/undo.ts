/** `twolane undo`: says which files, then takes landed hunks back, byte for byte. */
import { type Failure, exitStatus, failure } from "@twolane/protocol";
import { undoneLines, undoPlanLines } from "../views/undo-view.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "undo",
  usage: "[options]",
  summary: "Take back the last turn: says which files, then restores every byte. Again: the turn before.",
  options: [
    { form: "--hunk ID", text: "only this hunk of the last session (its id stands at the end of its line)" },
    { form: "--turn ID", text: "only this turn of the last session, e.g. t2" },
    { form: "--session [ID]", text: "everything of the last session, or of the one named" },
    { form: "-n, --dry-run", text: "only say which files" },
    { form: "-C, --cwd FOLDER", text: "work there" },
    { form: "--json", text: "one object with what was planned and done" },
  ],
  examples: ["twolane undo", "twolane undo --hunk h3", "twolane undo --session --dry-run"],
};

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const style = styleOf(io);
  const options = readOptions(argv);
  const refuseWith = refuser(io, "undo", !("code" in options) && options.json);
  if ("code" in options) return refuseWith(options);
  const { openUndo } = await import("@twolane/engine");
  const opened = await openUndo({ cwd: options.cwd ?? io.cwd, env: io.env, selector: options.selector });
  if (!opened.ok) return refuseWith(opened.failure);
  const { plan, apply } = opened.value;
  if (!options.json) io.stdout.write(`${undoPlanLines(plan, { style, dryRun: options.dryRun }).join("\n")}\n`);
  if (options.dryRun) {
    if (options.json) io.stdout.write(`${JSON.stringify({ type: "undo.planned", plan })}\n`);
    return exitStatus.ok;
  }
  const applied = await apply();
  if (!applied.ok) return refuseWith(applied.failure);
  const report = applied.value;
  if (options.json) io.stdout.write(`${JSON.stringify({ type: "undo.finished", plan, report })}\n`);
  else io.stdout.write(`${undoneLines(report, style).join("\n")}\n`);
  return report.held.length > 0 ? exitStatus.held : exitStatus.ok;
}

interface UndoOptions {
  readonly selector: UndoChoice;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly cwd?: string;
}

type UndoChoice =
  | { readonly kind: "last-turn" }
  | { readonly kind: "turn" | "hunk"; readonly id: string }
  | { readonly kind: "session"; readonly session?: string };

function readOptions(argv: readonly string[]): UndoOptions | Failure {
  const parsed = readWords("undo", withOptionalValue(argv, "--session"), {
    options: {
      hunk: { type: "string" },
      turn: { type: "string" },
      session: { type: "string" },
      "dry-run": { type: "boolean", short: "n" },
      cwd: { type: "string", short: "C" },
      json: { type: "boolean" },
    },
  });
  if ("code" in parsed) return parsed;
  const { hunk, turn, session, cwd, json, "dry-run": dryRun } = parsed.values;
  if ([hunk, turn, session].filter((choice) => choice !== undefined).length > 1) {
    return failure("USAGE", "--hunk, --turn and --session exclude each other.", "Name one of them.");
  }
  let selector: UndoChoice = { kind: "last-turn" };
  if (hunk !== undefined) selector = { kind: "hunk", id: hunk };
  if (turn !== undefined) selector = { kind: "turn", id: turn };
  if (session !== undefined) selector = session === "" ? { kind: "session" } : { kind: "session", session };
  return { selector, dryRun: dryRun ?? false, json: json ?? false, ...(cwd !== undefined && { cwd }) };
}

/** `--session` may stand alone; parseArgs only knows options with or without a value. */
function withOptionalValue(argv: readonly string[], name: string): string[] {
  return argv.map((word, index) => (word === name && (argv[index + 1] ?? "-").startsWith("-") ? `${name}=` : word));
}
