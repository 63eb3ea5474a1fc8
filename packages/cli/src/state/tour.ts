/** The guide of the demo: what to try next, from what has happened so far. Never waits for anybody: who does something else is followed. Pure. */
import type { HunkId, TwolaneEvent } from "@twolane/protocol";
import { grouped } from "./grouped.ts";

export type TourStep = "watch" | "stop" | "continue" | "steer" | "review" | "undo" | "done";

export interface TourState extends TourPlan {
  readonly step: TourStep;
  /** A turn runs. */
  readonly isWriting: boolean;
  readonly rejected?: HunkId;
  readonly figures: TourFigures;
}

export interface TourPlan {
  /** What lands, as the first words of a sentence. */
  readonly subject: string;
  /** How many the replay has. */
  readonly hunks: number;
  /** A path that a steer can name. */
  readonly lastPath: string;
  /** Where the demo types a line as a person would, when so many hunks have landed. */
  readonly typing?: { readonly path: string; readonly after: number };
  /** Tokens a second. */
  readonly pace: number;
}

/** Of this very run, from its events. Moments are monotonic ms. */
interface TourFigures {
  readonly landed: number;
  /** On disk now. */
  readonly standing: ReadonlySet<HunkId>;
  readonly undone: number;
  readonly startedAt?: number;
  readonly firstLandedAt?: number;
  readonly stoppingAt?: number;
  readonly steeredAt?: number;
  readonly stopMs?: number;
  readonly steerMs?: number;
}

/** Tokens a second, by the keys 1 to 4. */
export const tourPaces: readonly number[] = [65, 300, 1000, 2000];

export const startTour = (plan: TourPlan): TourState => ({
  ...plan,
  step: "watch",
  isWriting: false,
  figures: { landed: 0, standing: new Set(), undone: 0 },
});

export function reduceTour(before: TourState, event: TwolaneEvent): TourState {
  const tour = { ...before, figures: reduceFigures(before.figures, event) };
  switch (event.type) {
    case "hunk.landed":
      // There must be something left to stop.
      return tour.step === "watch" && tour.figures.landed >= Math.min(2, tour.hunks - 1) ? { ...tour, step: "stop" } : tour;
    case "hunk.streaming":
      return tour.step === "watch" && tour.hunks === 1 ? { ...tour, step: "stop" } : tour;
    case "stop.finished":
      return tour.step === "watch" || tour.step === "stop" ? { ...tour, step: "continue" } : tour;
    case "turn.started":
      return { ...tour, isWriting: true, ...(tour.step === "continue" && { step: tour.hunks === 1 ? "review" : "steer" }) };
    case "turn.steered":
      return { ...tour, step: "review" };
    case "turn.ended": {
      const goesOn = event.ending === "completed" && tour.step !== "undo" && tour.step !== "done";
      return { ...tour, isWriting: false, ...(goesOn && { step: "review" }) };
    }
    case "hunk.rejected":
      return { ...tour, step: tour.figures.standing.size === 0 ? "done" : "undo", rejected: event.hunk };
    case "hunk.undone":
      return tour.step === "undo" ? { ...tour, step: "done" } : tour;
    default:
      return tour;
  }
}

function reduceFigures(figures: TourFigures, event: TwolaneEvent): TourFigures {
  switch (event.type) {
    case "turn.started":
      return { ...figures, startedAt: figures.startedAt ?? event.mono };
    case "hunk.landed":
      return {
        ...figures,
        landed: figures.landed + 1,
        standing: new Set([...figures.standing, event.hunk.id]),
        firstLandedAt: figures.firstLandedAt ?? event.mono,
      };
    case "hunk.rejected":
      return { ...figures, standing: without(figures.standing, event.hunk) };
    case "hunk.undone":
      return { ...figures, standing: without(figures.standing, event.hunk), undone: figures.undone + 1 };
    case "stop.requested":
      return { ...figures, stoppingAt: event.mono };
    case "stop.finished":
      return figures.stoppingAt === undefined ? figures : { ...figures, stopMs: event.mono - figures.stoppingAt };
    case "turn.steered":
      return { ...figures, steeredAt: event.mono };
    case "step.requested": {
      const { steeredAt, ...rest } = figures;
      return steeredAt === undefined ? figures : { ...rest, steerMs: event.mono - steeredAt };
    }
    default:
      return figures;
  }
}

