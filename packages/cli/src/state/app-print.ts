/** Lines that the screen itself adds to what is printed for good. */
import type { AppState, Tone } from "./app.ts";
import type { Block } from "./transcript.ts";

export function print(state: AppState, ...blocks: readonly Block[]): AppState {
  return { ...state, printing: [...state.printing, ...blocks] };
}

export const say = (state: AppState, text: string, tone: Tone = "plain"): AppState => print(state, { kind: "said", text, tone });
