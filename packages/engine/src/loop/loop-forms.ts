/** Small forms that the loop works with: a turn of an earlier process, how a model's edits stand in the conversation. */
import type { Constraint, QueuedMessage } from "@twolane/protocol";
import type { ConversationItem, ModelSession, ToolDefinition } from "../models/models.ts";
import type { Compaction } from "./sent-items.ts";
import { type TurnState, idleTurn } from "./turn.ts";
import type { RewriteEdits, WithdrawalOptions } from "./withdrawal.ts";

/** What a loop of an earlier process knew. */
export interface RestoredLoop {
  readonly items: readonly ConversationItem[];
  readonly compaction?: Compaction;
  readonly turn: number;
  readonly step: number;
  /** Hunks that were ever named. */
  readonly hunks: number;
  readonly queue: readonly QueuedMessage[];
  readonly queued: number;
  readonly cutOff: boolean;
  /** What the changes of the last turn were held to. */
  readonly constraints: readonly Constraint[];
  /** Said before the next message. */
  readonly notes: readonly string[];
}

/** How this model's edits stand in the conversation. */
export function editForm({
  model,
  edits,
}: {
  readonly model: ModelSession;
  readonly edits: { readonly tool?: ToolDefinition; readonly rewrite: RewriteEdits };
}): WithdrawalOptions {
  return {
    editTool: edits.tool?.name ?? "",
    editsInMessage: model.capabilities.editForm === "message",
    rewrite: edits.rewrite,
  };
}

export function restoredTurn({ turn, step, queue, queued, cutOff, constraints }: RestoredLoop): TurnState {
  return {
    ...idleTurn,
    turn,
    step,
    queue,
    queued,
    constraints,
    ...(cutOff && { cutOff }),
    ...(queue.length > 0 && { halted: "stop" as const }),
  };
}
