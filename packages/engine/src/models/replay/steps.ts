/**
 * The hunks of a commit as steps of a replay, what became of each, and the text that says those which are still to come. The text is a
 * unified diff with git's headers, as a model would write it. Pure but for the steps' states. No pace, no conversation.
 */
import type { EventBody, HunkId } from "@twolane/protocol";
import type { ReplayFile, ReplayHunk } from "./commit-diff.ts";

/**
 * `waiting`: still to be said. `sent`: its last byte is out, what became of it is not known, or it did not stay. `dropped`: nobody wants
 * it. `failed`: it found no place.
 */
export type StepState = "waiting" | "sent" | "landed" | "refused" | "failed" | "dropped";

export interface ReplayStep {
  readonly file: ReplayFile;
  /** Absent: the file's header alone says it (it moves, goes, or comes without content). */
  readonly hunk?: ReplayHunk;
  state: StepState;
}

export interface StepLimit {
  readonly hunks: number;
  /** UTF-16 units of all hunks together. */
  readonly characters: number;
}

/** All steps in order; what is beyond the limit is `dropped` from the beginning. */
export function replaySteps(files: readonly ReplayFile[], limit?: StepLimit): readonly ReplayStep[] {
  const steps = files.flatMap((file): ReplayStep[] => {
    const alone = file.from !== undefined || file.hunks.length === 0;
    const first: ReplayStep[] = alone ? [{ file, state: "waiting" }] : [];
    return [...first, ...file.hunks.map((hunk): ReplayStep => ({ file, hunk, state: "waiting" }))];
  });
  if (limit === undefined) return steps;
  // One long hunk must not leave room for nothing else.
  const shortest = steps.reduce((least, step) => Math.min(least, lengthOf(step)), Number.MAX_SAFE_INTEGER);
  const longest = Math.min(limit.characters, Math.max(limit.characters / 4, shortest));
  let [hunks, characters] = [0, 0];
  for (const step of steps) {
    const length = lengthOf(step);
    const fits = hunks < limit.hunks && length <= longest && characters + length <= limit.characters;
    if (fits) [hunks, characters] = [hunks + 1, characters + length];
    else step.state = "dropped";
  }
  return steps;
}

const lengthOf = ({ hunk }: ReplayStep): number => hunk?.body.length ?? 0;

/** True for a file or what lies in a folder, by either of its names. */
export function isIn({ file }: ReplayStep, place: string): boolean {
  return [file.path, file.from].some((name) => name !== undefined && (name === place || name.startsWith(`${place}/`)));
}

/** The steps, which are in order, as one diff. */
export function writeSteps(all: readonly ReplayStep[], steps: readonly ReplayStep[]): string {
  const text: string[] = [];
  for (const file of new Set(steps.map((step) => step.file))) {
    const own = all.filter((step) => step.file === file);
    const wanted = steps.filter((step) => step.file === file);
    text.push(
      fileHeader(file, own, wanted),
      ...wanted.flatMap(({ hunk }) => (hunk ? [writeHunk(hunk, shiftBefore(own, hunk))] : [])),
    );
  }
  return text.join("");
}

function fileHeader(file: ReplayFile, own: readonly ReplayStep[], wanted: readonly ReplayStep[]): string {
  const moves = file.from !== undefined && wanted.some(({ hunk }) => hunk === undefined);
  const moved = moves || own.some(({ hunk, state }) => hunk === undefined && state === "landed");
  const now = file.from !== undefined && !moved ? file.from : file.path;
  const lines = [`diff --git ${quoted(`a/${moves ? (file.from ?? now) : now}`)} ${quoted(`b/${now}`)}`];
  if (moves) lines.push(`rename from ${quoted(file.from ?? now)}`, `rename to ${quoted(now)}`);
  if (file.kind === "create") lines.push("new file mode 100644");
  if (file.kind === "delete") lines.push("deleted file mode 100644");
  if (wanted.some(({ hunk }) => hunk !== undefined))
    lines.push(`--- ${file.kind === "create" ? "/dev/null" : quoted(`a/${now}`)}`, `+++ ${quoted(`b/${now}`)}`);
  return lines.map((line) => `${line}\n`).join("");
}

function writeHunk({ oldStart, oldCount, newStart, newCount, body }: ReplayHunk, shift: number): string {
  return `@@ -${oldStart + shift},${oldCount} +${newStart},${newCount} @@\n${body}`;
}

/** By how many lines the hunks of the file that are on disk have moved what stands behind them. */
function shiftBefore(own: readonly ReplayStep[], before: ReplayHunk): number {
  return own.reduce((sum, { hunk, state }) => {
    const counts = hunk !== undefined && state === "landed" && hunk.oldStart < before.oldStart;
    return counts ? sum + hunk.newCount - hunk.oldCount : sum;
  }, 0);
}

/** As git quotes names, wherever a reader might see more in it than a name. */
function quoted(name: string): string {
  if (/^[\w./@+=-]*$/.test(name)) return name;
  const bytes = [...Buffer.from(name, "utf8")];
  const spelled = bytes.map((byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    return byte < 0x20 || byte > 0x7e ? `\\${byte.toString(8).padStart(3, "0")}` : String.fromCharCode(byte);
  });
  return `"${spelled.join("")}"`;
}

/** Follows the steps of one answer by the events of their hunks: closed in order, then each its own way. */
export class StepFollower {
  private readonly byHunk = new Map<HunkId, ReplayStep>();
  private readonly pending = new Set<HunkId>();
  /** Of the last answer, those whose hunk is not closed yet: what came with its last piece is closed when the answer has ended already. */
  private open: ReplayStep[] = [];

  begin(steps: readonly ReplayStep[]): void {
    this.open = [...steps];
  }

  /** Hunks that are out and have not come to anything yet. */
  get undecided(): number {
    return this.pending.size;
  }

  observe(event: EventBody): void {
    switch (event.type) {
      case "hunk.closed":
        return this.close(event.hunk.id);
      case "hunk.landed":
      case "hunk.present":
        return this.set(event.hunk.id, "landed");
      case "hunk.failed":
        if (!this.byHunk.has(event.hunk.id)) this.close(event.hunk.id);
        // What a stop has overtaken is to be said again.
        return this.set(event.hunk.id, event.failure.code === "STOPPED" ? "waiting" : "failed");
      case "hunk.held":
        return this.set(event.hunk.id, "refused");
      case "hunk.rejected":
      case "hunk.undone":
        return this.set(event.hunk, "refused");
      default:
        return;
    }
  }

  private close(id: HunkId): void {
    const step = this.open.shift();
    if (step === undefined) return;
    step.state = "sent";
    this.byHunk.set(id, step);
    this.pending.add(id);
  }

  private set(id: HunkId, state: StepState): void {
    const step = this.byHunk.get(id);
    if (step !== undefined) step.state = state;
    this.pending.delete(id);
  }
}
