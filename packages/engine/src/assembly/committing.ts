/** The session's commits: what the hunks did is read from the journal, git is asked in the workspace. */
import path from "node:path";
import type { EventBody, HunkId, TurnId } from "@twolane/protocol";
import type { CommitStep } from "../commit/content.ts";
import { CommitDesk } from "../commit/desk.ts";
import type { UnfinishedCommit } from "../commit/unfinished.ts";
import { fileHistories } from "../edits/review/file-history.ts";
import type { Reviewer } from "../edits/review/reviewer.ts";
import { preimages } from "../edits/undo/preimages.ts";
import { standingSteps } from "../edits/undo/undo-ledger.ts";
import { diskFiles } from "../host/disk.ts";
import { branchOf, headCommit, operationUnderWay } from "../host/git-state.ts";
import { openGit } from "../host/git.ts";
import { isExecutable, readTextNow, removeFiles, writeTextNow } from "../host/user-files.ts";
import { systemProcesses } from "../host/process.ts";
import { type Journal, readJournal } from "../journal/journal.ts";
import { isLandingRecord } from "../journal/records.ts";
import { type StateFolder, listSessions, ownership } from "../journal/state-folder.ts";
import { shortId } from "../std/ids.ts";

export interface CommittingParts {
  readonly root: string;
  readonly journal: Journal;
  readonly reviewer: Reviewer;
  readonly promptOf: (turn: TurnId) => string | undefined;
  readonly model: () => string;
  readonly trailer: () => string;
}

export function openCommitDesk({ root, journal, reviewer, ...rest }: CommittingParts): CommitDesk {
  return new CommitDesk({
    ...rest,
    git: openGit(root, systemProcesses),
    review: reviewer.review,
    files: () => committable(root, journal),
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

/** What has to be known of a commit until the person's index has followed it. */
const recordFile = (folder: string): string => path.join(folder, "commit.json");
/** Older sessions have been looked after by others. */
const lookedAt = 10;

/** Ends what a crash has left between a commit and the index. */
export async function finishCommits(desk: CommitDesk, state: StateFolder, own: string): Promise<void> {
  for (const folder of listSessions(state).slice(0, lookedAt)) {
    if (folder.id !== own && ownership(folder) === "running") continue;
    const record = parseUnfinished(readTextNow(recordFile(folder.path)));
    if (record === undefined) continue;
    const finished = await desk.finish(record);
    if (finished.ok) removeFiles(recordFile(folder.path));
  }
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
  "hunks" in value &&
  "files" in value &&
  Array.isArray(value.files);

async function committable(root: string, journal: Journal) {
  await journal.flush();
  const records = readJournal(journal.folder).lines.filter(isLandingRecord);
  const standing = standingSteps(records);
  const histories = fileHistories(standing, preimages(records, journal));
  return Promise.all(
    histories.map(async ({ path: file, steps }) => {
      const read = await diskFiles.read(path.join(root, ...file.split("/")));
      const removing = new Set(
        standing
          .filter(({ record, index }) => record.path === file && record.postHash === "" && index === record.steps.length - 1)
          .map(({ hunk }) => hunk),
      );
      const own = steps.map((step): CommitStep => ({ ...step, deletes: removing.has(step.hunk) && step.after.length === 0 }));
      return { path: file, steps: own, disk: read.ok ? read.value.bytes : undefined };
    }),
  );
}

/** Looks whether somebody has committed what hunks did, when HEAD is another one than when it was last looked at. */
export class HeadWatch {
  private readonly parts: {
    readonly root: string;
    readonly desk: CommitDesk;
    readonly reviewer: Reviewer;
    readonly emit: (event: EventBody) => void;
  };
  private seen: string | undefined;

  constructor(parts: HeadWatch["parts"]) {
    this.parts = parts;
    this.seen = headCommit(parts.root);
  }

  /** HEAD as it is now was made by us. */
  settle(): void {
    this.seen = headCommit(this.parts.root);
  }

  async look(): Promise<void> {
    const { root, desk, reviewer, emit } = this.parts;
    const head = headCommit(root);
    if (head === undefined || head === this.seen) return;
    this.seen = head;
    const open = [...reviewer.review.values()].filter(
      ({ state, commit }) => commit === undefined && (state === "landed" || state === "accepted"),
    );
    const contained = await desk.contained(new Set<HunkId>(open.map(({ hunk }) => hunk.id)));
    if (contained.length === 0) return;
    for (const hunk of contained)
      if (reviewer.review.get(hunk)?.state === "landed") emit({ type: "hunk.accepted", hunk, by: "commit" });
    emit({ type: "commit.made", commit: head, subject: "your own commit", hunks: contained });
  }
}
