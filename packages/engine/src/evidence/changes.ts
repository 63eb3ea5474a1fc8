/** Which files a change is about, by git: of the work tree, of the index, since another commit. What the files hold is not asked. */
import { type Result, fail, succeed } from "@twolane/protocol";
import type { Git } from "../host/git.ts";
import { readable } from "../std/text.ts";

export type ChangeOf =
  | { readonly kind: "work tree" }
  | { readonly kind: "staged" }
  /** Since where the branch left this one; what is not committed yet as well. */
  | { readonly kind: "base"; readonly ref: string };

const names = ["--name-only", "--no-renames", "--no-ext-diff", "-z"];

/** A moved file counts at both ends. */
export async function changedFiles(git: Git, of: ChangeOf): Promise<Result<readonly string[]>> {
  if (of.kind === "staged") return listed(git, ["diff", "--cached", ...names]);
  const since = of.kind === "base" ? await forkOf(git, of.ref) : await headOrNothing(git);
  if (!since.ok) return since;
  const tracked = await listed(git, ["diff", ...names, since.value, "--"]);
  if (!tracked.ok) return tracked;
  const fresh = await listed(git, ["ls-files", "--others", "--exclude-standard", "-z"]);
  return fresh.ok ? succeed([...new Set([...tracked.value, ...fresh.value])]) : fresh;
}

async function listed(git: Git, args: readonly string[]): Promise<Result<readonly string[]>> {
  const said = await git.demand({ args });
  return said.ok
    ? succeed(
        readable(said.value)
          .split("\0")
          .filter((name) => name !== ""),
      )
    : said;
}

const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

async function headOrNothing(git: Git): Promise<Result<string>> {
  const head = await git.ask({ args: ["rev-parse", "--verify", "-q", "HEAD^{commit}"] });
  if (!head.ok) return head;
  if (head.value.status === 0) return succeed("HEAD");
  const inside = await git.ask({ args: ["rev-parse", "--git-dir"] });
  if (!inside.ok) return inside;
  return inside.value.status === 0
    ? succeed(emptyTree)
    : fail("NO_REPOSITORY", "There is no git repository here.", "Name the changed files: `twolane test src/price.ts`.");
}

async function forkOf(git: Git, ref: string): Promise<Result<string>> {
  const known = await git.ask({ args: ["rev-parse", "--verify", "-q", "--end-of-options", `${ref}^{commit}`] });
  if (!known.ok) return known;
  if (known.value.status !== 0)
    return fail("USAGE", `There is no commit ${ref}.`, "Name a branch or a commit that is here; fetch it first.");
  const fork = await git.ask({ args: ["merge-base", "HEAD", known.value.stdout.trim()] });
  if (!fork.ok) return fork;
  return succeed(fork.value.status === 0 ? fork.value.stdout.trim() : known.value.stdout.trim());
}
