/**
 * Commits exactly the hunks that a person has accepted: a tree of its own in an index of its own, then git's own commit with its hooks.
 * The work tree is not touched; the person's index changes only in the committed files, so that what was staged and what was not remains.
 */
import {
  type CommitDraft,
  type CommitMade,
  type HunkId,
  type Result,
  type Review,
  type TurnId,
  fail,
  succeed,
} from "@twolane/protocol";
import type { Git } from "../host/git.ts";
import { merge3 } from "../edits/placing/merge.ts";
import { type CommitContent, type CommitFile, commitContent, contains } from "./content.ts";
import { draftMessage } from "./message.ts";

export interface CommitDeps {
  readonly git: Git;
  readonly review: Review;
  /** Files that the session's standing hunks changed; `head` is left out. */
  readonly files: () => Promise<readonly Omit<CommitFile, "head">[]>;
  /** Prompts of turns. */
  readonly promptOf: (turn: TurnId) => string | undefined;
  readonly model: () => string;
  readonly trailer: () => string;
  /** The operation that git is in the middle of. */
  readonly busy: () => string | undefined;
  readonly branch: () => string | undefined;
  readonly isExecutable: (path: string) => boolean;
  /** Absolute path of a file that does not exist yet, for an index. */
  readonly temporary: () => { readonly path: string; remove(): void };
}

/** A file as it is to be committed. */
interface Planned extends CommitContent {
  readonly path: string;
  readonly head: TreeEntry | undefined;
  readonly headBytes: Uint8Array | undefined;
}

interface TreeEntry {
  readonly mode: string;
  readonly oid: string;
}

interface Plan {
  readonly planned: readonly Planned[];
  readonly hunks: readonly HunkId[];
  readonly left: CommitDraft["left"];
}

const noEntry = "0000000000000000000000000000000000000000";

export class CommitDesk {
  private readonly deps: CommitDeps;

  constructor(deps: CommitDeps) {
    this.deps = deps;
  }

  async draft(): Promise<Result<CommitDraft>> {
    const plan = await this.plan();
    if (!plan.ok) return plan;
    const { hunks, left, planned } = plan.value;
    const { review, promptOf, model, trailer, branch } = this.deps;
    const turns = [...new Set(hunks.map((hunk) => review.get(hunk)?.hunk.turn ?? ""))];
    const prompts = turns.map(promptOf).filter((prompt) => prompt !== undefined);
    const files = planned.map(({ path, taken }) => ({ path, ...this.sizes(taken) }));
    const message = draftMessage({ prompts, model: model(), trailer: trailer() });
    return succeed({ hunks, left, files, message, onto: branch() ?? "HEAD" });
  }

  async commit(message: string): Promise<Result<CommitMade & { readonly hunks: readonly HunkId[] }>> {
    if (message.trim() === "") return fail("COMMIT_NOTHING", "The message is empty.", "Write one line that says what changes.");
    const plan = await this.plan();
    if (!plan.ok) return plan;
    const { planned, hunks } = plan.value;
    if (hunks.length === 0) return fail("COMMIT_NOTHING", "No hunk is accepted.");
    const staged = await this.stagedEntries(planned);
    if (!staged.ok) return staged;
    const blobs = await this.writeBlobs(planned);
    if (!blobs.ok) return blobs;
    const after = await this.indexAfter(planned, { staged: staged.value, blobs: blobs.value });
    if (!after.ok) return after;
    const made = await this.commitTree(message, blobs.value);
    if (!made.ok) return made;
    const settled = await this.settleIndex(planned, { staged: staged.value, blobs: blobs.value, after: after.value });
    if (!settled.ok) return settled;
    return succeed({ ...made.value, hunks });
  }

