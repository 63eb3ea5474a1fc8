/** Says when what has landed comes near a limit of the policy on the size of a diff, and when it does not any more. Judges nothing. */
import type { EventBody, EventType, TurnId } from "@twolane/protocol";
import type { HunkContext, PolicyJudge } from "@twolane/policy";
import type { SessionTotals } from "./change-totals.ts";

export interface SizeWatch {
  /** After the totals have: what there is to tell then. */
  observe(event: EventBody): EventBody | undefined;
}

export interface SizeWatchDeps {
  readonly policy: Pick<PolicyJudge, "near">;
  readonly totals: SessionTotals;
  readonly lane: HunkContext["lane"];
}

/** Events behind which the sums may be other ones; the model is told of at the beginning of a session, resumed ones too. */
const counting: ReadonlySet<EventType> = new Set<EventType>([
  ...(["model.changed", "turn.started", "hunk.landed", "hunk.held", "hunk.failed", "hunk.undone"] as const),
  ...(["hunk.rejected", "hunk.accepted", "commit.made"] as const),
]);

export function createSizeWatch({ policy, totals, lane }: SizeWatchDeps): SizeWatch {
  let turn: TurnId = "";
  let told = "";
  return {
    observe(event) {
      if (!counting.has(event.type)) return undefined;
      if (event.type === "turn.started") turn = event.turn;
      const near = policy.near({ lane, ...totals.around("", turn) });
      const now = near === undefined ? "" : JSON.stringify(near);
      if (now === told) return undefined;
      told = now;
      return { type: "size.changed", ...(near && { near }) };
    },
  };
}
