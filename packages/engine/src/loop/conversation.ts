/**
 * What has been said so far, in the form that goes to the model. It only ever grows at its end, so that a wire can send
 * what is new. Also keeps what the model must be told of an answer that was cut off, until the next message goes out.
 */
import type { ConversationItem } from "../models/models.ts";
import type { LandOutcome } from "../edits/landing/lander.ts";

/** Of a text that was cut off, this many characters of its end are told to the model. */
const cutTextLimit = 2000;

export interface Conversation {
  readonly items: readonly ConversationItem[];
  add(item: ConversationItem): void;
  /** What the person said, behind what the model must know of its cut-off answer. */
  say(text: string): void;
  /** The outputs of calls, in the order of the calls. */
  returnOutputs(outputs: readonly { readonly call: string; readonly text: string }[]): void;
  /** Remembers for the next message what stayed of an edit whose call never became complete. */
  noteCutEdit(outcomes: readonly LandOutcome[]): void;
  /** Remembers for the next message what the model was saying. */
  noteCutText(text: string): void;
}

/** The call id under which edits in the text of a message are reported. */
export const messageCall = "message";
export const isMessageCall = (call: string): boolean => call === messageCall || call.startsWith(`${messageCall}:`);

export function createConversation(pinned: readonly string[]): Conversation {
  const items: ConversationItem[] = pinned.filter((text) => text !== "").map((text) => ({ kind: "pinned", text }));
  let notes: string[] = [];
  const freeform = new Map<string, boolean>();
  return {
    items,
    add(item) {
      if (item.kind === "call") freeform.set(item.call, item.freeform);
      items.push(item);
    },
    say(text) {
      items.push({ kind: "user", text: [...notes, text].join("\n\n") });
      notes = [];
    },
    returnOutputs(outputs) {
      for (const { call, text } of outputs) {
        if (isMessageCall(call)) items.push({ kind: "user", text });
        else items.push({ kind: "output", call, text, freeform: freeform.get(call) ?? false });
        freeform.delete(call);
      }
    },
    noteCutEdit: (outcomes) => void notes.push(describeCutEdit(outcomes)),
    noteCutText: (text) => void notes.push(`[Your answer was cut off by the user. It ended with:]\n${text.slice(-cutTextLimit)}`),
  };
}

/** Exactly which hunks of a cut-off edit are on disk; all else of it is not. */
function describeCutEdit(outcomes: readonly LandOutcome[]): string {
  const landed = outcomes.filter((outcome) => outcome.state === "landed");
  if (landed.length === 0) return "[Your last edit was cut off by the user. Nothing of it is on disk.]";
  const lines = landed.map(({ hunk }) => `${hunk.movedTo ?? hunk.path}:${hunk.line} +${hunk.linesAdded} -${hunk.linesRemoved}`);
  return `[Your last edit was cut off by the user. On disk from it, and nothing else:]\n${lines.join("\n")}`;
}
