/**
 * Looks once more at files that we have replaced: a program that was saving in that moment may have written into the old one. What it
 * wrote is brought back.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { EventBody, HunkId } from "@twolane/protocol";
import type { FileSnapshot } from "../../host/files.ts";
import type { Clock } from "../../std/clock.ts";
import { absorb, graceMs } from "./landing-absorb.ts";
import { concurrentEdit } from "./landing-files.ts";
import type { UnitDeps } from "./landing-unit.ts";
import { type WriteOutcome, writtenMeanwhile } from "./landing-write.ts";

type Written = Extract<WriteOutcome, { ok: true }>;

interface Watched {
  readonly written: Written;
  readonly hunks: readonly HunkId[];
  readonly since: number;
}

export interface SaveWatchOptions {
  /** The file at this real path holds this now. */
  readonly settled: (path: string, now: FileSnapshot | undefined) => void;
  readonly onEvent: (event: EventBody) => void;
}

/** Files that are watched at once; more would cost open files without seeing more. */
const maxWatched = 64;

export class SaveWatch {
  private readonly deps: UnitDeps & { readonly clock: Clock };
  private readonly options: SaveWatchOptions;
  private readonly watched: Watched[] = [];

  constructor(deps: UnitDeps & { readonly clock: Clock }, options: SaveWatchOptions) {
    this.deps = deps;
    this.options = options;
  }

  add(written: Written, hunks: readonly HunkId[]): void {
    this.watched.push({ written, hunks, since: this.deps.clock.mono() });
  }

  /** Down to the limit. */
  async trim(): Promise<void> {
    while (this.watched.length > maxWatched) await this.lookAgain();
  }

  /** Waits until no save that was under way during our last rename can still be running, and looks a last time. */
  async finish(): Promise<void> {
    const last = this.watched.at(-1);
    if (last) await sleep(Math.max(0, last.since + graceMs - this.deps.clock.mono()));
    while (this.watched.length > 0) await this.lookAgain();
  }

  private async lookAgain(): Promise<void> {
    const item = this.watched.shift();
    if (!item) return;
    const { written, hunks } = item;
    if (writtenMeanwhile(written) === undefined) return written.replaced.close();
    const release = await this.deps.lock();
    try {
      const absorbed = await absorb(this.deps, written, hunks);
      if (absorbed.result === "untouched") return;
      this.options.settled(written.plan.path, absorbed.now);
      if (absorbed.result === "yielded")
        for (const hunk of hunks) this.options.onEvent({ type: "hunk.undone", hunk, path: written.plan.path });
      this.options.onEvent({
        type: "notice.given",
        code: "SAVED_MEANWHILE",
        message: `${concurrentEdit(written.plan.path).reason}; your text stands.`,
      });
    } finally {
      release();
      written.replaced.close();
    }
  }
}
