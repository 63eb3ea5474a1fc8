/** Small forms that the loop works with: a turn of an earlier process, how a model's edits stand in the conversation. */
import type { ModelSession, ToolDefinition } from "../models/models.ts";
import { type TurnState, idleTurn } from "./turn.ts";
import type { RewriteEdits, WithdrawalOptions } from "./withdrawal.ts";

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

export function restoredTurn({
  cutOff,
  ...kept
}: Pick<TurnState, "turn" | "step" | "queue" | "queued" | "constraints"> & { readonly cutOff: boolean }): TurnState {
  const { turn, step, queue, queued, constraints } = kept;
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
