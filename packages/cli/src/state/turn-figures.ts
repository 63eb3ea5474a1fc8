/** The figures of one turn, from events alone: what was not told is absent, never guessed. */
import type { ModelPrice, TokenUsage, TwolaneEvent } from "@twolane/protocol";

export interface TurnFigures {
  /** Monotonic ms; absent before the first prompt. */
  readonly promptedAt?: number;
  readonly endedAt?: number;
  /** From the prompt, ms. */
  readonly firstTokenMs?: number;
  readonly firstHunkMs?: number;
  readonly landed: number;
  readonly held: number;
  readonly failed: number;
  /** Output tokens that the provider counted, and how long they took to come, ms. */
  readonly outputTokens: number;
  readonly outputMs: number;
  /** Of the answer that runs: characters so far, and when its first one came. */
  readonly characters: number;
  readonly answeringSince?: number;
  readonly latestAt: number;
  /** US dollars; absent without a price. */
  readonly cost?: number;
}

export const noFigures: TurnFigures = { landed: 0, held: 0, failed: 0, outputTokens: 0, outputMs: 0, characters: 0, latestAt: 0 };

/** For the live estimate only; the provider's count replaces it. */
const charactersPerToken = 4;

export function reduceFigures(figures: TurnFigures, event: TwolaneEvent, price: ModelPrice | undefined): TurnFigures {
  switch (event.type) {
    case "turn.started":
      return { ...noFigures, promptedAt: event.mono, latestAt: event.mono };
    case "step.answered": {
      const first = figures.firstTokenMs ?? event.mono - (figures.promptedAt ?? event.mono);
      return { ...figures, firstTokenMs: first, answeringSince: event.mono, characters: 0, latestAt: event.mono };
    }
    case "text.delta":
    case "reasoning.delta":
      return { ...figures, characters: figures.characters + event.text.length, latestAt: event.mono };
    case "hunk.closed":
      return { ...figures, characters: figures.characters + hunkCharacters(event.lines), latestAt: event.mono };
    case "hunk.landed":
      if (event.dryRun) return figures;
      return {
        ...figures,
        landed: figures.landed + 1,
        firstHunkMs: figures.firstHunkMs ?? event.mono - (figures.promptedAt ?? event.mono),
      };
    case "hunk.held":
      return { ...figures, held: figures.held + 1 };
    case "hunk.failed":
      return event.failure.code === "STOPPED" ? figures : { ...figures, failed: figures.failed + 1 };
    case "step.ended":
      return stepEnded(figures, event, price);
    case "turn.ended":
      return { ...figures, endedAt: event.mono };
    default:
      return figures;
  }
}

const hunkCharacters = (lines: readonly { readonly text: string }[]): number =>
  lines.reduce((sum, { text }) => sum + text.length + 2, 0);

function stepEnded(
  figures: TurnFigures,
  event: Extract<TwolaneEvent, { type: "step.ended" }>,
  price: ModelPrice | undefined,
): TurnFigures {
  const { answeringSince, ...rest } = figures;
  if (event.usage === undefined) return { ...rest, latestAt: event.mono };
  const outputMs = answeringSince === undefined ? 0 : event.mono - answeringSince;
  const cost = price && (figures.cost ?? 0) + costOf(event.usage, price);
  return {
    ...rest,
    outputTokens: figures.outputTokens + event.usage.output,
    outputMs: figures.outputMs + outputMs,
    latestAt: event.mono,
    ...(cost !== undefined && { cost }),
  };
}

function costOf({ input, cachedInput, output }: TokenUsage, price: ModelPrice): number {
  return ((input - cachedInput) * price.input + cachedInput * price.cachedInput + output * price.output) / 1e6;
}

/** Tokens a second of what has come; `estimated`: counted by characters while the answer runs. */
export function tokenRate(figures: TurnFigures): { readonly rate: number; readonly estimated: boolean } | undefined {
  if (figures.outputMs > 0 && figures.outputTokens > 0)
    return { rate: (figures.outputTokens / figures.outputMs) * 1000, estimated: false };
  const { answeringSince, characters, latestAt } = figures;
  if (answeringSince === undefined || latestAt - answeringSince < 50) return undefined;
  return { rate: (characters / charactersPerToken / (latestAt - answeringSince)) * 1000, estimated: true };
}
