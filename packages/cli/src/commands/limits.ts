/** `twolane limits`: what is left of every limit that a provider has told of, and what was spent. */
import { exitStatus } from "@twolane/protocol";
import { limitsLines } from "../views/limits-view.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { refuse, refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "limits",
  usage: "[options]",
  summary:
    "What is left of the providers' limits, as they last said, when it is reset, and what was spent. Nothing is asked of anybody.",
  options: [{ form: "--json", text: "one object" }],
  examples: ["twolane limits", "twolane limits --json"],
};

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const parsed = readWords("limits", argv, { allowPositionals: false, options: { json: { type: "boolean" } } });
  if ("code" in parsed) return refuse(parsed, { io });
  const json = parsed.values.json === true;
  const { readLimits } = await import("@twolane/engine/limits");
  const read = readLimits(io.env);
  if (!read.ok) return refuser(io, "limits", json)(read.failure);
  const text = json ? JSON.stringify({ type: "limits", ...read.value }) : limitsLines(read.value, styleOf(io)).join("\n");
  io.stdout.write(`${text}\n`);
  return exitStatus.ok;
}
