/** What a source of tokens with limits is made of, and what it tells of its requests. Types only. */
import type { Failure, Lane, TokenUsage } from "@twolane/protocol";
import type { SharedRadar } from "./shared-radar.ts";

/** What a request took, when it is over. */
export interface Spent {
  readonly usage: TokenUsage;
  /** It ended before the provider counted: estimated from what was sent and received. */
  readonly estimated: boolean;
}

export interface LimitedOptions {
  readonly radar: SharedRadar;
  /** `sourceOf`: which account's model. */
  readonly source: string;
  /** For messages. */
  readonly provider: string;
  readonly lane: Lane;
  /** The longest wait of one request, ms; 0: none waits. */
  readonly patience: number;
  /** Whether nothing more may be spent, before each request. */
  readonly blocked?: () => Failure | undefined | Promise<Failure | undefined>;
  readonly onSpent?: (spent: Spent) => void;
}