  /** Hunks that HEAD holds, whoever committed them. */
  async contained(hunks: ReadonlySet<HunkId>): Promise<readonly HunkId[]> {
    const found = new Set<HunkId>();
    const missing = new Set<HunkId>();
    for (const file of await this.deps.files()) {
      const own = file.steps.filter(({ hunk }) => hunks.has(hunk));
      if (own.length === 0) continue;
      const head = await this.headBytes(file.path);
      if (!head.ok) return [];
      for (const step of own) (contains(head.value, step) ? found : missing).add(step.hunk);
    }
    return [...found].filter((hunk) => !missing.has(hunk));
  }

  private sizes(taken: readonly HunkId[]): { readonly added: number; readonly removed: number } {
    const hunks = taken.map((id) => this.deps.review.get(id)?.hunk);
    return {
      added: hunks.reduce((sum, hunk) => sum + (hunk?.linesAdded ?? 0), 0),
      removed: hunks.reduce((sum, hunk) => sum + (hunk?.linesRemoved ?? 0), 0),
    };
  }

  private async plan(): Promise<Result<Plan>> {
    const { git, review, busy, files } = this.deps;
    const inside = await git.ask({ args: ["rev-parse", "--is-inside-work-tree"] });
    if (!inside.ok) return inside;
    if (inside.value.status !== 0) return fail("NO_REPOSITORY", "This folder is in no git repository.");
    const operation = busy();
    if (operation !== undefined) return fail("COMMIT_BUSY", `A ${operation} is under way.`);
    const accepted = new Set(
      [...review.values()].filter((one) => one.state === "accepted" && one.commit === undefined).map(({ hunk }) => hunk.id),
    );
    const submodules = await this.submodules();
    const planned: Planned[] = [];
    for (const file of await files()) {
      if (!file.steps.some(({ hunk }) => accepted.has(hunk))) continue;
      const one = await this.planFile(file, { accepted, submodules });
      if (!one.ok) return one;
      planned.push(one.value);
    }
    const left = planned.flatMap((one) => one.left);
    const refused = new Set(left.map(({ hunk }) => hunk));
    const hunks = [...accepted].filter((hunk) => !refused.has(hunk) && planned.some(({ taken }) => taken.includes(hunk)));
    return succeed({ planned: planned.filter(({ taken }) => taken.length > 0), hunks, left });
  }

  private async planFile(
    file: Omit<CommitFile, "head">,
    { accepted, submodules }: { readonly accepted: ReadonlySet<HunkId>; readonly submodules: readonly string[] },
  ): Promise<Result<Planned>> {
    const { path } = file;
    const none = { path, head: undefined, headBytes: undefined, after: undefined, taken: [] };
    const refuse = (reason: string): Result<Planned> =>
      succeed({ ...none, left: file.steps.filter(({ hunk }) => accepted.has(hunk)).map(({ hunk }) => ({ hunk, reason })) });
    const submodule = submodules.find((folder) => path.startsWith(`${folder}/`));
    if (submodule !== undefined) return refuse(`${path} belongs to the submodule ${submodule}; commit it there`);
    const head = await this.headEntry(path);
    if (!head.ok) return head;
    if (head.value?.mode === "120000") return refuse(`${path} is a link in git`);
    const bytes = await this.headBytes(path);
    if (!bytes.ok) return bytes;
    return succeed({
      path,
      head: head.value,
      headBytes: bytes.value,
      ...commitContent({ ...file, head: bytes.value }, accepted),
    });
  }

  private async submodules(): Promise<readonly string[]> {
    const listed = await this.deps.git.ask({ args: ["ls-files", "-s", "-z"] });
    if (!listed.ok || listed.value.status !== 0) return [];
    return entries(listed.value.stdout).flatMap(({ entry, path }) => (entry.mode === "160000" ? [path] : []));
  }

  private async headEntry(path: string): Promise<Result<TreeEntry | undefined>> {
    const listed = await this.deps.git.ask({ args: ["ls-tree", "-z", "HEAD", "--", `:(top,literal)${path}`] });
    if (!listed.ok) return listed;
    const [line = ""] = listed.value.stdout.split("\0");
    const [, mode, oid] = /^(\d{6}) \S+ ([0-9a-f]+)\t/.exec(line) ?? [];
    return succeed(mode === undefined || oid === undefined ? undefined : { mode, oid });
  }

