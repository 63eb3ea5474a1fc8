/** Names the hunks of a session and follows them: which stayed, and which failed ones a later step has made good in the same file. */
import type { EventBody, Hunk, HunkId } from "@twolane/protocol";
import type { LandOutcome } from "../edits/landing/lander.ts";

export interface HunkLedger {
  begin(): void;
  /** A new hunk of that step. Ids are unique within the session. */
  name(step: number): HunkId;
  observe(event: EventBody): void;
  /** The model has been told this of them. What the mode holds back may still come out differently. */
  answered(outcomes: readonly LandOutcome[]): void;
  /** The hunks of this turn that are on disk. */
  kept(): readonly HunkId[];
}

/** `named`: how many have a name already. `note`: says something to the model. */
export function createHunkLedger(
  emit: (event: EventBody) => void,
  named: number,
  note: (text: string) => void = () => {},
): HunkLedger {
  let count = named;
  let landed: HunkId[] = [];
  let failed: { readonly id: HunkId; readonly path: string }[] = [];
  const onDisk = new Set<HunkId>();
  /** Why they are not on disk. */
  const lost = new Map<HunkId, string>();
  /** Told to the model as landed, and neither of both yet. */
  const promised = new Set<HunkId>();
  const breakPromise = ({ id, path }: Hunk): void =>
    note(`[Your change of ${path} is not on disk after all: ${lost.get(id) ?? ""}]`);
  const lose = (event: EventBody): void => {
    if (event.type !== "hunk.failed" && event.type !== "hunk.held") return;
    // Of what stands on a rejected hunk the model is told with the rejection.
    if (event.type === "hunk.held" && event.verdict.rule === "depends") return;
    lost.set(event.hunk.id, event.type === "hunk.failed" ? event.failure.message : `${event.verdict.reason}.`);
    if (promised.delete(event.hunk.id)) breakPromise(event.hunk);
  };
  const stepOf = new Map<HunkId, number>();
  const stepNumber = (id: HunkId): number => stepOf.get(id) ?? 0;
  return {
    begin() {
      landed = [];
      failed = [];
      onDisk.clear();
      lost.clear();
      promised.clear();
      stepOf.clear();
    },
    name(step) {
      const id = `h${++count}`;
      stepOf.set(id, step);
      return id;
    },
    observe(event) {
      emit(event);
      lose(event);
      if (event.type === "hunk.failed" && event.failure.code !== "STOPPED")
        failed.push({ id: event.hunk.id, path: event.hunk.path });
      if (event.type !== "hunk.landed" && event.type !== "hunk.present") return;
      const { id, path } = event.hunk;
      promised.delete(id);
      onDisk.add(id);
      if (event.type === "hunk.landed") landed.push(id);
      // Of a part that could not be read even the file may be unknown.
      const made = failed.findIndex(
        (other) => (other.path === path || other.path === "") && stepNumber(other.id) < stepNumber(id),
      );
      if (made < 0) return;
      emit({ type: "hunk.superseded", hunk: failed[made]!.id, by: id });
      failed.splice(made, 1);
    },
    answered(outcomes) {
      for (const { state, hunk } of outcomes) {
        if (state !== "landed" || onDisk.has(hunk.id)) continue;
        if (lost.has(hunk.id)) breakPromise(hunk);
        else promised.add(hunk.id);
      }
    },
    kept: () => landed,
  };
}
