/** The figures of one turn, from events alone: what was not told is absent, never guessed. */
import {
  type HunkState,
  type ModelPrice,
  type ReviewedHunk,
  type TurnId,
  type TwolaneEvent,
  costOf,
  dollarsOf,
} from "@twolane/protocol";

export interface TurnFigures {
  readonly turn?: TurnId;
  /** Monotonic ms; absent before the first prompt. */
  readonly promptedAt?: number;
  /** When the prompt's key was read, where that is known. */
  readonly pressedAt?: number;
  readonly endedAt?: number;
  /** From the key, else from the prompt, to the screen, as soon as that is known (`first-token` of the KPIs); ms. */
  readonly firstTokenMs?: number;
  /** From the prompt, ms. */
  readonly firstHunkMs?: number;
  /** Hunks of the turn as they stand now: one that was held and then landed has landed. */
  readonly landed: number;
  readonly held: number;
  readonly failed: number;
  readonly rejected: number;
  /** Output tokens that the provider counted. */
  readonly outputTokens: number;
  /** Those of them that came as visible output, and how long they took to come, ms. */
  readonly timedTokens: number;
  readonly timedMs: number;
  /** Of the answer that runs: characters so far, those of its running edit call among them, and when its first one came. */
  readonly characters: number;
  readonly received: number;
  /** As the session's counted answers had them; for the estimate only. */
  readonly charactersPerToken: number;
  /** The language service answers: what it says is no token. */
  readonly isModelless: boolean;
  readonly answeringSince?: number;
  readonly latestAt: number;
  /** US dollars; absent without a price. */
  readonly cost?: number;
  /** Answers that ended before anybody counted their tokens: the cost is at least what stands there. */
  readonly uncounted: number;
}

export const noFigures: TurnFigures = {
  ...{ landed: 0, held: 0, failed: 0, rejected: 0 },
  ...{ outputTokens: 0, timedTokens: 0, timedMs: 0, characters: 0, received: 0, latestAt: 0, uncounted: 0 },
  ...{ charactersPerToken: 4, isModelless: false },
};

/** Of code three characters make a token, where it takes four of prose. */
const codeWeight = 4 / 3;
/** An answer of fewer characters says nothing about how many make a token. */
const tellingCharacters = 200;
/** A rate over less says nothing; ms. */
const shortestMs = 20;

export function reduceFigures(figures: TurnFigures, event: TwolaneEvent, price: ModelPrice | undefined): TurnFigures {
  switch (event.type) {
    case "turn.started":
      return { ...emptied(figures), turn: event.turn, promptedAt: event.mono, latestAt: event.mono };
    case "step.started":
      return { ...figures, isModelless: event.model === "instant" };
    case "model.changed":
      return { ...figures, charactersPerToken: noFigures.charactersPerToken };
    case "step.answered": {
      const next = { ...figures, answeringSince: event.mono, characters: 0, received: 0, latestAt: event.mono };
      return figures.isModelless
        ? next
        : { ...next, firstTokenMs: figures.firstTokenMs ?? event.mono - (figures.pressedAt ?? figures.promptedAt ?? event.mono) };
    }
    case "key.pressed":
      return event.for === "prompt" && event.turn === figures.turn ? { ...figures, pressedAt: event.pressedAt } : figures;
    case "output.shown":
      if (event.turn !== figures.turn || figures.firstTokenMs === undefined) return figures;
      return { ...figures, firstTokenMs: event.shownAt - (figures.pressedAt ?? figures.promptedAt ?? event.shownAt) };
    case "text.delta":
    case "reasoning.delta":
      return { ...figures, characters: figures.characters + event.text.length, latestAt: event.mono };
    case "hunk.streaming":
    case "hunk.closed":
      return { ...figures, ...withCall(figures, event.received ?? 0), latestAt: event.mono };
    case "hunk.landed":
      if (event.dryRun || event.hunk.turn !== figures.turn || figures.firstHunkMs !== undefined) return figures;
      return { ...figures, firstHunkMs: sincePrompt(figures, event) };
    case "step.ended":
      return stepEnded(figures, event, price);
    case "turn.ended": {
      const { answeringSince: _, ...rest } = figures;
      return { ...rest, endedAt: event.mono };
    }
    case "session.resumed": {
      // An answer whose process died comes no more.
      const { answeringSince: _, ...rest } = figures;
      return rest;
    }
    case "turn.rewound":
      // Whatever turn it was, it is not what the screen is about any more.
      return emptied(figures);
    default:
      return figures;
  }
}

