/** Sees when a person changes what a hunk brought, offers it, and phrases it for the model. */
import path from "node:path";
import type { EventBody, HunkId } from "@twolane/protocol";
import type { Correction } from "../edits/review/corrections.ts";
import type { Reviewer } from "../edits/review/reviewer.ts";
import { type Watcher, watchFiles } from "../host/watch.ts";

export interface CorrectionDeps {
  readonly root: string;
  readonly reviewer: Reviewer;
  readonly emit: (event: EventBody) => void;
}

export class CorrectionWatch {
  private readonly deps: CorrectionDeps;
  private watcher: Watcher | undefined;
  /** The newest one of each hunk, as it was offered. */
  private readonly offered = new Map<HunkId, Correction>();

  constructor(deps: CorrectionDeps) {
    this.deps = deps;
  }

  observe(event: EventBody): void {
    if (event.type !== "hunk.landed" || event.dryRun) return;
    this.watcher ??= watchFiles((file) => void this.look(path.relative(this.deps.root, file).split(path.sep).join("/")));
    this.watcher.follow(path.join(this.deps.root, event.hunk.movedTo ?? event.hunk.path));
  }

  /** What is said to the model of the person's change; undefined where there is none. */
  messageOf(hunk: HunkId): string | undefined {
    const correction = this.offered.get(hunk);
    if (correction === undefined) return undefined;
    this.offered.delete(hunk);
    const marks = { keep: " ", remove: "-", add: "+" };
    const diff = correction.lines.map(({ op, text }) => `${marks[op]}${text}`).join("\n");
    return `I corrected your change in ${correction.path}, line ${correction.line}:\n\n${diff}\n\nKeep it. Let what you still write conform to it, and propose the same for your earlier changes where it applies.`;
  }

  close(): void {
    this.watcher?.close();
  }

  private async look(file: string): Promise<void> {
    for (const correction of await this.deps.reviewer.corrections(file)) {
      const known = this.offered.get(correction.hunk);
      if (known !== undefined && JSON.stringify(known.lines) === JSON.stringify(correction.lines)) continue;
      this.offered.set(correction.hunk, correction);
      this.deps.emit({ type: "hunk.corrected", hunk: correction.hunk, path: correction.path, lines: correction.lines });
    }
  }
}
