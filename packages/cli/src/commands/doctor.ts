/** `twolane doctor`: what works on this machine, what is missing, one line of cure each. */
import { exitStatus } from "@twolane/protocol";
import { doctorLines } from "../views/doctor-view.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { refuse } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "doctor",
  usage: "[options]",
  summary: "Tell what works on this machine, what is missing, and the cure for each.",
  options: [
    { form: "-C, --cwd FOLDER", text: "look there" },
    { form: "--json", text: "one object" },
  ],
  examples: ["twolane doctor", "twolane doctor --json"],
};

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const parsed = readWords("doctor", argv, { options: { cwd: { type: "string", short: "C" }, json: { type: "boolean" } } });
  if ("code" in parsed) return refuse(parsed, { io });
  const { values } = parsed;
  const { examine } = await import("@twolane/engine/doctor");
  const findings = await examine({ cwd: values.cwd ?? io.cwd, env: io.env });
  if (values.json === true) io.stdout.write(`${JSON.stringify({ type: "doctor.finished", findings })}\n`);
  else io.stdout.write(`${doctorLines(findings, styleOf(io)).join("\n")}\n`);
  return findings.some(({ state }) => state === "broken") ? exitStatus.failed : exitStatus.ok;
}
