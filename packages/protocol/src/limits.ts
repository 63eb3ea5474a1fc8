/** What providers let through, in words that are the same for all of them: windows, and how a request is refused by one. */

/** What a window counts. `share`: the provider tells only how much of it is used. */
export const limitKinds = ["requests", "tokens", "input tokens", "output tokens", "share"] as const;
export type LimitKind = (typeof limitKinds)[number];

/** One window of a limit, as the provider said it last. */
export interface LimitWindow {
  /** As the provider calls it. */
  readonly name: string;
  readonly what: LimitKind;
  /** In milliseconds; absent where the provider does not say. */
  readonly perMs?: number;
  readonly limit?: number;
  readonly left?: number;
  /** 0 to 100, where it can be known. */
  readonly leftPercent?: number;
  /** Milliseconds since 1970. */
  readonly resetsAt?: number;
  /** It fills again all the time and is full at `resetsAt`; absent: it fills at that moment. */
  readonly steady?: true;
}

/** Why a provider takes nothing: too much was sent, nobody pays, or it has too much to do. */
export type RefusalReason = "limit" | "payment" | "overload";

/** A refusal that a later request may not meet. */
export interface LimitRefusal {
  readonly why: RefusalReason;
  /** Milliseconds since 1970; absent where the provider did not say. */
  readonly resetsAt?: number;
}

/** Why a request is kept on this machine. `order`: what came before it goes first. */
export type DelayReason = RefusalReason | "order";

/** A request that is not sent yet, because it could not succeed. */
export interface RequestDelay {
  readonly why: DelayReason;
  /** Milliseconds since 1970: when it goes, as far as that is known. */
  readonly until?: number;
  /** Its place among all that wait for the same, of all sessions of this user; 1 is the next. */
  readonly place: number;
  readonly of: number;
}
