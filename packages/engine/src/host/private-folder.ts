/** Makes a folder that only its user may read, with what is missing above it. */
import fs from "node:fs";
import path from "node:path";

/** Throws system errors. Level by level, because Node's own recursive mkdir never ends below `/proc`. */
export function makePrivateFolder(folder: string): void {
  const missing: string[] = [];
  for (let at = folder; !fs.existsSync(at) && at !== path.dirname(at); at = path.dirname(at)) missing.unshift(at);
  for (const each of missing) {
    try {
      fs.mkdirSync(each, { mode: 0o700 });
    } catch (error) {
      // Another process of ours may have been faster.
      if (!fs.statSync(each, { throwIfNoEntry: false })?.isDirectory()) throw error;
    }
  }
  if (!fs.statSync(folder).isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
}
