/** Lines that the screen itself adds to what is printed for good. */
import type { AppState, Tone } from "./app.ts";
import type { Block } from "./transcript.ts";

export function print(state: AppState, ...blocks: readonly Block[]): AppState {
  const [first, ...more] = blocks;
  if (first === undefined) return state;
  const last = state.printing.at(-1);
  // What is accepted together is one line.
  if (first.kind === "accepted" && last?.kind === "accepted" && first.byCommit === last.byCommit)
    return { ...state, printing: [...state.printing.slice(0, -1), { ...last, hunks: [...last.hunks, ...first.hunks] }, ...more] };
  return { ...state, printing: [...state.printing, ...blocks] };
}

export const say = (state: AppState, text: string, tone: Tone = "plain"): AppState => print(state, { kind: "said", text, tone });
