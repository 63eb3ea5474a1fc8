/** One line beside a request that would fit the deep lane better, where nobody can be asked. It holds nothing up and is said once. */
import { laneAdvice } from "@twolane/policy";
import type { EventOf, TwolaneEvent } from "@twolane/protocol";

interface Heard {
  subscribe(listener: (event: TwolaneEvent) => void): () => void;
}

/** The request is out by the time that this looks at it. */
export function hintAtLane(session: Heard, text: string, write: (line: string) => void): void {
  let known: Pick<EventOf<"lanes.told">, "wishes" | "past" | "suggests"> = { wishes: [], past: {}, suggests: true };
  const forget = session.subscribe((event) => {
    if (event.type === "lanes.told") known = event;
    if (event.type !== "step.ended" && event.type !== "turn.ended") return;
    forget();
    const advice = known.suggests && event.type === "step.ended" ? laneAdvice({ text, ...known }) : undefined;
    if (advice === undefined || advice.lane === "fast") return;
    const what = advice.parts?.deep ?? text;
    const shown = what.replace(/\s+/g, " ").trim();
    const cut = shown.length > 60 ? `${shown.slice(0, 60).trimEnd()}…` : shown;
    write(`hint: for the deep lane: ${advice.reason}. twolane deep ${JSON.stringify(cut)}`);
  });
}
