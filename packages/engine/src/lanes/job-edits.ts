/** The edits of a job as its log keeps them, and which of them are not in its copy. Pure. */
import type { EventBody, JobEdit } from "@twolane/protocol";

interface Before {
  /** 1-based; 0 before there is a plan. */
  readonly step: number;
  readonly missed: readonly JobEdit[];
}

/** What an event of its session says of an edit; undefined for what says nothing. */
export function jobEdit(event: EventBody, { step, missed }: Before): JobEdit | undefined {
  switch (event.type) {
    case "hunk.landed":
      return event.dryRun ? undefined : { ...placeOf(event.hunk), step, state: "landed" };
    case "hunk.held":
      return { ...placeOf(event.hunk), step, state: "held", reason: event.verdict.reason };
    case "hunk.failed":
      // A stop drops what was not whole; the step is done again.
      return event.failure.code === "STOPPED"
        ? undefined
        : { ...placeOf(event.hunk), step, state: "failed", reason: event.failure.message };
    case "hunk.superseded": {
      const made = missed.find(({ hunk }) => hunk === event.hunk);
      return made && { ...made, state: "superseded" };
    }
    default:
      return undefined;
  }
}

const placeOf = (hunk: Extract<EventBody, { type: "hunk.failed" }>["hunk"]) => ({
  ...{ hunk: hunk.id, turn: hunk.turn, path: hunk.path, line: hunk.line },
  ...{ added: hunk.linesAdded, removed: hunk.linesRemoved },
});

/** Within a turn the session itself says what made an edit good; a step that is mended or begun again has several. */
export function missedAfter(missed: readonly JobEdit[], edit: JobEdit): readonly JobEdit[] {
  const others = missed.filter(({ hunk }) => hunk !== edit.hunk);
  if (edit.state === "held" || edit.state === "failed") return [...others, edit];
  if (edit.state === "superseded") return others;
  const made = others.find(({ turn, step, path }) => turn !== edit.turn && step === edit.step && path === edit.path);
  return others.filter((one) => one !== made);
}
