/**
 * A lock between processes: one file that is called `free` or carries the name of the process that holds it. Taking and
 * giving back is a rename, which only one can win; a lock whose process is gone, or that is held far longer than any
 * landing takes, is given back by whoever waits.
 */
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { shortId } from "../std/ids.ts";
import { errorCode } from "./errors.ts";
import { isRunning, processIdentity } from "./process.ts";

const staleAfterMs = 10_000;
/** A folder without any lock for so long: whoever wanted to make it died. */
const missingAfterMs = 1_000;
const retryMs = 1;

let ownIdentity: string | undefined;

/** Waits for the lock in `folder` (created if need be) and returns what gives it back. Throws system errors of the folder. */
export async function takeLock(folder: string): Promise<() => void> {
  const free = path.join(folder, "free");
  ownIdentity ??= processIdentity(process.pid) ?? `${process.pid}`;
  const mine = path.join(folder, `${ownIdentity}-${shortId()}`);
  // The usual case first: nobody holds it.
  if (rename(free, mine)) return () => void rename(mine, free);
  if (makeFolder(folder)) fs.writeFileSync(free, "", { mode: 0o600 });
  const seen = { name: "", since: performance.now() };
  while (!rename(free, mine)) {
    const [holder = ""] = fs.readdirSync(folder).filter((name) => name !== "free");
    if (holder !== seen.name) Object.assign(seen, { name: holder, since: performance.now() });
    const waited = performance.now() - seen.since;
    if (holder === "") {
      if (waited > missingAfterMs) fs.writeFileSync(free, "", { mode: 0o600 });
    } else if (!isRunning(holder.replace(/-[0-9a-f]+$/, "")) || waited > staleAfterMs) {
      rename(path.join(folder, holder), free);
    }
    await sleep(retryMs);
  }
  return () => void rename(mine, free);
}

/** True for the one that made it. */
function makeFolder(folder: string): boolean {
  if (fs.existsSync(folder)) return false;
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** False when somebody else was faster. */
function rename(from: string, to: string): boolean {
  try {
    fs.renameSync(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return false;
    throw error;
  }
}
