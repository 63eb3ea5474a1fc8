/**
 * Commits exactly the hunks that a person has accepted, and finds in later commits what others committed of them. The work tree is not
 * touched; the person's index changes only in the committed files, so that what was staged and what was not remains.
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
import { diffLines } from "../std/line-diff.ts";
import type { Git } from "../host/git.ts";
import { readable, sentence } from "../std/text.ts";
import { containedSteps } from "./contained.ts";
import type { RecordedFile } from "./content.ts";
import { linesOf } from "./line-owners.ts";
import { type CommitTrailer, draftMessage } from "./message.ts";
import { type CommitPlan, type PlannedFile, changes, planCommit } from "./plan.ts";
import { type ScratchCommit, commitScratch } from "./scratch-commit.ts";
import { type CommittedChange, planStaged } from "./staged.ts";
import { type TreeEntry, entriesAt, isRegular, readHeadTree } from "./tree-entries.ts";
import { type UnfinishedCommit, finishCommit, settleIndex } from "./unfinished.ts";
import { hashForm, workForm } from "./work-form.ts";

export interface CommitDeps {
  readonly git: Git;
  readonly review: Review;
  /** Files that the session's standing hunks changed. */
  readonly files: () => Promise<readonly RecordedFile[]>;
  /** Prompts of turns. */
  readonly promptOf: (turn: TurnId) => string | undefined;
  readonly model: () => string;
  readonly trailer: () => CommitTrailer;
  /** The operation that git is in the middle of. */
  readonly busy: () => string | undefined;
  readonly branch: () => string | undefined;
  readonly isExecutable: (path: string) => boolean;
  /** Whether these bytes may be committed; `undefined` bytes: the file goes. */
  readonly permit: (files: readonly { readonly path: string; readonly bytes: Uint8Array | undefined }[]) => Promise<Result<void>>;
  /** Has the lines of hunks formatted that would be committed, on disk and in the review; says in one line what came of it. */
  readonly format?: (files: readonly FormatWish[]) => Promise<string | undefined>;
  /** Absolute path of a file that does not exist yet, for an index. */
  readonly temporary: () => { readonly path: string; remove(): void };
  /** Keeps the record where a crash cannot reach it, until `forget`; the next start hands it to `finish`. */
  readonly remember?: (record: UnfinishedCommit) => void | Promise<void>;
  readonly forget?: () => void | Promise<void>;
}

/** A file as it would be committed, and the hunks that make it so. */
export interface FormatWish {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly hunks: readonly HunkId[];
}

type Made = CommitMade & { readonly hunks: readonly HunkId[] };

export class CommitDesk {
  private readonly deps: CommitDeps;
  /** Of a commit whose index could not be written, because another git had it locked. */
  private open: UnfinishedCommit | undefined;
  /** Resolves when nothing is being committed or made up for; what is asked meanwhile waits for it. */
  private idle: Promise<unknown> = Promise.resolve();

  constructor(deps: CommitDeps) {
    this.deps = deps;
  }

  draft(): Promise<Result<CommitDraft>> {
    return this.inTurn(() => this.draftNow());
  }

  /** Nothing has changed where it fails. */
  commit(message: string): Promise<Result<Made>> {
    return this.inTurn(() => this.commitNow(message));
  }

  /** What a crash left of a commit, of this session or another one: gives the commit if it is the recorded one, with its hunks. */
  finish(record: UnfinishedCommit): Promise<Result<Made | undefined>> {
    return this.inTurn(() => finishCommit(this.deps.git, record));
  }

