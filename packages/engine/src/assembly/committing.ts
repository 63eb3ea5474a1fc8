/** The session's commits: what the hunks did is read from the journal, git is asked in the workspace. */
import path from "node:path";
import { type CommitMade, type EventBody, type HunkId, type Result, type TurnId, fail } from "@twolane/protocol";
import { CommitDesk, type CommitDeps } from "../commit/desk.ts";
import type { UnfinishedCommit } from "../commit/unfinished.ts";
import type { Reviewer } from "../edits/review/reviewer.ts";
import { diskFiles } from "../host/disk.ts";
import { branchOf, headCommit, headFiles, operationUnderWay } from "../host/git-state.ts";
import { openGit } from "../host/git.ts";
import { isExecutable, readTextNow, removeFiles, writeTextNow } from "../host/user-files.ts";
import { systemProcesses } from "../host/process.ts";
import { type Watcher, watchFiles } from "../host/watch.ts";
import type { Journal } from "../journal/journal.ts";
import { type StateFolder, listSessions, ownership } from "../journal/state-folder.ts";
import { shortId } from "../std/ids.ts";
import { readModelConfig } from "../models/catalog.ts";
import type { FormatterParts } from "./formatting.ts";
import { isOnDisk } from "./rewind.ts";
import type { SessionParts } from "./session-parts.ts";

export interface CommittingParts {
  readonly root: string;
  readonly journal: Journal;
  readonly reviewer: Reviewer;
  readonly promptOf: (turn: TurnId) => string | undefined;
  readonly model: () => string;
  readonly trailer: () => string;
  readonly permit: CommitDeps["permit"];
  readonly session: FormatterParts["session"];
}

export function openCommitDesk({ root, journal, reviewer, session, ...rest }: CommittingParts): CommitDesk {
  return new CommitDesk({
    ...rest,
    git: openGit(root, systemProcesses),
    review: reviewer.review,
    format: formatterLater({ session, reviewer }),
    files: () => committable(root, reviewer),
    busy: () => operationUnderWay(root),
    branch: () => branchOf(root),
    isExecutable: (file) => isExecutable(path.join(root, file)),
    remember: (record) => writeTextNow(recordFile(journal.folder.path), JSON.stringify(record)),
    forget: () => removeFiles(recordFile(journal.folder.path)),
    temporary() {
      const file = path.join(journal.folder.path, `index-${shortId()}`);
      return { path: file, remove: () => removeFiles(file, `${file}.lock`) };
    },
  });
}

/** Loaded by the first commit. */
function formatterLater(parts: FormatterParts): NonNullable<CommitDeps["format"]> {
  let formatter: ReturnType<typeof import("./formatting.ts").formatterFor> | undefined;
  return async (files) => {
    formatter ??= (await import("./formatting.ts")).formatterFor(parts);
    return formatter(files);
  };
}

/** What has to be known of a commit until the person's index has followed it. */
const recordFile = (folder: string): string => path.join(folder, "commit.json");
/** Older sessions have been looked after by others. */
const lookedAt = 10;

export type FinishedCommit = CommitMade & { readonly hunks: readonly HunkId[] };

/** Ends what a crash has left between a commit and the index. Gives the commit of the session `own`, if it was one. */
export async function finishCommits(desk: CommitDesk, state: StateFolder, own: string): Promise<FinishedCommit | undefined> {
  let made: FinishedCommit | undefined;
  for (const folder of listSessions(state).slice(0, lookedAt)) {
    if (folder.id !== own && ownership(folder) === "running") continue;
    const record = parseUnfinished(readTextNow(recordFile(folder.path)));
    if (record === undefined) continue;
    const finished = await desk.finish(record);
    if (!finished.ok) continue;
    removeFiles(recordFile(folder.path));
    if (folder.id === own) made = finished.value;
  }
  return made;
}

