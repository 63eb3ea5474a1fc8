/** Names the hunks of a session and follows them: which stayed, and which failed ones a later step has made good in the same file. */
import type { EventBody, HunkId } from "@twolane/protocol";

export interface HunkLedger {
  begin(): void;
  /** A new hunk of that step. Ids are unique within the session. */
  name(step: number): HunkId;
  observe(event: EventBody): void;
  /** The hunks of this turn that are on disk. */
  kept(): readonly HunkId[];
}

/** `named`: how many have a name already. */
export function createHunkLedger(emit: (event: EventBody) => void, named: number): HunkLedger {
  let count = named;
  let landed: HunkId[] = [];
  let failed: { readonly id: HunkId; readonly path: string }[] = [];
  const stepOf = new Map<HunkId, number>();
  const stepNumber = (id: HunkId): number => stepOf.get(id) ?? 0;
  return {
    begin() {
      landed = [];
      failed = [];
      stepOf.clear();
    },
    name(step) {
      const id = `h${++count}`;
      stepOf.set(id, step);
      return id;
    },
    observe(event) {
      emit(event);
      if (event.type === "hunk.failed" && event.failure.code !== "STOPPED")
        failed.push({ id: event.hunk.id, path: event.hunk.path });
      if (event.type !== "hunk.landed" && event.type !== "hunk.present") return;
      const { id, path } = event.hunk;
      if (event.type === "hunk.landed") landed.push(id);
      // Of a part that could not be read even the file may be unknown.
      const made = failed.findIndex(
        (other) => (other.path === path || other.path === "") && stepNumber(other.id) < stepNumber(id),
      );
      if (made < 0) return;
      emit({ type: "hunk.superseded", hunk: failed[made]!.id, by: id });
      failed.splice(made, 1);
    },
    kept: () => landed,
  };
}
