/** Finds a program on the PATH, without starting anything. */
import fs from "node:fs";
import path from "node:path";

export function findProgram(name: string): string | undefined {
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter)) {
    const file = path.join(folder, name);
    // A relative entry of the PATH would lead into whatever folder we are in.
    if (!path.isAbsolute(folder)) continue;
    try {
      fs.accessSync(file, fs.constants.X_OK);
      return file;
    } catch {
      // Then in the next folder.
    }
  }
  return undefined;
}
