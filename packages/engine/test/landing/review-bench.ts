/** For tests of the review: a workshop with a reviewer on it, as the assembly puts them together. */
import { type EventBody, type ReviewMode, isTransient } from "@twolane/protocol";
import { createLander } from "../../src/edits/landing/land.ts";
import type { Lander, LanderOptions } from "../../src/edits/landing/lander.ts";
import { type Reviewer, type Withdrawn, createReviewer } from "../../src/edits/review/reviewer.ts";
import { systemClock } from "../../src/std/clock.ts";
import type { HunkDraft, UpdateDraft } from "../../src/edits/edits.ts";
import { type Workshop, type WorkshopOptions, openWorkshop } from "./workshop.ts";

export interface ReviewBench {
  readonly workshop: Workshop;
  /** Another one after `resume`. */
  readonly reviewer: Reviewer;
  readonly events: EventBody[];
  readonly withdrawn: Withdrawn[];
  /** What was written for hunks and could not be put there. */
  readonly kept: string[];
  mode: ReviewMode;
  /** A turn begins. */
  open(options?: Pick<LanderOptions, "mode">): Lander;
  /** The review as another process would find it: from the journal and the events that were kept in it. */
  resume(): Promise<void>;
  dispose(): Promise<void>;
  /** Takes an event in, as one of the session's. */
  tell(event: EventBody): void;
  /** Every event that is told, as soon as it is. */
  onEvent: (event: EventBody) => void;
  /** A hunk as the edit stream hands it in: closed first, then landed. */
  land(lander: Lander, hunk: string, draft: HunkDraft): ReturnType<Lander["land"]>;
}

export async function openReviewBench(options: WorkshopOptions): Promise<ReviewBench> {
  const workshop = await openWorkshop(options);
  const events: EventBody[] = [];
  const withdrawn: Withdrawn[] = [];
  const kept: string[] = [];
  let running: Lander | undefined;
  const emit = (event: EventBody): void => {
    events.push(event);
    reviewer.observe(event);
    bench.onEvent(event);
  };
  const begin = (): Reviewer =>
    createReviewer({
      ...{
        root: workshop.root,
        files: workshop.deps.files,
        journal: workshop.journal,
        lock: workshop.deps.lock,
        clock: systemClock,
      },
      allowances: workshop.allowances,
      judge: workshop.deps.judge,
      running: () => running,
      openApproved: (onEvent) => createLander(workshop.deps, { mode: "hunk", dryRun: false, approved: true, onEvent }),
      onEvent: emit,
      keepEdit: (hunk, text) => (kept.push(text), `/kept/${hunk}`),
      onWithdrawn: (list) => void withdrawn.push(...list),
    });
  let reviewer = begin();
  const bench: ReviewBench = {
    ...{ workshop, events, withdrawn, kept, tell: emit, mode: "flow", onEvent: () => {} },
    get reviewer() {
      return reviewer;
    },
    async resume() {
      await workshop.journal.flush();
      running = undefined;
      reviewer = begin();
      for (const event of [...events]) if (!isTransient(event.type)) reviewer.observe(event);
      await reviewer.idle();
    },
    dispose: () => workshop.dispose(),
    open(options) {
      running = createLander(workshop.deps, {
        ...{ mode: "hunk", dryRun: false, onEvent: emit, ...options },
        review: {
          mode: () => bench.mode,
          wasRejected: (draft) => reviewer.wasRejected(draft),
          onGone: (hunk, draft, note) => reviewer.onGone(hunk, draft, note),
        },
      });
      return running;
    },
    land(lander, hunk, draft) {
      const lines = draft.kind === "update" ? draft.lines : draft.kind === "create" ? linesOf(draft.content) : [];
      const { path } = draft;
      const operation =
        draft.kind === "create" ? "create" : draft.kind === "delete" ? "delete" : draft.kind === "move" ? "move" : "update";
      emit({
        type: "hunk.closed",
        hunk: { id: hunk, turn: "t1", operation, path, line: 0, linesAdded: 0, linesRemoved: 0 },
        lines,
      });
      return lander.land(hunk, "t1", draft);
    },
  };
  return bench;
}

const linesOf = (content: string) =>
  content
    .replace(/\n$/, "")
    .split("\n")
    .map((text) => ({ op: "add" as const, text }));

/** `-old`, `+new` and ` kept` lines. */
export function update(file: string, ...lines: string[]): UpdateDraft {
  const ops = { "-": "remove", "+": "add", " ": "keep" } as const;
  return {
    ...{ kind: "update", path: file, anchors: [], endOfFile: false },
    lines: lines.map((line) => ({ op: ops[line[0] as "-" | "+" | " "], text: line.slice(1) })),
  };
}
