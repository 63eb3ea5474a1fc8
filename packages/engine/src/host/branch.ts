/** Which branch is checked out, read from git's files: no process is started for it. */
import fs from "node:fs";
import path from "node:path";

/** `undefined` outside of a repository; a short hash where HEAD is detached. */
export function branchOf(root: string): string | undefined {
  const head = headText(root);
  if (head === undefined) return undefined;
  return head.startsWith("ref: ") ? head.slice(5).replace(/^refs\/heads\//, "") : head.slice(0, 9);
}

/** What HEAD says: a reference or a hash. */
function headText(root: string): string | undefined {
  try {
    const mark = path.join(root, ".git");
    const folder = fs.statSync(mark).isDirectory()
      ? mark
      : path.resolve(
          root,
          fs
            .readFileSync(mark, "utf8")
            .replace(/^gitdir:\s*/, "")
            .trim(),
        );
    return fs.readFileSync(path.join(folder, "HEAD"), "utf8").trim();
  } catch {
    return undefined;
  }
}