  /** As a checkout would write it. */
  private async headBytes(path: string): Promise<Result<Uint8Array | undefined>> {
    const shown = await this.deps.git.ask({ args: ["cat-file", "--filters", `HEAD:${path}`] });
    if (!shown.ok) return shown;
    return succeed(shown.value.status === 0 ? Buffer.from(shown.value.stdout, "latin1") : undefined);
  }

  /** What the person's index has of these files; COMMIT_OVERLAP where one is unmerged. */
  private async stagedEntries(planned: readonly Planned[]): Promise<Result<ReadonlyMap<string, TreeEntry>>> {
    const listed = await this.deps.git.demand({
      args: ["ls-files", "-s", "-z", "--", ...planned.map(({ path }) => `:(top,literal)${path}`)],
    });
    if (!listed.ok) return listed;
    const staged = new Map<string, TreeEntry>();
    for (const { path, entry, stage } of entries(listed.value)) {
      if (stage !== "0")
        return fail("COMMIT_OVERLAP", `${path} has conflicts that are not resolved.`, "Resolve them and `git add` it first.");
      staged.set(path, entry);
    }
    return succeed(staged);
  }

  private async writeBlobs(planned: readonly Planned[]): Promise<Result<ReadonlyMap<string, TreeEntry | undefined>>> {
    const blobs = new Map<string, TreeEntry | undefined>();
    for (const { path, after, head } of planned) {
      if (after === undefined) {
        blobs.set(path, undefined);
        continue;
      }
      const written = await this.deps.git.demand({ args: ["hash-object", "-w", "--stdin", `--path=${path}`], input: after });
      if (!written.ok) return written;
      const usual = head?.mode ?? "100644";
      blobs.set(path, {
        oid: written.value.trim(),
        mode: this.deps.isExecutable(path) ? "100755" : head === undefined ? "100644" : usual,
      });
    }
    return succeed(blobs);
  }

  /** What the index is to have of each file; undefined: as it is. COMMIT_OVERLAP where both changed the same lines. */
  private async indexAfter(
    planned: readonly Planned[],
    {
      staged,
      blobs,
    }: { readonly staged: ReadonlyMap<string, TreeEntry>; readonly blobs: ReadonlyMap<string, TreeEntry | undefined> },
  ): Promise<Result<ReadonlyMap<string, TreeEntry | undefined>>> {
    const after = new Map<string, TreeEntry | undefined>();
    for (const { path, head } of planned) {
      const [index, next] = [staged.get(path), blobs.get(path)];
      if (index?.oid === next?.oid || (head === undefined && index !== undefined)) continue;
      if (index?.oid === head?.oid) {
        after.set(path, next);
        continue;
      }
      const merged = await this.mergeStaged({ head, index, next });
      if (!merged.ok) return merged;
      if (merged.value === undefined)
        return fail(
          "COMMIT_OVERLAP",
          `${path} has staged changes on the lines that are to be committed.`,
          "Commit or unstage them first.",
        );
      after.set(path, merged.value);
    }
    return succeed(after);
  }

  private async mergeStaged({
    head,
    index,
    next,
  }: Record<"head" | "index" | "next", TreeEntry | undefined>): Promise<Result<TreeEntry | undefined>> {
    if (head === undefined || index === undefined || next === undefined) return succeed(undefined);
    const bytes: Uint8Array[] = [];
    for (const { oid } of [head, index, next]) {
      const blob = await this.deps.git.demand({ args: ["cat-file", "blob", oid] });
      if (!blob.ok) return blob;
      bytes.push(Buffer.from(blob.value, "latin1"));
    }
    const [base, yours, theirs] = bytes;
    const merged = base && yours && theirs && merge3(base, yours, theirs);
    if (merged === undefined || !merged.ok) return succeed(undefined);
    const written = await this.deps.git.demand({ args: ["hash-object", "-w", "--stdin", "--no-filters"], input: merged.bytes });
    return written.ok ? succeed({ mode: index.mode, oid: written.value.trim() }) : written;
  }

