/** A small text that is made once and kept, readable by its owner only. Of several processes that make it at once one counts. */
import fs from "node:fs";
import { readTextNow } from "./user-files.ts";

/** Where it cannot be kept, it holds for this process. */
export function keptText(path: string, make: () => string): string {
  const kept = readTextNow(path);
  if (kept !== undefined && kept !== "") return kept;
  const text = make();
  try {
    fs.writeFileSync(path, text, { mode: 0o600, flag: "wx", flush: true });
    return text;
  } catch {
    return readTextNow(path) || text;
  }
}
