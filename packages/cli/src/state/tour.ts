/** The guide of the demo: what to try next, from what has happened so far. Never waits for anybody: who does something else is followed. Pure. */
import type { HunkId, TwolaneEvent } from "@twolane/protocol";

export type TourStep = "watch" | "stop" | "continue" | "steer" | "review" | "undo" | "done";

export interface TourState {
  readonly step: TourStep;
  readonly commit: string;
  /** A path that a steer can name. */
  readonly lastPath: string;
  readonly landed: number;
  /** Where the demo types a line as a person would, when so many hunks have landed. */
  readonly typing?: { readonly path: string; readonly after: number };
  readonly rejected?: HunkId;
}

export type TourPlan = Pick<TourState, "commit" | "lastPath" | "typing">;

export const startTour = (plan: TourPlan): TourState => ({ ...plan, step: "watch", landed: 0 });

export function reduceTour(tour: TourState, event: TwolaneEvent): TourState {
  switch (event.type) {
    case "hunk.landed": {
      const landed = tour.landed + 1;
      return { ...tour, landed, step: tour.step === "watch" && landed >= 2 ? "stop" : tour.step };
    }
    case "stop.finished":
      return tour.step === "watch" || tour.step === "stop" ? { ...tour, step: "continue" } : tour;
    case "turn.started":
      return tour.step === "continue" ? { ...tour, step: "steer" } : tour;
    case "turn.steered":
      return { ...tour, step: "review" };
    case "turn.ended":
      return event.ending === "completed" && tour.step !== "undo" && tour.step !== "done" ? { ...tour, step: "review" } : tour;
    case "hunk.rejected":
      return { ...tour, step: "undo", rejected: event.hunk };
    case "hunk.undone":
      return tour.step === "undo" ? { ...tour, step: "done" } : tour;
    default:
      return tour;
  }
}

/** At most three lines. */
export function tourCaption(tour: TourState): readonly string[] {
  const { typing } = tour;
  const isTyped = typing !== undefined && tour.landed >= typing.after;
  const typed = isTyped ? [`(A line was typed into ${typing.path} meanwhile, as in your editor. It stays.)`] : [];
  switch (tour.step) {
    case "watch":
      return [`Your commit ${tour.commit} lands on a copy; only the pace is simulated (/pace 65, 300, 1000 or 2000).`];
    case "stop":
      return ["Press Ctrl-C now: what is finished stays, the half-written hunk leaves no trace."];
    case "continue":
      return ["Stopped. Take it back: type /continue and press Enter."];
    case "steer":
      return [...typed, `Steer it while it writes: type  skip ${tour.lastPath}  and press Enter.`];
    case "review":
      return [...typed, "Press Tab for the hunks: n rejects one (it leaves the disk), y keeps it, Esc closes."];
    case "undo":
      return [`${tour.rejected ?? "It"} is off the disk. Now take back the rest, byte for byte: /undo session`];
    case "done":
      return ["That is the loop. Ctrl-C twice leaves; the copy goes with it.", "With a real model: CEREBRAS_API_KEY=… twolane"];
  }
}