function parseUnfinished(text: string | undefined): UnfinishedCommit | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isUnfinished(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Our own file; what has the fields is believed. */
const isUnfinished = (value: unknown): value is UnfinishedCommit =>
  typeof value === "object" &&
  value !== null &&
  "before" in value &&
  "tree" in value &&
  typeof value.tree === "string" &&
  "hunks" in value &&
  Array.isArray(value.hunks) &&
  "files" in value &&
  Array.isArray(value.files);

async function committable(root: string, reviewer: Reviewer) {
  return Promise.all(
    (await reviewer.histories()).map(async ({ path: file, steps }) => {
      const read = await diskFiles.read(path.join(root, ...file.split("/")));
      return { path: file, steps, disk: read.ok ? read.value.bytes : undefined };
    }),
  );
}

/** That hunks were there to be committed, and somebody has just taken the last of them off the disk. */
export async function nothingLeft(reviewer: Reviewer): Promise<Result<never> | undefined> {
  const left = await reviewer.lookOutside();
  if (left.length === 0 || [...reviewer.review.values()].some(isOnDisk)) return undefined;
  const message = "None of the hunks is on disk any more: they were taken back outside of twolane.";
  return fail("COMMIT_NOTHING", message, "`/accept` lands one again.");
}

interface HeadParts {
  readonly root: string;
  readonly desk: CommitDesk;
  readonly reviewer: Reviewer;
  readonly emit: (event: EventBody) => void;
}

/** Tells which hunks are committed: what a crash kept from being told, and what somebody has committed by hand. */
export class HeadWatch {
  private readonly parts: HeadParts;
  private seen: string | undefined;
  private watcher: Watcher | undefined;
  /** One look after the other; who asks meanwhile waits for it. */
  private looking: Promise<void> = Promise.resolve();

  constructor(parts: HeadParts) {
    this.parts = parts;
    this.seen = headCommit(parts.root);
  }

  /** First, before HEAD is looked at. While a session that goes on was closed, somebody may have committed. */
  catchUp(finishing: Promise<FinishedCommit | undefined>, isResumed: boolean): void {
    this.looking = finishing.then((made) => {
      if (made !== undefined) this.tell(made);
      if (isResumed) {
        this.seen = undefined;
        this.follow();
      }
      return this.lookNow();
    });
  }

  /** Before the first hunk there is nothing that a commit could contain. */
  observe(event: EventBody): void {
    if (event.type === "turn.started" || event.type === "turn.ended") void this.look();
    if (event.type === "hunk.landed" && this.watcher === undefined) this.follow();
  }

  /** Resolves when nothing is looked at any more. */
  close(): Promise<void> {
    this.watcher?.close();
    return this.looking;
  }

  private follow(): void {
    this.watcher ??= watchFiles(() => void this.look());
    for (const file of headFiles(this.parts.root)) this.watcher.follow(file);
  }

  /** A commit of ours: nobody looks before it is made, and it is not taken for somebody else's. */
  making<T>(work: () => Promise<Result<T>>): Promise<Result<T>> {
    const made = this.looking.then(async () => {
      await this.lookNow();
      const result = await work();
      if (result.ok) this.seen = headCommit(this.parts.root);
      return result;
    });
    this.looking = made.then(
      () => undefined,
      () => undefined,
    );
    return made;
  }

  look(): Promise<void> {
    const looked = this.looking.then(() => this.lookNow());
    // What cannot be asked now is asked at the next occasion.
    return (this.looking = looked.catch(() => {}));
  }

  private async lookNow(): Promise<void> {
    const { root, desk, reviewer } = this.parts;
    const head = headCommit(root);
    if (head === undefined || head === this.seen) return;
    this.seen = head;
    // It may be on another branch now.
    if (this.watcher !== undefined) this.follow();
    const open = [...reviewer.review.values()].filter(isOnDisk);
    if (open.length === 0) return;
    const hunks = await desk.contained(new Set<HunkId>(open.map(({ hunk }) => hunk.id)));
    if (hunks.length > 0) this.tell({ commit: head, subject: "your own commit", hunks });
  }

  private tell({ commit, subject, hunks }: Omit<FinishedCommit, "output">): void {
    const { reviewer, emit } = this.parts;
    const fresh = hunks.filter((hunk) => reviewer.review.get(hunk)?.commit !== commit);
    for (const hunk of fresh)
      if (reviewer.review.get(hunk)?.state === "landed") emit({ type: "hunk.accepted", hunk, by: "commit" });
    if (fresh.length > 0) emit({ type: "commit.made", commit, subject, hunks: fresh });
  }
}

export function commitTrailer({ choice }: Pick<SessionParts, "choice">): string {
  const config = choice && readModelConfig(choice.input);
  return (config?.ok === true ? config.value.commit.trailer : undefined) ?? "assisted-by";
}