const without = (hunks: ReadonlySet<HunkId>, gone: HunkId): ReadonlySet<HunkId> =>
  new Set([...hunks].filter((hunk) => hunk !== gone));

/** At most five lines. */
export function tourCaption(tour: TourState): readonly string[] {
  const pace = tour.isWriting ? [paceLine(tour.pace)] : [];
  return [...(isTyped(tour) && tour.step !== "done" ? [typedLine(tour)] : []), ...stepLines(tour), ...pace];
}

function stepLines(tour: TourState): readonly string[] {
  switch (tour.step) {
    case "watch":
      return [`${tour.subject} lands again, on a copy; only the pace is simulated.`];
    case "stop":
      return ["Press Ctrl-C now: what is finished stays, the half-written hunk leaves no trace."];
    case "continue":
      return ["Stopped. Take it back: type /continue and press Enter."];
    case "steer":
      return [`Steer it while it writes: type  skip ${tour.lastPath}  and press Enter.`];
    case "review":
      if (tour.figures.standing.size === 0)
        return tour.isWriting ? ["Let it write: as soon as a hunk has landed, it can be rejected."] : ending(tour);
      return ["Press Tab for the hunks: n rejects one (it leaves the disk), y keeps it, Esc closes."];
    case "undo":
      return [`${tour.rejected ?? "It"} is off the disk. Now take back the rest, byte for byte: /undo session`];
    case "done":
      return ending(tour);
  }
}

const ending = (tour: TourState): readonly string[] => [
  ...tourSummary(tour),
  "That is the loop. Ctrl-C twice leaves; the copy goes with it.",
];

const isTyped = ({ typing, figures }: TourState): boolean => typing !== undefined && figures.landed >= typing.after;
const typedLine = ({ typing }: TourState): string =>
  `(A line was typed into ${typing?.path ?? ""} meanwhile, as in your editor. It stays.)`;

function paceLine(pace: number): string {
  const keys = tourPaces.map((each, index) => `${index + 1} ${each === pace ? `[${grouped(each)}]` : grouped(each)}`);
  return `Pace, by the keys  ${keys.join("  ")}  tokens a second${tourPaces.includes(pace) ? "" : `; now ${grouped(pace)}`}`;
}

/** The figures of the person's own run, and at last the way to a model. */
export function tourSummary({ figures, rejected }: TourState): readonly string[] {
  const { landed, undone, startedAt, firstLandedAt, stopMs, steerMs } = figures;
  const first =
    startedAt === undefined || firstLandedAt === undefined ? "" : `, the first after ${took(firstLandedAt - startedAt)}`;
  const gone = [...(rejected === undefined ? [] : [`${rejected} rejected`]), ...(undone === 0 ? [] : [`${undone} undone`])];
  const heard = [
    ...(stopMs === undefined ? [] : [`your stop was done after ${took(stopMs)}`]),
    ...(steerMs === undefined ? [] : [`your steer was heard after ${took(steerMs)}`]),
  ];
  return [
    `Your run: ${[`${landed} ${landed === 1 ? "hunk" : "hunks"} landed${first}`, ...gone].join(" · ")}`,
    ...(heard.length === 0 ? [] : [`          ${heard.join(" · ")}`]),
    connectLine,
  ];
}

export const connectLine = "With a real model: CEREBRAS_API_KEY=… twolane  (others: twolane doctor, /model)";

const took = (ms: number): string =>
  ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
