/** Sees when a person changes what a hunk brought, offers it, and phrases it for the model. What is told is read from disk then. */
import path from "node:path";
import type { EventBody, HunkId, HunkLine } from "@twolane/protocol";
import type { Correction, FileCorrections } from "../edits/review/corrections.ts";
import { type Watcher, watchFiles } from "../host/watch.ts";

export interface CorrectionDeps {
  readonly root: string;
  readonly corrections: (file: string) => Promise<FileCorrections | undefined>;
  /** It stands and is in no commit: what is changed in it is still a matter between person and model. */
  readonly isOpen: (hunk: HunkId) => boolean;
  readonly emit: (event: EventBody) => void;
}

interface Offer {
  readonly correction: Correction;
  /** Hash of the file as we had left it then. */
  readonly left: string;
}

/** After a landing in the file: most saves that are seen then are ours, and the next hunk must not wait for a comparison. */
const calmMs = 150;
/** A person's save among hunks that stream into the same file is seen after so long at the latest. */
const patienceMs = 1000;

export class CorrectionWatch {
  private readonly deps: CorrectionDeps;
  private watcher: Watcher | undefined;
  private readonly offered = new Map<HunkId, Offer>();
  /** What the model knows already: the same is never offered again. */
  private readonly told = new Map<HunkId, readonly HunkLine[]>();
  /** By file: when a hunk landed there last, and the look that waits for a pause. */
  private readonly landedAt = new Map<string, number>();
  private readonly waiting = new Map<string, { readonly since: number; timer: NodeJS.Timeout }>();
  /** One look after the other, so that the last word is about the last save. */
  private looking: Promise<void> = Promise.resolve();

  constructor(deps: CorrectionDeps) {
    this.deps = deps;
  }

  observe(event: EventBody): void {
    if (event.type !== "hunk.landed" || event.dryRun) return;
    const file = event.hunk.movedTo ?? event.hunk.path;
    this.landedAt.set(file, performance.now());
    this.watcher ??= watchFiles((saved) => this.lookInPause(path.relative(this.deps.root, saved).split(path.sep).join("/")));
    this.watcher.follow(path.join(this.deps.root, file));
  }

  /** What is said to the model of the person's change as it is on disk now; undefined where there is none any more. */
  async messageOf(hunk: HunkId): Promise<string | undefined> {
    const before = this.offered.get(hunk);
    if (before === undefined) return undefined;
    await this.look(before.correction.path);
    const now = this.offered.get(hunk);
    if (now === undefined) return undefined;
    this.offered.delete(hunk);
    this.told.set(hunk, now.correction.lines);
    return messageFor(now.correction);
  }

  /** Resolves when the file has been compared. */
  look(file: string): Promise<void> {
    const looked = this.looking.then(() => this.lookNow(file));
    // What cannot be compared now is compared at the next save.
    return (this.looking = looked.catch(() => {}));
  }

  /** Resolves when nothing is compared any more. */
  async close(): Promise<void> {
    this.watcher?.close();
    for (const { timer } of this.waiting.values()) clearTimeout(timer);
    await this.looking;
  }

  private lookInPause(file: string): void {
    const now = performance.now();
    const since = this.waiting.get(file)?.since ?? now;
    clearTimeout(this.waiting.get(file)?.timer);
    const calm = (this.landedAt.get(file) ?? -calmMs) + calmMs - now;
    this.waiting.delete(file);
    if (calm <= 0 || now - since >= patienceMs) return void this.look(file);
    this.waiting.set(file, { since, timer: setTimeout(() => this.lookInPause(file), calm).unref() });
  }

  private async lookNow(file: string): Promise<void> {
    const found = await this.deps.corrections(file);
    if (found === undefined) return;
    const corrections = new Map(found.corrections.map((one) => [one.hunk, one]));
    for (const [hunk, offer] of this.offered) {
      const now = corrections.get(hunk);
      if (offer.correction.path !== file || this.stands(offer, found.left, now)) continue;
      this.take(offer);
      // What is the model's own text again is nothing new to it.
      if (now !== undefined) this.told.set(hunk, now.lines);
    }
    for (const correction of corrections.values()) this.offer(correction, found.left);
  }

  /** A later write of ours has the change in it: then it stands as long as nothing more is changed. */
  private stands({ correction, left }: Offer, leftNow: string, now: Correction | undefined): boolean {
    if (!this.deps.isOpen(correction.hunk)) return false;
    return now === undefined ? leftNow !== left : !isSame(now.lines, turned(correction.lines));
  }

  private take({ correction: { hunk, path: file } }: Offer): void {
    this.offered.delete(hunk);
    this.deps.emit({ type: "hunk.corrected", hunk, path: file, lines: [] });
    this.deps.emit({ type: "hunk.edited", hunk, lines: 0 });
  }

  private offer(correction: Correction, left: string): void {
    const { hunk, lines } = correction;
    const known = this.offered.get(hunk)?.correction.lines ?? this.told.get(hunk);
    if (!this.deps.isOpen(hunk) || (known !== undefined && isSame(lines, known))) return;
    this.offered.set(hunk, { correction, left });
    this.deps.emit({ type: "hunk.corrected", hunk, path: correction.path, lines });
    this.deps.emit({ type: "hunk.edited", hunk, lines: lines.filter(({ op }) => op === "remove").length });
  }
}

const isSame = (some: readonly HunkLine[], others: readonly HunkLine[]): boolean =>
  JSON.stringify(some) === JSON.stringify(others);

/** The change that takes this one back. */
function turned(lines: readonly HunkLine[]): readonly HunkLine[] {
  const of = (op: HunkLine["op"]): readonly HunkLine[] => lines.filter((line) => line.op === op);
  return [
    ...of("add").map(({ text }) => ({ op: "remove" as const, text })),
    ...of("remove").map(({ text }) => ({ op: "add" as const, text })),
  ];
}

function messageFor({ path: file, line, lines }: Correction): string {
  const marks = { keep: " ", remove: "-", add: "+" };
  const diff = lines.map(({ op, text }) => `${marks[op]}${text}`).join("\n");
  return `I corrected your change in ${file}, line ${line}:\n\n${diff}\n\nKeep it. Let what you still write conform to it, and propose the same for your earlier changes where it applies.`;
}
