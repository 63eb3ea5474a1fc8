/** What fills a model's window, for whoever wants to see it and take something out. */

/** Instructions and what the tools take stay as they are; all else a person may leave out. */
export const contextKinds = ["instructions", "tools", "said", "file", "answer", "call", "output", "summary"] as const;
export type ContextKind = (typeof contextKinds)[number];

export interface ContextPart {
  /** For `context.drop`; valid until the list is made again. Empty where it cannot be left out. */
  readonly id: string;
  readonly kind: ContextKind;
  /** One line. */
  readonly text: string;
  readonly tokens: number;
  readonly pinned: boolean;
}

/** Tokens are guessed, and set right by what the provider counts. */
export interface ContextFill {
  readonly model: string;
  readonly tokens: number;
  /** 0: the source has none. */
  readonly window: number;
  /** Where it begins to be made shorter. */
  readonly compactsAt: number;
  /** Of the last request, as the provider says. */
  readonly cached: number;
  /** In the order in which they go. */
  readonly parts: readonly ContextPart[];
}
