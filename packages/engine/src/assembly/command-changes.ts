/**
 * What a command changed in the workspace: found by holding it against a snapshot, taken into the journal as hunks, judged like those of a
 * stream. What must not stay leaves the disk again and is listed as held.
 */
import path from "node:path";
import { type EventBody, type Result, type ReviewMode, succeed } from "@twolane/protocol";
import type { Refusal } from "@twolane/policy";
import { type Adopted, type AdoptedHunk, type FoundFile, adopt } from "../edits/adopt/adopt.ts";
import type { Lander } from "../edits/landing/lander.ts";
import { planHold, stepHold } from "../edits/landing/landing-review.ts";
import { ReviewGround } from "../edits/review/ground.ts";
import { takeBack } from "../edits/review/take-back.ts";
import { verdictOf } from "../guard/allowances.ts";
import type { CommandInView, CommandWatch, WatchedCall } from "../guard/commands/command-watch.ts";
import { beyondOf, linesForModel } from "../guard/commands/changes-told.ts";
import { diskFiles } from "../host/disk.ts";
import { entryAt, joined, recentChanges, touch } from "../host/entries.ts";
import type { FolderView } from "../host/folder-index.ts";
import { takeLock } from "../host/lock-file.ts";
import { systemProcesses } from "../host/process.ts";
import { Snapshot } from "../host/snapshot.ts";
import { removeFiles, writtenTo } from "../host/user-files.ts";
import type { Journal } from "../journal/journal.ts";
import { type StateFolder, commandMark } from "../journal/state-folder.ts";
import { sortDifferences } from "./found-changes.ts";
import type { LandingGuard } from "./landing.ts";
import { textOf } from "../std/text.ts";

export interface ChangesParts {
  readonly root: string;
  readonly state: StateFolder;
  readonly journal: Journal;
  readonly guard: LandingGuard;
  readonly isUnreadable: (path: string) => boolean;
  readonly running: () => Lander | undefined;
  readonly mode: () => ReviewMode;
  readonly emit: (event: EventBody) => void;
}

export class CommandChanges implements CommandWatch {
  private readonly parts: ChangesParts;
  private readonly snapshot: Snapshot;
  private readonly ground: ReviewGround;
  private prepared: Promise<unknown> = Promise.resolve();
  private hasBegun = false;

  constructor(parts: ChangesParts) {
    this.parts = parts;
    this.ground = new ReviewGround(parts.journal);
    this.snapshot = new Snapshot({
      ...{ root: parts.root, folder: path.join(parts.state.path, "snapshots"), owner: parts.journal.id },
      processes: systemProcesses,
    });
  }

  async prepare(view: FolderView): Promise<void> {
    // Later it would take what a command has changed for what was there before.
    if (this.hasBegun) return;
    this.prepared = this.snapshot.take({ skips: this.parts.isUnreadable, beyond: beyondOf(view) });
    await this.prepared;
  }

  async begin(view: FolderView, call: WatchedCall & { readonly command: string }): Promise<Result<CommandInView>> {
    const { isUnreadable, journal } = this.parts;
    const beyond = beyondOf(view);
    this.hasBegun = true;
    await this.prepared;
    const taken = await this.snapshot.take({ skips: isUnreadable, beyond });
    if (!taken.ok) return taken;
    const { records } = await this.ground.now();
    // Whoever finds this after a crash knows that something may have changed of which the journal says nothing.
    const seen = records.length;
    const folders = [...view.folders.keys(), ...view.repositories];
    const mark = commandMark(journal.folder.path);
    writtenTo(mark, JSON.stringify({ turn: call.turn, unreadable: view.wanted, folders, beyond, seen }));
    touch(`${mark}.stamp`);
    const before = { view, beyond, seen, stamp: `${mark}.stamp` };
    return succeed({
      finish: async (after) => {
        const lines = await this.finish({ ...before, after }, call);
        removeFiles(mark, `${mark}.stamp`);
        return lines;
      },
    });
  }

  close(): void {
    this.snapshot.leave();
  }

  private async finish(around: Around, call: WatchedCall): Promise<readonly string[]> {
    const { root, isUnreadable } = this.parts;
    const [all, view] = await Promise.all([
      this.snapshot.differences({ skips: isUnreadable, beyond: around.beyond }),
      around.after,
    ]);
    if (!all.ok) return [`[What it changed could not be found: ${all.failure.message}]`];
    const beyond = beyondOf({ folders: view.folders, closed: [...view.closed, ...around.beyond] });
    const folders = beyond.filter((folder) => entryAt(joined(root, folder)) !== undefined);
    const recent = await recentChanges(systemProcesses, { root, folders, stamp: around.stamp });
    const found = all.value.filter((one) => !beyond.some((folder) => one.path.startsWith(`${folder}/`)));
    const sorted = await sortDifferences({ root, snapshot: this.snapshot, found, view: around.view, after: view });
    const adopted = await this.adopt(sorted.files, call, around.seen);
    if (!adopted.ok) return [`[What it changed is not in the review: ${adopted.failure.message} ${adopted.failure.cure}]`];
    const told = await this.tell(adopted.value.hunks);
    const outside = [
      ...sorted.outside,
      ...adopted.value.modes.map(
        ({ path: file, before, after }) => `${file}: permissions ${before.toString(8)} → ${after.toString(8)}`,
      ),
      ...[...recent].map(([folder, count]) => `${folder}/: ${count} entries changed`),
    ];
    if (outside.length > 0) this.notice(outside);
    return linesForModel({ ...told, outside });
  }

