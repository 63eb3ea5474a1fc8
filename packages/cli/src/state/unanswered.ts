/**
 * Where nobody can answer any more, because the input has ended, a command that waits gets a no, and a workflow goes on as it does where
 * nobody is there: else the session would wait for ever.
 */
import type { Command, TwolaneEvent } from "@twolane/protocol";

interface Answered {
  send(command: Command): void;
  subscribe(listener: (event: TwolaneEvent) => void): () => void;
}

/** Gives what is to be called when the input has ended. `who`: whose question is answered; what a workflow asks may be left to a person who has gone. */
export function watchUnanswered(session: Answered, who: "all" | "commands" = "all"): () => void {
  const held = new Set<string>();
  let isOver = false;
  let asked: string | undefined;
  const goOn = (answer: string): void => session.send({ type: "workflow.answer", answer });
  const refuse = (call: string): void => session.send({ type: "command.answer", call, answer: "no" });
  session.subscribe((event) => {
    if (event.type === "command.held" && event.verdict.decision === "hold") {
      // Not in the middle of the telling: whoever asked is not waiting yet.
      if (isOver) setImmediate(() => refuse(event.call));
      else held.add(event.call);
    }
    if (event.type === "workflow.asked" && who === "all") {
      asked = event.otherwise;
      // Before whoever waits for the session sees that it waits for a person.
      if (isOver) queueMicrotask(() => goOn(event.otherwise));
    }
    if (event.type === "workflow.answered" || event.type === "workflow.ended") asked = undefined;
    if (event.type === "command.answered" || event.type === "tool.ended") held.delete(event.call);
  });
  return () => {
    isOver = true;
    for (const call of held) refuse(call);
    if (asked !== undefined) goOn(asked);
  };
}
