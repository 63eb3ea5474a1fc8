/**
 * How requests went in the fast lane, by kind: one's own numbers, which the choice of a lane goes by. A fold over a session's events, and what is
 * kept of it for the workspace as text. Pure.
 */
import type { EventBody, PastRequests } from "@twolane/protocol";

export type Past = Readonly<Record<string, PastRequests>>;

/** The turn that runs; changed in place. */
export interface TurnCount {
  kind: string;
  answers: number;
  readonly files: Set<string>;
  cutShort: boolean;
}

/** Undefined: no turn of a person's own runs. `kindOf`: of a request. */
export function countTurn(
  count: TurnCount | undefined,
  event: EventBody,
  kindOf: (text: string) => string,
): TurnCount | undefined {
  if (event.type === "turn.started")
    return event.prompt.startsWith("/")
      ? undefined
      : { kind: kindOf(event.prompt), answers: 0, files: new Set(), cutShort: false };
  if (count === undefined) return undefined;
  if (event.type === "step.ended") count.answers++;
  else if (event.type === "hunk.landed" && !event.dryRun) count.files.add(event.hunk.movedTo ?? event.hunk.path);
  else if (event.type === "turn.steered" || (event.type === "turn.ended" && event.ending === "interrupted"))
    count.cutShort = true;
  return count;
}

const nothing: PastRequests = { turns: 0, answers: 0, files: 0, cutShort: 0 };

/** With the turn that has ended; one that no model answered counts for nothing. */
export function withTurn(past: Past, { kind, answers, files, cutShort }: TurnCount): Past {
  if (answers === 0) return past;
  const before = past[kind] ?? nothing;
  const sums = {
    turns: before.turns + 1,
    answers: before.answers + answers,
    files: before.files + files.size,
    cutShort: before.cutShort + (cutShort ? 1 : 0),
  };
  return { ...past, [kind]: sums.turns > turnsAtMost ? halved(sums) : sums };
}

/** What was long ago counts less. */
const turnsAtMost = 200;
const halved = ({ turns, answers, files, cutShort }: PastRequests): PastRequests => ({
  ...{ turns: Math.round(turns / 2), answers: Math.round(answers / 2) },
  ...{ files: Math.round(files / 2), cutShort: Math.round(cutShort / 2) },
});

/** What a workspace remembers of lanes. */
export interface LaneNotes {
  readonly past: Past;
  /** False: nobody wants to be told. */
  readonly suggests: boolean;
}

/** Whatever cannot be read is not known. */
export function readLaneNotes(text: string | undefined): LaneNotes {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "");
  } catch {
    value = undefined;
  }
  const fields = isRecord(value) ? value : {};
  const past = isRecord(fields["past"]) ? fields["past"] : {};
  return {
    past: Object.fromEntries(
      Object.entries(past).flatMap(([kind, sums]) => (isPast(sums) && /^[a-z-]{1,20}$/.test(kind) ? [[kind, sums]] : [])),
    ),
    suggests: fields["suggests"] !== false,
  };
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isPast = (value: unknown): value is PastRequests =>
  isRecord(value) &&
  (["turns", "answers", "files", "cutShort"] as const).every((key) => {
    const count = value[key];
    return typeof count === "number" && Number.isInteger(count) && count >= 0;
  });
