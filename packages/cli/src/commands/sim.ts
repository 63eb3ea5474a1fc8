/** `twolane sim`: the simulated model server, for any client. */
import { readFile } from "node:fs/promises";
import { exitStatus, failure } from "@twolane/protocol";
import type { CommandHelp, CommandIo } from "./command.ts";
import { refuse } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "sim",
  usage: "[options]",
  summary: "Serve a simulated model on 127.0.0.1: Responses (WebSocket, SSE) and Chat Completions.",
  options: [
    { form: "-p, --port N", text: "default 8790; 0 takes a free one" },
    { form: "--scenario FILE", text: "what it answers, how fast, with which faults (docs/sim.md); default: a built-in one" },
    { form: "--token TEXT", text: "require this key from clients" },
    { form: "--quiet", text: "no line for each request" },
  ],
  examples: [
    "twolane sim --port 8790",
    "export OPENAI_BASE_URL=http://127.0.0.1:8790/v1 OPENAI_API_KEY=none",
    'twolane run -m openai/sim "hello"',
  ],
};

const defaultPort = 8790;

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const refuseWith = (message: string, cure: string): number => refuse(failure("USAGE", message, cure), { io });
  const parsed = readWords("sim", argv, {
    options: {
      port: { type: "string", short: "p" },
      scenario: { type: "string" },
      token: { type: "string" },
      quiet: { type: "boolean" },
    },
  });
  if ("code" in parsed) return refuse(parsed, { io });
  const { values } = parsed;
  const port = Number(values.port ?? defaultPort);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return refuseWith(`--port ${values.port} is not a port.`, "Use a number from 0 to 65535.");
  const { parseScenario, startSim } = await import("@twolane/responses/sim");
  let text: string | undefined;
  try {
    text = values.scenario === undefined ? undefined : await readFile(values.scenario, "utf8");
  } catch {
    return refuseWith(`The scenario ${values.scenario} cannot be read.`, "Check the path.");
  }
  const scenario = parseScenario(text);
  if (!scenario.ok) return refuseWith(`${values.scenario}: ${scenario.message}`, "docs/sim.md describes the file.");
  const log = values.quiet === true ? undefined : (line: string): void => void io.stdout.write(`${line}\n`);
  let sim;
  try {
    sim = await startSim({
      port,
      scenario: scenario.value,
      ...(values.token !== undefined && { token: values.token }),
      ...(log && { log }),
    });
  } catch {
    return refuseWith(`Port ${port} is taken or not allowed.`, "Choose another with --port, or 0 for a free one.");
  }
  io.stdout.write(
    `Simulated model (scripted, not a model) on ${sim.url}/v1 until Ctrl-C\n  OPENAI_BASE_URL=${sim.url}/v1 · twolane run -m sim/scripted with TWOLANE_SIM_URL=${sim.url}\n`,
  );
  await new Promise<void>((resolve) => void io.onInterrupt(() => resolve()));
  await sim.close();
  return exitStatus.ok;
}
