/** Whether a repository's index names contents as they are on disk: no attribute and no setting has changed them on their way. */
import path from "node:path";
import type { Git } from "./git.ts";
import { readTextNow } from "./user-files.ts";

/** False where that is not sure. `root`: of the work tree. */
export async function isPlainIndex(git: Git, root: string): Promise<boolean> {
  const settings = await git.ask({
    args: ["config", "--get-regexp", "^(core\\.(autocrlf|attributesfile)|extensions\\.|filter\\.|remote\\..*\\.promisor)"],
  });
  if (
    !settings.ok ||
    settings.value.stdout.split("\n").some((line) => line !== "" && !line.endsWith(" false") && !line.startsWith("filter.lfs."))
  )
    return false;
  const named = await git.ask({ args: ["ls-files", "-z", "--", ":(glob)**/.gitattributes"] });
  const flags = await git.ask({ args: ["ls-files", "-v"] });
  if (!named.ok || !flags.ok || named.value.status !== 0 || /^(?:[a-z]|S) /m.test(flags.value.stdout)) return false;
  const files = [...named.value.stdout.split("\0").filter((name) => name !== ""), ".gitattributes", ".git/info/attributes"];
  return files.every(
    (file) => !/(?:^|\s)(?:text|filter|ident|eol|crlf|working-tree-encoding)/m.test(readTextNow(path.join(root, file)) ?? ""),
  );
}
