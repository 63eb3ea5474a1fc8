/**
 * A source of tokens whose answer is already there: a patch from standard input, run through the same loop as a model's
 * answer. It is no model and connects to nothing.
 */
import type { ModelCapabilities } from "@twolane/protocol";
import type { ConversationItem, ModelEvent, ModelSession } from "./models.ts";

const editTool = "edit";
const call = "given";

/** Answers the first request with one edit call of `text`, and every later one with nothing. */
export function createGivenSession(text: string, capabilities: ModelCapabilities): ModelSession {
  let given = false;
  return {
    model: "patch",
    capabilities,
    prewarm() {},
    respond(_request, onEvent) {
      let open = true;
      const tell = (event: ModelEvent): void => {
        if (!open) return;
        if (event.kind === "ended") open = false;
        onEvent(event);
      };
      const events = given ? [] : editEvents(text, capabilities);
      given = true;
      queueMicrotask(() => {
        tell({ kind: "started", model: "patch" });
        for (const event of events) tell(event);
        tell({ kind: "ended", ending: "completed" });
      });
      return {
        stop: () => tell({ kind: "ended", ending: "interrupted" }),
        steer: () => false,
      };
    },
    close: () => Promise.resolve(),
  };
}

function editEvents(text: string, capabilities: ModelCapabilities): ModelEvent[] {
  if (capabilities.editForm === "message") {
    const item: ConversationItem = { kind: "assistant", text };
    return [
      { kind: "text", text },
      { kind: "item", item },
    ];
  }
  const freeform = capabilities.editForm === "freeform";
  const item: ConversationItem = { kind: "call", call, tool: editTool, input: text, freeform };
  return [
    { kind: "call.started", call, tool: editTool, freeform },
    { kind: "call.delta", call, text },
    { kind: "item", item },
  ];
}
