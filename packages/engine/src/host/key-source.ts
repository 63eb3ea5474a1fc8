/**
 * Reads a model's key from a file or from a command's output, as the user's own configuration says. Each is read once by a process. The key is
 * in nobody's arguments, and what a command writes to its output is never shown.
 */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { errorCode } from "./errors.ts";
import { systemProcesses } from "./process.ts";

export interface KeySource {
  /** For messages, e.g. `keyFile of acme`. */
  readonly name: string;
  readonly file?: string;
  /** Program and arguments; no shell. */
  readonly command?: readonly string[];
}

export interface KeyRead {
  readonly key: string;
  readonly warning?: string;
}

export interface KeyReading {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
}

const usualTimeoutMs = 20_000;
const sizeLimit = 16 * 1024;
const kept = new Map<string, Promise<Result<KeyRead>>>();

/** KEY_MISSING with the reason, or KEY_REFUSED for what no header can carry. A failure is not kept: the next request tries again. */
export function readKey(source: KeySource, options: KeyReading): Promise<Result<KeyRead>> {
  const place = JSON.stringify([source.name, source.file, source.command]);
  const known = kept.get(place);
  if (known !== undefined) return known;
  const reading = source.command === undefined ? fromFile(source, options) : fromCommand(source, options);
  kept.set(place, reading);
  void reading.then((read) => read.ok || kept.delete(place));
  return reading;
}

async function fromFile({ name, file = "" }: KeySource, { env }: KeyReading): Promise<Result<KeyRead>> {
  const full = file.startsWith("~/") ? path.join(env["HOME"] ?? os.homedir(), file.slice(2)) : file;
  try {
    const { mode, size } = await fs.stat(full);
    if (size > sizeLimit) return fail("KEY_REFUSED", `${name}: ${full} is too large for a key.`, "Check the path.");
    const checked = checkKey(await fs.readFile(full, "utf8"), name);
    if (!checked.ok || process.platform === "win32" || (mode & 0o077) === 0) return checked;
    const warning = `Others on this machine can read the key in ${full}: \`chmod 600 ${full}\`.`;
    return succeed({ ...checked.value, warning });
  } catch (error) {
    return fail(
      "KEY_MISSING",
      `${name}: ${full} cannot be read (${errorCode(error) ?? "unknown"}).`,
      "Write the key into that file.",
    );
  }
}

async function fromCommand({ name, command = [] }: KeySource, options: KeyReading): Promise<Result<KeyRead>> {
  const { env, timeoutMs = usualTimeoutMs } = options;
  const [program = "", ...args] = command;
  const outcome = await systemProcesses.run({
    ...{ command: program, args, cwd: env["HOME"] ?? os.homedir(), env, timeoutMs, outputLimit: sizeLimit, endsWithUs: true },
  });
  const cure = `Try \`${program}\` in a terminal.`;
  if (outcome.kind === "missing") return fail("KEY_MISSING", `${name}: ${program} cannot be started (${outcome.code}).`, cure);
  const said = lastLine(outcome.stderr);
  const why = said === "" ? "" : `: ${said}`;
  if (outcome.kind === "killed")
    return fail("KEY_MISSING", `${name}: ${program} gave no key within ${Math.ceil(timeoutMs / 1000)} s${why}`, cure);
  if (outcome.status !== 0) return fail("KEY_MISSING", `${name}: ${program} ended with status ${outcome.status}${why}`, cure);
  return checkKey(outcome.stdout, name);
}

function checkKey(text: string, name: string): Result<KeyRead> {
  const key = text.trim();
  if (key === "") return fail("KEY_MISSING", `${name} gave no key.`, "Check the configuration (docs/models.md).");
  if (/^[\x21-\x7e]+$/.test(key)) return succeed({ key });
  return fail(
    "KEY_REFUSED",
    `${name} gave more than one line, or characters that no key has.`,
    "It must give the key and nothing else.",
  );
}

const lastLine = (text: string): string =>
  (text.trim().split(/\r?\n/).at(-1) ?? "").replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, " ").slice(0, 300);