  private inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.idle.then(action);
    this.idle = result.catch(() => {});
    return result;
  }

  private async draftNow(): Promise<Result<CommitDraft>> {
    const first = await this.plan();
    if (!first.ok) return first;
    const formatting = await this.deps.format?.(first.value.files.filter(changes).flatMap(wishOf));
    const plan = formatting === undefined ? first : await this.plan();
    if (!plan.ok) return plan;
    const { hunks, left, files } = plan.value;
    const { review, promptOf, model, trailer, branch } = this.deps;
    const turns = [...new Set(hunks.map((hunk) => review.get(hunk)?.hunk.turn ?? ""))];
    const prompts = turns.map(promptOf).filter((prompt) => prompt !== undefined);
    const message = draftMessage({ prompts, model: model(), trailer: trailer() });
    const onto = branch() ?? "HEAD";
    return succeed({ hunks, left, files: files.map(sizesOf), message, onto, ...(formatting !== undefined && { formatting }) });
  }

  private async commitNow(message: string): Promise<Result<Made>> {
    if (message.trim() === "") return fail("COMMIT_NOTHING", "The message is empty.", "Write one line that says what changes.");
    const plan = await this.plan();
    if (!plan.ok) return plan;
    const { head, hunks, left } = plan.value;
    if (hunks.length === 0)
      return fail("COMMIT_NOTHING", left[0] ? `Nothing can be committed: ${left[0].reason}.` : "No hunk is accepted.");
    const permitted = await this.deps.permit(
      plan.value.files.filter(changes).map(({ path, content }) => ({ path, bytes: content.after })),
    );
    if (!permitted.ok) return permitted;
    const files = await this.write(plan.value);
    if (!files.ok) return files;
    const staged = await planStaged(this.deps.git, head.tree, files.value);
    if (!staged.ok) return staged;
    const [overlap] = staged.value.overlaps;
    if (overlap !== undefined) return fail("COMMIT_OVERLAP", `${overlap.path} ${overlap.what}.`);
    const unfinished = {
      ...{ before: head.commit ?? "", hunks },
      files: files.value.map(({ path, next, born }) => {
        const update = staged.value.updates.find((one) => one.path === path);
        return { path, staged: update === undefined ? next : update.staged, ...(born !== undefined && { born }) };
      }),
    };
    return this.carryOut({ head, files: files.value, message }, unfinished);
  }

  /** Hunks that HEAD holds, whoever committed them. */
  contained(hunks: ReadonlySet<HunkId>): Promise<readonly HunkId[]> {
    return this.inTurn(() => this.containedNow(hunks));
  }

  private async containedNow(hunks: ReadonlySet<HunkId>): Promise<readonly HunkId[]> {
    const { git } = this.deps;
    const files = (await this.deps.files()).filter(({ steps }) => steps.some(({ hunk }) => hunks.has(hunk)));
    const head = await readHeadTree(git);
    if (!head.ok) return [];
    const entries = await entriesAt(
      git,
      head.value.tree,
      files.map(({ path }) => path),
    );
    if (!entries.ok) return [];
    const found = new Set<HunkId>();
    const missing = new Set<HunkId>();
    for (const { path, steps } of files) {
      const entry = entries.value.get(path);
      const like = steps.findLast(({ after }) => after.length > 0)?.after ?? new Uint8Array();
      const form = entry === undefined || !isRegular(entry) ? undefined : await workForm(git, { ...entry, path }, like);
      if (form?.ok === false) return [];
      const held = entry !== undefined && form === undefined ? new Set() : containedSteps(form?.value.bytes, steps);
      for (const step of steps) if (hunks.has(step.hunk)) (held.has(step) ? found : missing).add(step.hunk);
    }
    return [...found].filter((hunk) => !missing.has(hunk));
  }

  private async plan(): Promise<Result<CommitPlan>> {
    const { git, review, busy, files } = this.deps;
    const inside = await git.ask({ args: ["rev-parse", "--is-inside-work-tree"] });
    if (!inside.ok) return inside;
    if (inside.value.status !== 0) return fail("NO_REPOSITORY", noRepository(saidBy(inside.value)));
    if (inside.value.stdout.trim() !== "true") return fail("NO_REPOSITORY", "This is a repository without a work tree.");
    const operation = busy();
    if (operation !== undefined) return fail("COMMIT_BUSY", `A ${operation} is under way.`);
    const settled = await this.makeUp();
    if (!settled.ok) return settled;
    return planCommit({ git, review, files: await files() });
  }

  private async makeUp(): Promise<Result<unknown>> {
    if (this.open === undefined) return succeed(undefined);
    const finished = await finishCommit(this.deps.git, this.open);
    if (!finished.ok) return finished;
    this.open = undefined;
    await this.deps.forget?.();
    return finished;
  }

  /** Puts the contents into git, where nothing points to them yet. */
  private async write({ files }: CommitPlan): Promise<Result<readonly CommittedChange[]>> {
    const { git, isExecutable } = this.deps;
    const asked = await git.ask({ args: ["config", "--type=bool", "core.fileMode"] });
    if (!asked.ok) return asked;
    const trustsMode = asked.value.stdout.trim() !== "false";
    const written: CommittedChange[] = [];
    for (const file of files.filter(changes)) {
      const { path, old, head, content } = file;
      const filtered = head?.filtered ?? true;
      const hashOf = (bytes: Uint8Array): Promise<Result<string>> => hashForm(git, path, { bytes, filtered, write: true });
      const { after, born } = content;
      const oid = after && (await hashOf(after));
      if (oid?.ok === false) return oid;
      const first = after && born && (await hashOf(born));
      if (first?.ok === false) return first;
      const mode = trustsMode ? (isExecutable(path) ? "100755" : "100644") : (old?.mode ?? "100644");
      const next: TreeEntry | undefined = oid && { mode, oid: oid.value };
      written.push({ path, old, next, ...(first && { born: first.value }) });
    }
    return succeed(written);
  }

  private async carryOut(
    work: Pick<ScratchCommit, "head" | "files" | "message">,
    unfinished: Omit<UnfinishedCommit, "tree">,
  ): Promise<Result<Made>> {
    const { git, temporary, remember, forget } = this.deps;
    const index = temporary();
    let record: UnfinishedCommit = { ...unfinished, tree: "" };
    const onReady = async (tree: string): Promise<void> => {
      record = { ...unfinished, tree };
      await remember?.(record);
    };
    const made = await commitScratch(git, { ...work, index: index.path, onReady }).finally(() => index.remove());
    if (!made.ok) {
      await forget?.();
      return made;
    }
    const { commit, output } = made.value;
    const settled = await settleIndex(git, { record, from: work.head.tree, commit, later: false });
    if (settled.ok) await forget?.();
    else this.open = record;
    const remarks = settled.ok
      ? settled.value.remarks
      : [`${settled.failure.message} It is brought up to date with the next /commit.`];
    const said = [output.trimEnd(), ...remarks].filter((part) => part !== "").join("\n");
    return succeed({ ...made.value, hunks: unfinished.hunks, output: said });
  }
}

const wishOf = ({ path, content }: PlannedFile): readonly FormatWish[] =>
  content.after === undefined ? [] : [{ path, bytes: content.after, hunks: content.taken }];

function sizesOf({ path, head, content }: PlannedFile): CommitDraft["files"][number] {
  const [old, fresh] = [head?.bytes, content.after].map((bytes) => linesOf(bytes ?? new Uint8Array()));
  const runs = diffLines(old ?? [], fresh ?? []);
  return {
    path,
    added: runs.reduce((sum, run) => sum + run.newEnd - run.newStart, 0),
    removed: runs.reduce((sum, run) => sum + run.end - run.start, 0),
  };
}

/** What git says of a folder without one needs no quotation; of one that it does not trust it does. */
const noRepository = (said: string): string =>
  said.startsWith("not a git repository") ? "There is no git repository here." : `git uses no repository here: ${said}`;

function saidBy({ stderr }: { readonly stderr: string }): string {
  return sentence(
    readable(stderr)
      .trim()
      .replace(/^fatal: /, ""),
  );
}
