/** What a commit of the accepted hunks would do to each file, and which hunks it must leave. Asks git; writes nothing. */
import { type HunkId, type Result, type Review, succeed } from "@twolane/protocol";
import type { Git } from "../host/git.ts";
import { readable } from "../std/text.ts";
import { sameBytes } from "../std/bytes.ts";
import { type CommitContent, type CommitFile, type LeftHunk, type RecordedFile, commitContent } from "./content.ts";
import { type HeadTree, type TreeEntry, entriesAt, readHeadTree } from "./tree-entries.ts";
import { type WorkForm, workForm } from "./work-form.ts";

export interface PlannedFile {
  readonly path: string;
  readonly old: TreeEntry | undefined;
  readonly head: WorkForm | undefined;
  readonly content: CommitContent;
}

export interface CommitPlan {
  readonly head: HeadTree;
  readonly files: readonly PlannedFile[];
  readonly hunks: readonly HunkId[];
  readonly left: readonly LeftHunk[];
}

export interface PlanParts {
  readonly git: Git;
  readonly review: Review;
  readonly files: readonly RecordedFile[];
}

export async function planCommit({ git, review, files }: PlanParts): Promise<Result<CommitPlan>> {
  const head = await readHeadTree(git);
  if (!head.ok) return head;
  const all = [...review.values()];
  const committed = new Set(all.filter(({ commit }) => commit !== undefined).map(({ hunk }) => hunk.id));
  const wanted = new Set(all.filter((one) => one.state === "accepted" && one.commit === undefined).map(({ hunk }) => hunk.id));
  const related = withMoves(files, wanted);
  const read = await readFiles(git, head.value.tree, related);
  if (!read.ok) return read;
  const left = new Map<HunkId, string>();
  for (const { recorded, obstacle } of read.value)
    for (const { hunk } of recorded.steps) if (obstacle !== undefined && wanted.has(hunk)) left.set(hunk, obstacle);
  const known = new Set(related.flatMap(({ steps }) => steps.map(({ hunk }) => hunk)));
  for (const hunk of wanted)
    if (!known.has(hunk)) left.set(hunk, "what it did is not in the session's store any more; commit it with git itself");
  const planned = settle(read.value, { wanted, committed, left });
  const taken = new Set(planned.filter(changes).flatMap(({ content }) => content.taken));
  for (const { path, content } of planned)
    for (const hunk of content.taken) if (!taken.has(hunk)) left.set(hunk, `HEAD has ${path} already as it would be with it`);
  return succeed({
    head: head.value,
    files: planned,
    hunks: [...wanted].filter((hunk) => taken.has(hunk)),
    left: [...left].map(([hunk, reason]) => ({ hunk, reason })),
  });
}

/** Files that the hunks changed, and those that these were before a move. */
function withMoves(files: readonly RecordedFile[], hunks: ReadonlySet<HunkId>): readonly RecordedFile[] {
  const found = new Set(files.filter(({ steps }) => steps.some(({ hunk }) => hunks.has(hunk))));
  for (const file of found)
    for (const { hunk, creates } of file.steps) {
      const from = creates ? files.find(({ steps }) => steps.some((step) => step.hunk === hunk && step.deletes)) : undefined;
      if (from !== undefined) found.add(from);
    }
  return [...found];
}

interface ReadFile {
  readonly recorded: RecordedFile;
  readonly old: TreeEntry | undefined;
  readonly head: WorkForm | undefined;
  /** Why nothing of it can be committed here. */
  readonly obstacle?: string;
}

async function readFiles(git: Git, tree: string, files: readonly RecordedFile[]): Promise<Result<readonly ReadFile[]>> {
  const paths = files.flatMap(({ path }) => [path, ...foldersOf(path)]);
  const entries = await entriesAt(git, tree, [...new Set(paths)]);
  if (!entries.ok) return entries;
  const strange = await strangeFiles(
    git,
    files.map(({ path }) => path).filter((path) => !entries.value.has(path)),
  );
  if (!strange.ok) return strange;
  const read: ReadFile[] = [];
  for (const recorded of files) {
    const obstacle = obstacleAt(recorded.path, entries.value) ?? strange.value.get(recorded.path);
    const old = obstacle === undefined ? entries.value.get(recorded.path) : undefined;
    const like = recorded.steps.find(({ before }) => before.length > 0)?.before ?? new Uint8Array();
    const head = old === undefined ? succeed(undefined) : await workForm(git, { ...old, path: recorded.path }, like);
    if (!head.ok) return head;
    read.push({ recorded, old, head: head.value, ...(obstacle !== undefined && { obstacle }) });
  }
  return succeed(read);
}