  /** Between two hunks of the running turn, if there is one. */
  private async adopt(found: readonly FoundFile[], { turn, nextHunk }: WatchedCall, seen: number): Promise<Result<Adopted>> {
    if (found.length === 0) return succeed({ hunks: [], modes: [] });
    let adopted: Result<Adopted> = succeed({ hunks: [], modes: [] });
    const work = async (): Promise<readonly string[]> => {
      adopted = await adopt(this.deps(), { found, turn, nextHunk, seen });
      return found.map((file) => file.path);
    };
    const lander = this.parts.running();
    if (lander === undefined) await work();
    else await lander.exclusive(work);
    return adopted;
  }

  private async tell(hunks: readonly AdoptedHunk[]): Promise<{ landed: readonly AdoptedHunk[]; held: readonly HeldHunk[] }> {
    const { emit, guard } = this.parts;
    const landed: AdoptedHunk[] = [];
    const held: HeldHunk[] = [];
    await Promise.all(hunks.map(({ hunk }) => guard.manifests.look(hunk.path)));
    // What goes comes last: by then it is known what of it stands elsewhere.
    for (const one of hunks.toSorted((a, b) => Number(a.after === undefined) - Number(b.after === undefined))) {
      emit({ type: "hunk.closed", hunk: one.hunk, lines: one.lines });
      const refusals = this.refusals(one, { all: hunks, landed, held });
      if (refusals.length > 0) {
        guard.judge.show(one.hunk.id, refusals);
        held.push({ ...one, refusal: verdictOf(refusals) });
        continue;
      }
      emit({ type: "hunk.landed", hunk: one.hunk, rung: "exact", merged: false, dryRun: false });
      landed.push(one);
    }
    if (held.length === 0) return { landed, held };
    const taken = await takeBack(this.deps(), { roots: held.map(({ hunk }) => hunk.id), state: "undone", reason: "" });
    const gone = new Set(taken.gone.map(({ hunk }) => hunk));
    for (const { hunk, refusal } of held) {
      if (gone.has(hunk.id)) emit({ type: "hunk.held", hunk, verdict: refusal });
      else emit({ type: "hunk.landed", hunk, rung: "exact", merged: false, dryRun: false });
    }
    for (const { hunk, path: file, reason } of taken.kept)
      emit({ type: "notice.given", code: "KEPT", message: `${hunk} should not stay in ${file}, and does: ${reason}.` });
    return { landed, held };
  }

  private refusals({ hunk, lines, before, after }: AdoptedHunk, { all, landed, held }: Beside): readonly Refusal[] {
    const mode = this.parts.mode();
    if (mode !== "flow") return [mode === "step" ? stepHold : planHold];
    const { id, turn, operation, path: file, line } = hunk;
    const side = (wanted: "add" | "remove"): string[] => lines.filter(({ op }) => op === wanted).map(({ text }) => text);
    return this.parts.guard.judge.hunk({
      ...{ id, turn, operation, line, from: { relative: file, real: file } },
      added: side("add"),
      removed: side("remove"),
      before: () => textIf(before),
      after: () => textIf(after),
      touched(name) {
        const other = all.find((one) => one.hunk.path === name);
        return other && { text: textIf(other.after) };
      },
      rest() {
        const files = new Map(landed.map((one) => [one.hunk.path, one]));
        // They leave the disk again, at least in part.
        for (const one of held) files.delete(one.hunk.path);
        return Array.from(files, ([name, one]) => ({ path: name, before: textIf(one.before), after: textIf(one.after) }));
      },
    });
  }

  private notice(outside: readonly string[]): void {
    const more = outside.length > namedAtMost ? `; and ${outside.length - namedAtMost} more` : "";
    const message = `Changed by a command and not in the review, so not undone: ${outside.slice(0, namedAtMost).join("; ")}${more}.`;
    this.parts.emit({ type: "notice.given", code: "COMMAND_BEYOND", message });
  }

  private deps() {
    const { root, journal, state } = this.parts;
    return { root, journal, files: diskFiles, lock: () => takeLock(state.lockPath), ground: () => this.ground.now() };
  }
}

/** Of what is not in the review, in one notice. */
const namedAtMost = 10;

interface Around {
  readonly view: FolderView;
  readonly after: Promise<FolderView>;
  readonly beyond: readonly string[];
  readonly seen: number;
  readonly stamp: string;
}

interface Beside {
  /** Of the same command. */
  readonly all: readonly AdoptedHunk[];
  readonly landed: readonly AdoptedHunk[];
  readonly held: readonly AdoptedHunk[];
}

export interface HeldHunk extends AdoptedHunk {
  readonly refusal: Refusal;
}

const textIf = (bytes: Uint8Array | undefined): string | undefined => bytes && textOf(bytes);
