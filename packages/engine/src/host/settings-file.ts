/** The user's own settings, written whole or not at all: a reader sees the old text or the new one. */
import fs from "node:fs/promises";
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { errorCode } from "./errors.ts";

/** The file that was written: a link to one in somebody's collection of settings stays a link. Keeps the mode; a new file is its owner's alone. */
export async function replaceSettings(file: string, text: string): Promise<Result<string>> {
  const target = await fs.realpath(file).catch(() => file);
  const draft = `${target}.${process.pid}.new`;
  try {
    await fs.mkdir(path.dirname(target), { recursive: true });
    const mode = (await fs.stat(target).catch(() => undefined))?.mode ?? 0o600;
    await fs.writeFile(draft, text, { mode: mode & 0o777, flush: true });
    await fs.rename(draft, target);
    return succeed(target);
  } catch (error) {
    await fs.rm(draft, { force: true }).catch(() => undefined);
    return fail("CONFIG_INVALID", `${file} cannot be written (${errorCode(error) ?? "unknown"}).`, "Check the folder.");
  }
}
