/** What is known of limits and of money, as it is shown. Types only. */
import type { BudgetUse } from "./budgets.ts";
import type { Lane } from "./lane.ts";
import type { LimitWindow, RefusalReason } from "./limits.ts";
import type { SpendRow } from "./spend.ts";

/** How quick a model was in a lane, of its last answers. */
export interface LaneSpeed {
  readonly lane: Lane;
  /** From the request to the first output, the median. */
  readonly firstMs: number;
  /** Tokens a second, the median. */
  readonly perSecond: number;
  readonly answers: number;
}

/** What is known of the limits of one model with one account. */
export interface ModelLimits {
  /** Tells accounts apart; says nothing of the key. */
  readonly account: string;
  /** Of the provider's address, with its port; undefined in what was noted before it was. */
  readonly host?: string;
  /** `provider/name`; empty: what holds for all models of the account. */
  readonly model: string;
  /** Those that have not been reset since they were said. */
  readonly windows: readonly LimitWindow[];
  /** Nothing gets through. `named`: the provider said until when; else it is tried then. */
  readonly closed?: { readonly why: RefusalReason; readonly until: number; readonly named: boolean };
  /** Requests of all sessions that wait for it. */
  readonly waiting: number;
  /** Tokens that admission counts for the answer of each request, beside its input. */
  readonly reserve?: number;
  readonly speeds: readonly LaneSpeed[];
}

export interface LimitsReport {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly models: readonly ModelLimits[];
  /** Of this month and the last one. */
  readonly spend: readonly SpendRow[];
  readonly budgets: readonly BudgetUse[];
  /** The model of each lane, where the configuration names one. */
  readonly lanes: Readonly<Partial<Record<Lane, string>>>;
}
