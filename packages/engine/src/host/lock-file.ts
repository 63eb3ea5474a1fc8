/**
 * A lock between processes: a file that only one can create. Held for milliseconds; one whose process is gone, or that is
 * older than any landing can take, is taken over.
 */
import fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { shortId } from "../std/ids.ts";
import { errorCode } from "./errors.ts";
import { isRunning, processIdentity } from "./process.ts";

const staleAfterMs = 10_000;
const retryMs = 1;

/** Waits for the lock and returns what releases it. Throws system errors of its folder. */
export async function takeLock(path: string): Promise<() => void> {
  const mine = `${processIdentity(process.pid) ?? process.pid}\n${shortId()}\n`;
  while (!create(path, mine)) {
    if (!removeStale(path)) await sleep(retryMs);
  }
  return () => {
    if (contentOf(path) === mine) fs.unlinkSync(path);
  };
}

function create(path: string, content: string): boolean {
  try {
    fs.writeFileSync(path, content, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

function contentOf(path: string): string | undefined {
  try {
    return fs.readFileSync(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** True when the lock may be free now. */
function removeStale(path: string): boolean {
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  if (!stat) return true;
  const seen = contentOf(path);
  if (seen === undefined) return true;
  const age = Date.now() - stat.mtimeMs;
  const owner = seen.split("\n")[0] ?? "";
  // An empty lock is one whose owner is just writing its name, unless it is old.
  const dead = owner !== "" && !isRunning(owner);
  if (!dead && age < staleAfterMs) return false;
  // Two may see the same dead lock. The one that takes away a fresh lock by mistake puts it back.
  const aside = `${path}.${shortId()}`;
  try {
    fs.renameSync(path, aside);
    if (contentOf(aside) !== seen) fs.linkSync(aside, path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT" && errorCode(error) !== "EEXIST") throw error;
  }
  fs.rmSync(aside, { force: true });
  return true;
}
