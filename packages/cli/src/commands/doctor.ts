/** `twolane doctor`: what works on this machine, what is missing, one line of cure each. */
import { parseArgs } from "node:util";
import { exitStatus } from "@twolane/protocol";
import { doctorLines } from "../views/doctor-view.ts";
import { createStyle } from "../views/style.ts";
import type { CommandHelp, CommandIo } from "./command.ts";
import { refuse } from "./refuse.ts";
import { usageFailure } from "./usage.ts";

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
  let values;
  try {
    ({ values } = parseArgs({ args: [...argv], options: { cwd: { type: "string", short: "C" }, json: { type: "boolean" } } }));
  } catch (error) {
    return refuse(usageFailure(error, "doctor"), { io });
  }
  const { examine } = await import("@twolane/engine/doctor");
  const findings = await examine({ cwd: values.cwd ?? io.cwd, env: io.env });
  if (values.json === true) io.stdout.write(`${JSON.stringify({ type: "doctor.finished", findings })}\n`);
  else io.stdout.write(`${doctorLines(findings, createStyle(io.env, io.stdout.isTTY === true)).join("\n")}\n`);
  return findings.some(({ state }) => state === "broken") ? exitStatus.failed : exitStatus.ok;
}
