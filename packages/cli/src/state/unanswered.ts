/** Where nobody can answer any more, because the input has ended, a command that waits gets a no: else the session would wait for ever. */
import type { Command, TwolaneEvent } from "@twolane/protocol";

interface Answered {
  send(command: Command): void;
  subscribe(listener: (event: TwolaneEvent) => void): () => void;
}

/** Gives what is to be called when the input has ended. */
export function watchUnanswered(session: Answered): () => void {
  const held = new Set<string>();
  let isOver = false;
  const refuse = (call: string): void => session.send({ type: "command.answer", call, answer: "no" });
  session.subscribe((event) => {
    if (event.type === "command.held" && event.verdict.decision === "hold") {
      // Not in the middle of the telling: whoever asked is not waiting yet.
      if (isOver) setImmediate(() => refuse(event.call));
      else held.add(event.call);
    }
    if (event.type === "command.answered" || event.type === "tool.ended") held.delete(event.call);
  });
  return () => {
    isOver = true;
    for (const call of held) refuse(call);
  };
}
