/** What Enter would do: of which text, when it is shown, and when not. */
import type { EventBody } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { draftOf, preparedHint } from "./ahead.ts";
import type { AppState } from "./app.ts";
import { firstState } from "./app-first.ts";
import { reduceApp } from "./app-reduce.ts";
import { at } from "./session-state-samples.ts";

const start = (): AppState =>
  firstState([], { settings: { vim: false, tellCorrections: false }, entries: [], columns: 80, rows: 24 });
const type = (state: AppState, text: string): AppState =>
  reduceApp(state, { type: "action", action: { type: "type", text }, at: 0 }).state;
const hear = (state: AppState, body: EventBody): AppState => reduceApp(state, { type: "event", event: at(0, body), at: 0 }).state;

const prepared = { type: "draft.prepared", text: "rename a to b", hunks: 3, files: 2, held: 0 } as const;

describe("the draft", () => {
  it("is the prompt that Enter would send, and nothing else", () => {
    expect(draftOf(type(start(), "rename a to b"))).toBe("rename a to b");
    expect(["", "  ", "!ls", "/model"].map((text) => draftOf(type(start(), text)))).toEqual(["", "", "", ""]);
    expect(draftOf(hear(type(start(), "rename a to b"), { type: "turn.started", turn: "t1", prompt: "x" }))).toBe("");
  });
});

describe("the line that says what Enter would do", () => {
  it("stands as long as the text does", () => {
    const state = hear(type(start(), "rename a to b"), prepared);
    expect(preparedHint(state)).toBe("Enter: 3 hunks in 2 files");
    expect(preparedHint(type(state, "c"))).toBeUndefined();
    expect(preparedHint(hear(state, { type: "turn.started", turn: "t1", prompt: "x" }))).toBeUndefined();
  });

  it("says what would be held, and why nothing would land", () => {
    const hint = (more: object): string | undefined =>
      preparedHint(hear(type(start(), "rename a to b"), { ...prepared, ...more }));
    expect(hint({ held: 1 })).toBe("Enter: 3 hunks in 2 files, 1 would be held");
    expect(hint({ hunks: 1, files: 1, held: 1 })).toBe("Enter: 1 hunk in 1 file, would be held");
    expect(hint({ hunks: 0, note: "a may be x.ts or y.ts." })).toBe("Enter: a may be x.ts or y.ts.");
    expect(hint({ hunks: 0 })).toBeUndefined();
  });
});
