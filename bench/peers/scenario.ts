/** What the simulated model says to every harness: reads of one file with the tool that it has, and texts at a rate. */
import type { ScenarioInput } from "@twolane/responses/sim";

/** A harness as the scenario must know it. */
export interface Reader {
  readonly name: string;
  readonly tool: string;
  /** Arguments that read a file; `lines` makes every call another one. */
  readonly reads: (file: string, lines: number) => object;
}

export interface LongText {
  readonly tokens: number;
  /** 0: as fast as the connection takes it. */
  readonly tokensPerSecond: number;
  /** Its last character, which stands nowhere else. */
  readonly end: string;
}

/** By what the prompt says. The first is also the correction that is typed. */
export const texts = {
  short: { tokens: 1, tokensPerSecond: 0, end: "Σ" },
  talk: { tokens: 60_000, tokensPerSecond: 1000, end: "Φ" },
  middle: { tokens: 4000, tokensPerSecond: 1000, end: "Θ" },
  fast: { tokens: 12_000, tokensPerSecond: 4000, end: "Ω" },
  burst: { tokens: 20_000, tokensPerSecond: 0, end: "Ψ" },
} as const satisfies Readonly<Record<string, LongText>>;

/** Milliseconds to the first token of each round of a count. */
export const rounds: Readonly<Record<number, number>> = { 1: 0, 20: 50, 40: 0 };

export const readsPrompt = (name: string, count: number): string => `bench:reads:${name}:${count}`;
export const textPrompt = (name: keyof typeof texts): string => `bench:${name}`;

/** What a harness asks beside the work (a title, a summary) goes to this model where it can be told so. */
export const sideModel = "title";

const line = ["lorem", "ipsum", "dolor", "sit", "amet", "consetetur", "sadipscing", "elitr", "sed", "diam"];

/** Its tokens, line breaks and end among them. */
export function tokensOf({ tokens, end }: LongText): string[] {
  const all = Array.from({ length: tokens }, (_, index) => ` ${line[index % line.length]}${index % 10 === 9 ? "\n" : ""}`);
  return [...all, end];
}

export function peersScenario(file: string, readers: readonly Reader[]): ScenarioInput {
  const reads = readers.flatMap(({ name, tool, reads: argumentsOf }) =>
    Object.entries(rounds).map(([count, ttftMs]) => ({
      when: { prompt: `${readsPrompt(name, Number(count))}\\b` },
      reply: [
        ...Array.from({ length: Number(count) }, (_, index) => ({
          call: { name: tool, arguments: { ...argumentsOf(file, index + 1) } },
        })),
        { text: "Done." },
      ],
      pace: { ttftMs },
    })),
  );
  const title = [{ text: '{"title":"A title"}' }];
  const titles = [
    { when: { model: `^${sideModel}$` }, reply: title },
    { when: { prompt: "^Generate a [a-z, -]*title" }, reply: title },
  ];
  const words = line.map((word, index) => ({ text: ` ${word}${index === line.length - 1 ? "\n" : ""}` }));
  const long = Object.entries(texts).map(([name, { tokens, tokensPerSecond, end }]) => ({
    when: { prompt: `bench:${name}` },
    reply: [{ repeat: Math.ceil(tokens / line.length), steps: words }, { text: end }],
    pace: { tokensPerSecond },
  }));
  return {
    answers: [...titles, ...reads, ...long, { reply: [{ text: "Yes." }] }],
  };
}