  /** In an index of its own, by git itself: hooks, signing, identity and reflog are as ever. */
  private async commitTree(message: string, blobs: ReadonlyMap<string, TreeEntry | undefined>): Promise<Result<CommitMade>> {
    const { git, temporary } = this.deps;
    const index = temporary();
    const env = { GIT_INDEX_FILE: index.path };
    try {
      const hasHead = await git.ask({ args: ["rev-parse", "-q", "--verify", "HEAD"] });
      if (!hasHead.ok) return hasHead;
      const read = await git.demand({ args: ["read-tree", hasHead.value.status === 0 ? "HEAD" : "--empty"], env });
      if (!read.ok) return read;
      const put = await git.demand({ args: ["update-index", "-z", "--index-info"], input: indexInfo(blobs), env });
      if (!put.ok) return put;
      // Hooks that compare with the work tree need to know what is unchanged; a status of 1 only says that something is not.
      await git.ask({ args: ["update-index", "-q", "--refresh"], env });
      const made = await git.ask({ args: ["commit", "--quiet", "--cleanup=whitespace", "-F", "-"], input: message, env });
      if (!made.ok) return made;
      const output = Buffer.from(`${made.value.stdout}${made.value.stderr}`, "latin1").toString("utf8");
      if (made.value.status !== 0) return refusedCommit(output);
      const shown = await git.demand({ args: ["log", "-1", "--format=%H%n%s"] });
      if (!shown.ok) return shown;
      const [commit = "", subject = ""] = Buffer.from(shown.value, "latin1").toString("utf8").split("\n");
      return succeed({ commit, subject, output });
    } finally {
      index.remove();
    }
  }

  /** The person's index, where a hook has not made something else of a file: then what was committed counts. */
  private async settleIndex(
    planned: readonly Planned[],
    {
      staged,
      blobs,
      after,
    }: Record<"staged", ReadonlyMap<string, TreeEntry>> & Record<"blobs" | "after", ReadonlyMap<string, TreeEntry | undefined>>,
  ): Promise<Result<void>> {
    const wanted = new Map(after);
    for (const { path, head } of planned) {
      const committed = await this.headEntry(path);
      if (!committed.ok) return committed;
      const isOurs = committed.value?.oid === blobs.get(path)?.oid;
      if (!isOurs && staged.get(path)?.oid === head?.oid) wanted.set(path, committed.value);
    }
    if (wanted.size === 0) return succeed(undefined);
    const put = await this.deps.git.demand({ args: ["update-index", "-z", "--index-info"], input: indexInfo(wanted) });
    return put.ok ? succeed(undefined) : put;
  }
}

interface IndexEntry {
  readonly entry: TreeEntry;
  readonly stage: string;
  readonly path: string;
}

/** Of `ls-files -s -z`, read as one character a byte. */
function entries(listing: string): IndexEntry[] {
  return listing.split("\0").flatMap((line) => {
    const [, mode, oid, stage, name] = /^(\d{6}) ([0-9a-f]+) (\d)\t([\s\S]*)$/.exec(line) ?? [];
    if (mode === undefined || oid === undefined || stage === undefined || name === undefined) return [];
    return [{ entry: { mode, oid }, stage, path: Buffer.from(name, "latin1").toString("utf8") }];
  });
}

function indexInfo(wanted: ReadonlyMap<string, TreeEntry | undefined>): string {
  return [...wanted]
    .map(([path, entry]) => (entry === undefined ? `0 ${noEntry}\t${path}\0` : `${entry.mode} ${entry.oid}\t${path}\0`))
    .join("");
}

function refusedCommit(output: string): Result<never> {
  if (/nothing to commit|nothing added to commit/.test(output))
    return fail("COMMIT_NOTHING", "HEAD has these changes already.", "Nothing is left to commit.");
  const said = output.trim();
  return fail("COMMIT_REFUSED", said === "" ? "git refused the commit." : said);
}
