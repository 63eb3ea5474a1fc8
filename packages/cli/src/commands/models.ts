/** `twolane models`: what can be reached from here, and how quick it is. */
import type { Measured, ModelDesk } from "@twolane/engine/models";
import { exitStatus, failure } from "@twolane/protocol";
import { measuredLine, modelLines } from "../views/models-view.ts";
import { failureLine } from "../views/run-view.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "models",
  usage: "[--measure [NAME…]] [options]",
  summary:
    "List the models that can be reached: providers with a key, servers on this machine; and all that your lanes and workflows name.",
  options: [
    {
      form: "--measure [NAME…]",
      text: "first token and tokens/s by short real requests, which cost tokens; without NAME those in use",
    },
    { form: "--rounds N", text: "requests for each model, default 3" },
    { form: "--all", text: "all models of a provider, not the first twelve" },
    { form: "--json", text: "one object; with --measure one for each model" },
  ],
  examples: ["twolane models", "twolane models --measure cerebras/gpt-oss-120b", "twolane models --json"],
};

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const parsed = readWords("models", argv, {
    allowPositionals: true,
    options: { measure: { type: "boolean" }, rounds: { type: "string" }, all: { type: "boolean" }, json: { type: "boolean" } },
  });
  const json = !("code" in parsed) && parsed.values.json === true;
  const refuseWith = refuser(io, "models", json);
  if ("code" in parsed) return refuseWith(parsed);
  const { values, positionals } = parsed;
  const rounds = Number(values.rounds ?? "3");
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 20)
    return refuseWith(failure("USAGE", "--rounds must be a whole number from 1 to 20.", "See `twolane help models`."));
  if (positionals.length > 0 && values.measure !== true)
    return refuseWith(failure("USAGE", "A name goes with --measure.", "See `twolane help models`."));
  const { openModelDesk } = await import("@twolane/engine/models");
  const desk = openModelDesk({ env: io.env });
  const write = (line: string): void => void io.stdout.write(`${line}\n`);
  const isAsked = positionals.length > 0;
  if (!isAsked) {
    const providers = await desk.reachable();
    if (!providers.ok) return refuseWith(providers.failure);
    if (values.measure !== true) {
      if (json) write(JSON.stringify({ type: "models.listed", providers: providers.value }));
      else for (const line of modelLines(providers.value, styleOf(io), values.all === true)) write(line);
      return exitStatus.ok;
    }
    positionals.push(...inUse(providers.value));
    if (positionals.length === 0)
      return refuseWith(failure("MODEL_UNKNOWN", "No model is in use here.", "Name one behind --measure."));
  }
  return measureAll({ desk, io, json, rounds, refuseWith }, { names: positionals, isAsked });
}

interface Measuring {
  readonly desk: ModelDesk;
  readonly io: CommandIo;
  readonly json: boolean;
  readonly rounds: number;
  readonly refuseWith: ReturnType<typeof refuser>;
}

interface MeasuredNames {
  readonly names: readonly string[];
  /** They were typed: one that is wrong costs nothing for the others. */
  readonly isAsked: boolean;
}

async function measureAll(page: Measuring, { names, isAsked }: MeasuredNames): Promise<number> {
  const { desk, io, json, rounds, refuseWith } = page;
  const faults = names.flatMap((name) => {
    const fault = desk.faultOf(name);
    return fault === undefined ? [] : [{ name, fault }];
  });
  const [first] = faults;
  if (first !== undefined && (isAsked || faults.length === names.length)) return refuseWith(first.fault);
  const usable = names.filter((name) => !faults.some((one) => one.name === name));
  if (!json) io.stderr.write(`${rounds} short requests to each of ${usable.join(", ")}; they cost tokens.\n`);
  let good = faults.length === 0;
  const write = (value: Pick<Measured, "model" | "failure">, line: string): void =>
    void io.stdout.write(`${json ? JSON.stringify({ type: "models.measured", ...value }) : line}\n`);
  for (const { name, fault } of faults) write({ model: name, failure: fault }, `${name}  ${failureLine(fault, styleOf(io))}`);
  for (const name of usable) {
    const measured = await desk.measure(name, rounds);
    if (!measured.ok) return refuseWith(measured.failure);
    good &&= measured.value.failure === undefined;
    write(measured.value, measuredLine(measured.value, styleOf(io)));
  }
  return good ? exitStatus.ok : exitStatus.failed;
}

/** One that a lane or workflow uses; of a provider that nothing uses, the first. */
const inUse = (
  providers: readonly { readonly models: readonly { readonly model: string; readonly usedBy: readonly string[] }[] }[],
) =>
  providers.flatMap(({ models }) => {
    const used = models.filter(({ usedBy }) => usedBy.length > 0);
    return (used.length > 0 ? used : models.slice(0, 1)).map(({ model }) => model);
  });
