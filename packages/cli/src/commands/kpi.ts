/** `twolane kpi`: the numbers that show whether low latency helps, each with what it is made of. */
import { exitStatus } from "@twolane/protocol";
import { kpiLines } from "../views/kpi-view.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "kpi",
  usage: "[options]",
  summary:
    "Your own numbers from this workspace's sessions: first token, prompt to commit, corrections, acceptance, and how many cases each is made of.",
  options: [{ form: "--json", text: "one object" }],
  examples: ["twolane kpi", "twolane kpi --json"],
};

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const parsed = readWords("kpi", argv, { allowPositionals: false, options: { json: { type: "boolean" } } });
  const json = !("code" in parsed) && parsed.values.json === true;
  const refuseWith = refuser(io, "kpi", json);
  if ("code" in parsed) return refuseWith(parsed);
  const [{ readKpis }, { figureOf, kpiDefinitions }] = await Promise.all([
    import("@twolane/engine/kpi"),
    import("@twolane/protocol/kpis"),
  ]);
  const read = await readKpis({ cwd: io.cwd, env: io.env });
  if (!read.ok) return refuseWith(read.failure);
  const { at, sessions, samples } = read.value;
  const figures = kpiDefinitions.map((definition) => figureOf(definition, samples));
  const text = json
    ? JSON.stringify({ type: "kpi", at, sessions, figures })
    : kpiLines({ sessions, definitions: kpiDefinitions, figures }, styleOf(io)).join("\n");
  io.stdout.write(`${text}\n`);
  return exitStatus.ok;
}
