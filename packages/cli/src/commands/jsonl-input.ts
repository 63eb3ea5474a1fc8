/** Commands from another program: one JSON object a line on standard input. */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Command, type Failure, type Result, fail, failure, succeed } from "@twolane/protocol";

/** Longer lines are refused; a prompt of this size would not fit any model. */
const lineLimit = 1024 * 1024;

interface CommandSink {
  send(command: Command): void;
  idle(): Promise<void>;
}

/** Hands every command on as it comes. Resolves when the input has ended and nothing runs any more. */
export async function sendCommands(
  sink: CommandSink,
  options: { readonly input: Readable; readonly refuse: (reason: Failure) => void },
): Promise<undefined> {
  for await (const line of createInterface({ input: options.input, crlfDelay: Infinity })) {
    if (line.trim() === "") continue;
    const command = parseCommand(line);
    if (command.ok) sink.send(command.value);
    else options.refuse(command.failure);
  }
  await sink.idle();
  return undefined;
}

export function parseCommand(line: string): Result<Command> {
  if (line.length > lineLimit)
    return fail("USAGE", `A command of ${line.length} characters is too long.`, "Send at most 1 MiB a line.");
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return {
      ok: false,
      failure: failure(
        "USAGE",
        `Not a JSON object: ${line.slice(0, 60)}`,
        'Send one JSON object a line, e.g. {"type":"prompt","text":"…"}.',
      ),
    };
  }
  const fields = new Map<string, unknown>(typeof value === "object" && value !== null ? Object.entries(value) : []);
  const type = fields.get("type");
  const text = fields.get("text");
  if (type === "stop") return succeed({ type });
  if (type === "prompt" || type === "steer" || type === "queue") {
    return typeof text === "string" && text.trim() !== ""
      ? succeed({ type, text })
      : fail("REQUEST_EMPTY", `The ${type} has no text.`, 'Put it into "text".');
  }
  return fail("USAGE", `Unknown command type ${JSON.stringify(type)}.`, "Use prompt, steer, queue or stop.");
}