const sincePrompt = ({ promptedAt }: TurnFigures, { mono }: TwolaneEvent): number => mono - (promptedAt ?? mono);

/** A hunk has come into another state. */
export function countHunk(figures: TurnFigures, before: ReviewedHunk | undefined, after: ReviewedHunk | undefined): TurnFigures {
  if (after === undefined || after.hunk.turn !== figures.turn) return figures;
  const [from, to] = [before && columnOf(before), columnOf(after)];
  if (from === to) return figures;
  const left = from === undefined ? figures : { ...figures, [from]: figures[from] - 1 };
  return to === undefined ? left : { ...left, [to]: left[to] + 1 };
}

type Column = "landed" | "held" | "failed" | "rejected";

const columns: Readonly<Partial<Record<HunkState, Column>>> = {
  landed: "landed",
  accepted: "landed",
  held: "held",
  failed: "failed",
  rejected: "rejected",
};

/** What a stop cut off has not failed. */
function columnOf({ state, failure }: ReviewedHunk): Column | undefined {
  return failure?.code === "STOPPED" ? undefined : columns[state];
}

/** What was learned of the model stays. */
const emptied = ({ charactersPerToken }: TurnFigures): TurnFigures => ({ ...noFigures, charactersPerToken });

/** So many characters of an edit call have come; fewer than before are those of the next one. Code counts as its tokens would in prose. */
function withCall({ characters, received }: TurnFigures, now: number): Pick<TurnFigures, "characters" | "received"> {
  const fresh = now >= received ? now - received : now;
  return { characters: characters + fresh * codeWeight, received: now };
}

/** Tools that read have arguments as well, which nobody shows: where what was seen is too little for the tokens, nothing is learned. */
function learned({ characters, charactersPerToken }: TurnFigures, tokens: number): number {
  const ratio = characters / tokens;
  return characters >= tellingCharacters && ratio >= 1.5 && ratio <= 8 ? ratio : charactersPerToken;
}

function stepEnded(
  figures: TurnFigures,
  event: Extract<TwolaneEvent, { type: "step.ended" }>,
  price: ModelPrice | undefined,
): TurnFigures {
  const { answeringSince, ...rest } = figures;
  const { usage } = event;
  if (usage === undefined) return { ...rest, uncounted: figures.uncounted + 1, latestAt: event.mono };
  const cost = price && (figures.cost ?? 0) + dollarsOf(costOf(usage, price));
  // What was thought before the first visible token took time that is not in the interval.
  const timed =
    answeringSince === undefined
      ? { tokens: 0, ms: 0 }
      : { tokens: usage.output - usage.reasoning, ms: event.mono - answeringSince };
  return {
    ...rest,
    outputTokens: figures.outputTokens + usage.output,
    charactersPerToken: learned(figures, usage.output - usage.reasoning),
    timedTokens: figures.timedTokens + timed.tokens,
    timedMs: figures.timedMs + timed.ms,
    latestAt: event.mono,
    ...(cost !== undefined && { cost }),
  };
}

/** Tokens a second of what has come; `estimated`: counted by characters while the answer runs. */
export function tokenRate(figures: TurnFigures): { readonly rate: number; readonly estimated: boolean } | undefined {
  const { answeringSince, characters, charactersPerToken, latestAt, timedTokens, timedMs } = figures;
  const liveMs = answeringSince === undefined ? 0 : latestAt - answeringSince;
  if (liveMs >= shortestMs) return { rate: (characters / charactersPerToken / liveMs) * 1000, estimated: true };
  if (timedTokens === 0 || timedMs < shortestMs) return undefined;
  return { rate: (timedTokens / timedMs) * 1000, estimated: false };
}