function foldersOf(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

function obstacleAt(path: string, entries: ReadonlyMap<string, TreeEntry>): string | undefined {
  for (const folder of foldersOf(path)) {
    const mode = entries.get(folder)?.mode;
    if (mode === "160000") return `${path} belongs to the submodule ${folder}; commit it there`;
    if (mode !== undefined && mode !== "040000")
      return `${path} lies where git has the file or link ${folder}; commit that change first`;
  }
  switch (entries.get(path)?.mode) {
    case "120000":
      return `${path} is a link in git; commit first that it is a file`;
    case "160000":
      return `${path} is a submodule in git; commit first that it is a file`;
    case "040000":
      return `${path} is a folder in git; commit first that it is gone`;
    default:
      return undefined;
  }
}

/** Of files that HEAD does not have: those that git ignores, and those in a repository of their own. */
async function strangeFiles(git: Git, paths: readonly string[]): Promise<Result<ReadonlyMap<string, string>>> {
  const found = new Map<string, string>();
  if (paths.length === 0) return succeed(found);
  const top = await git.demand({ args: ["rev-parse", "--show-toplevel"] });
  if (!top.ok) return top;
  for (const folder of new Set(paths.flatMap((path) => foldersOf(path).slice(-1)))) {
    const own = await git.ask({ args: ["-C", folder, "rev-parse", "--show-toplevel"] });
    if (!own.ok) return own;
    if (own.value.status !== 0 || own.value.stdout === top.value) continue;
    for (const path of paths)
      if (path.startsWith(`${folder}/`)) found.set(path, `${path} is in a repository of its own; commit it there`);
  }
  const inside = paths.filter((path) => !found.has(path));
  const ignored = await git.ask({ args: ["check-ignore", "-z", "--stdin"], input: inside.map((path) => `${path}\0`).join("") });
  if (!ignored.ok) return ignored;
  for (const name of ignored.value.stdout.split("\0").filter((part) => part !== ""))
    found.set(readable(name), `git ignores ${readable(name)}; \`git add -f\` it first`);
  return succeed(found);
}

interface Sets {
  readonly wanted: ReadonlySet<HunkId>;
  readonly committed: ReadonlySet<HunkId>;
  /** What turns out to have no place is added. */
  readonly left: Map<HunkId, string>;
}

/** A hunk goes with all its files or not at all, and with it what stands on it; so it is tried until nothing more is left. */
function settle(read: readonly ReadFile[], { wanted, committed, left }: Sets): readonly PlannedFile[] {
  const files = read.filter(({ obstacle }) => obstacle === undefined).map((one) => ({ ...one, file: fileOf(one, read) }));
  for (;;) {
    const accepted = new Set([...wanted].filter((hunk) => !left.has(hunk)));
    const planned = files.map(({ recorded, old, head, file }) => ({
      ...{ path: recorded.path, old, head },
      content: commitContent(file, { accepted, committed }),
    }));
    const more = planned.flatMap(({ content }) => content.left);
    if (more.length === 0) return planned.filter(({ content }) => content.taken.length > 0);
    for (const { hunk, reason } of more) if (!left.has(hunk)) left.set(hunk, reason);
  }
}

function fileOf({ recorded, head }: ReadFile, all: readonly ReadFile[]): CommitFile {
  return {
    ...recorded,
    head: head?.bytes,
    movedFrom(hunk) {
      const from = all.find((one) => one.recorded.steps.some((step) => step.hunk === hunk && step.deletes));
      return from && fileOf(from, all);
    },
  };
}

/** Whether the commit changes the file at all. */
export function changes({ head, content }: PlannedFile): boolean {
  if (head === undefined || content.after === undefined) return (head === undefined) !== (content.after === undefined);
  return !sameBytes(head.bytes, content.after);
}
