/** `twolane connect URL`: finds out what a server speaks, and writes it into the configuration. */
import { createInterface } from "node:readline/promises";
import { type Failure, exitStatus, failure } from "@twolane/protocol";
import { connectionLines } from "../views/models-view.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "connect",
  usage: "URL [options]",
  summary:
    "Find out which wire a model server speaks, which models it has and whether it goes on with a conversation; keep it under a name.",
  options: [
    { form: "--save NAME", text: "write it into your config.json as the provider NAME; asked for in a terminal" },
    { form: "--key-env NAME", text: "the variable that holds the key; the key itself is never an argument" },
    { form: "--model NAME", text: "the model to try, default the first of its list" },
    { form: "--wire WIRE", text: "responses, chat or messages, in place of the best that is found" },
    { form: "--no-try", text: "send no real request (two short ones for each wire cost a few tokens)" },
    { form: "--json", text: "one object" },
  ],
  examples: [
    "twolane connect http://127.0.0.1:8000/v1 --save vllm-box",
    "twolane connect https://models.acme.example/v1 --key-env ACME_API_KEY --save acme",
  ],
};

const wires = ["responses", "chat", "messages"] as const;

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const parsed = readWords("connect", argv, {
    ...{ allowPositionals: true, allowNegative: true },
    options: {
      ...{ save: { type: "string" }, "key-env": { type: "string" }, model: { type: "string" }, wire: { type: "string" } },
      ...{ try: { type: "boolean" }, json: { type: "boolean" } },
    },
  });
  const json = !("code" in parsed) && parsed.values.json === true;
  const refuseWith = refuser(io, "connect", json);
  if ("code" in parsed) return refuseWith(parsed);
  const { values, positionals } = parsed;
  const wrong = wrongWords(positionals, values);
  if (wrong !== undefined) return refuseWith(wrong);
  const { save, "key-env": keyEnv, model } = values;
  const wire = wires.find((one) => one === values.wire);
  const { openModelDesk } = await import("@twolane/engine/models");
  const desk = openModelDesk({ env: io.env });
  const found = await desk.connect({
    ...{ address: positionals[0] ?? "", tries: values.try !== false },
    ...(keyEnv !== undefined && { keyEnv }),
    ...(model !== undefined && { model }),
    ...(wire && { wire }),
  });
  if (!found.ok) return refuseWith(found.failure);
  const write = (line: string): void => void io.stdout.write(`${line}\n`);
  if (!json) for (const line of connectionLines(found.value, styleOf(io))) write(line);
  const name = save ?? (json || found.value.known !== undefined ? undefined : await askName(io));
  const saved = name === undefined ? undefined : await desk.save(name, found.value);
  if (saved?.ok === false) return refuseWith(saved.failure);
  const provider = name ?? found.value.known;
  const use = `twolane run -m ${provider ?? "NAME"}/${model ?? found.value.models[0]?.name ?? "MODEL"} "…"`;
  if (json)
    write(JSON.stringify({ type: "connect.finished", ...found.value, ...(saved?.ok === true && { saved: saved.value, name }) }));
  else if (saved?.ok === true) write(`${name} is in ${saved.value}. Use it: ${use}`);
  else write(provider === undefined ? "Keep it: the same line with --save NAME." : `Use it: ${use}`);
  return found.value.tried?.failure === undefined ? exitStatus.ok : exitStatus.failed;
}

interface Words {
  readonly "key-env"?: string;
  readonly wire?: string;
}

function wrongWords(positionals: readonly string[], { "key-env": keyEnv, wire }: Words): Failure | undefined {
  const see = "See `twolane help connect`.";
  if (positionals.length !== 1) return failure("USAGE", "Say the address of one server.", see);
  if (wire !== undefined && !wires.some((one) => one === wire))
    return failure("USAGE", `--wire is one of ${wires.join(", ")}.`, see);
  // A key that was given here by mistake is in the process list already; it must not be in the message as well.
  if (keyEnv !== undefined && !/^[A-Za-z_][A-Za-z0-9_]*$/.test(keyEnv))
    return failure("USAGE", "--key-env is the name of a variable, not the key itself.", see);
  return undefined;
}

/** Undefined where there is nobody to ask, or the answer is empty. */
async function askName({ stdin, stdout, stderr }: CommandIo): Promise<string | undefined> {
  if (stdin.isTTY !== true || stdout.isTTY !== true) return undefined;
  const lines = createInterface({ input: stdin, output: stderr });
  const said = await lines.question("Keep it under a name (Enter: no): ");
  lines.close();
  return said.trim() === "" ? undefined : said.trim();
}
