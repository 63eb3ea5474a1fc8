/**
 * What a replay says next: the hunks that are still to come, what the person's words change in that, and honest words of its own. No timers,
 * no pace.
 */
import type { EventBody } from "@twolane/protocol";
import type { CommitStory } from "../../host/commit-text.ts";
import type { ConversationItem, ModelRequest } from "../models.ts";
import type { CommitDiff } from "./commit-diff.ts";
import { type ReplayStep, StepFollower, isIn, writeSteps } from "./steps.ts";
import { type ReplayWish, readWish } from "./wishes.ts";
import { counted } from "../../std/text.ts";

/** One answer: some words, then one edit call; either may be empty. */
export interface ReplayAnswer {
  readonly notices: readonly string[];
  readonly text: string;
  readonly call: string;
  readonly patch: string;
}

/** What is still to be said, and in which words. */
export class ReplayScript {
  private readonly follower = new StepFollower();
  private readonly commit: CommitStory;
  private readonly diff: CommitDiff;
  private readonly steps: readonly ReplayStep[];
  /** Items of the conversation that have been read. */
  private heard = 0;
  private answers = 0;

  constructor(commit: CommitStory, diff: CommitDiff, steps: readonly ReplayStep[]) {
    this.commit = commit;
    this.diff = diff;
    this.steps = steps;
  }

  answer({ items }: ModelRequest): ReplayAnswer {
    const said = items.slice(Math.min(this.heard, items.length)).flatMap(ownWords);
    this.heard = items.length;
    const isFirst = this.answers++ === 0;
    const words = said.flatMap((text) => this.carryOut(readWish(text), isFirst));
    const steps = this.steps.filter(({ state }) => state === "waiting");
    this.follower.begin(steps);
    if (isFirst) words.unshift(this.introduction());
    if (steps.length === 0) words.push(this.closing());
    return {
      notices: isFirst ? this.notices() : [],
      text: words.join("\n"),
      call: `replay-${this.answers}`,
      patch: writeSteps(this.steps, steps),
    };
  }

  observe(event: EventBody): void {
    this.follower.observe(event);
  }

  /** Hunks that are out and have not come to anything yet. */
  get undecided(): number {
    return this.follower.undecided;
  }

  private carryOut(wish: ReplayWish, isFirst: boolean): readonly string[] {
    switch (wish.kind) {
      case "go-on":
        return [];
      case "unknown":
        // Whoever starts it may use any words.
        return isFirst
          ? []
          : ["This is a replay, not a model: it goes on with the commit. It understands: skip PATH, only PATH."];
      case "skip":
      case "only":
        return [this.narrow(wish.kind, wish.place)];
    }
  }

  private narrow(kind: "skip" | "only", place: string): string {
    const waiting = this.steps.filter(({ state }) => state === "waiting");
    const inside = waiting.filter((step) => isIn(step, place));
    if (inside.length === 0) {
      const paths = [...new Set(waiting.map(({ file }) => file.path))];
      const left =
        paths.length === 0 ? "Nothing is left." : `Left are ${paths.slice(0, 5).join(", ")}${paths.length > 5 ? ", …" : ""}.`;
      return `The replay has nothing more in ${place}. ${left}`;
    }
    const gone = kind === "skip" ? inside : waiting.filter((step) => !inside.includes(step));
    for (const step of gone) step.state = "dropped";
    const dropped = `${counted(gone.length, "hunk")} left out`;
    return kind === "skip" ? `Skipping ${place}: ${dropped}.` : `Only ${place} from here on: ${dropped}.`;
  }

  private introduction(): string {
    const { short, subject } = this.commit;
    return `Replay of commit ${short} “${subject}”: the text is that commit, only the pace is simulated.`;
  }

  private closing(): string {
    const count = (...states: readonly string[]): number => this.steps.filter(({ state }) => states.includes(state)).length;
    const parts = [`${count("landed")} of ${counted(this.steps.length, "hunk")} on disk`];
    const [refused, failed, dropped] = [count("refused"), count("failed"), count("dropped")];
    if (refused > 0) parts.push(`${refused} refused or held`);
    if (failed > 0) parts.push(`${failed} found no place (a replay cannot write them anew)`);
    if (dropped > 0) parts.push(`${dropped} not played`);
    return `The replay of ${this.commit.short} is at its end: ${parts.join(", ")}.`;
  }

  private notices(): readonly string[] {
    const reasons = new Set(this.diff.leftOut.map(({ reason }) => reason));
    return [...reasons].map((reason) => {
      const list = this.diff.leftOut.filter((one) => one.reason === reason);
      const names = list.slice(0, namesShown).map(({ path }) => path);
      const more = list.length > names.length ? ` and ${list.length - names.length} more` : "";
      return `Left out of the replay, as no edit of text can say it (${reason}): ${names.join(", ")}${more}.`;
    });
  }
}

const namesShown = 5;

/** Only what the person said; notes and files around it are for models. */
function ownWords(item: ConversationItem): readonly string[] {
  if (item.kind !== "user") return [];
  const text = item.own === undefined ? item.text : item.text.slice(item.own.start, item.own.end);
  return text.trim() === "" ? [] : [text];
}
