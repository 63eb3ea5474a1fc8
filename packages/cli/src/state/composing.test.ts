/** What the line above the input says: what Enter does, and what a commit leaves out. */
import type { CommitDraft, HunkState } from "@twolane/protocol";
import { expect, test } from "vitest";
import { composingHint, staysOutText } from "./composing.ts";
import { hunkOf, reviewedHunk } from "./session-state-samples.ts";

const open = (id: string, turn: string, state: HunkState) => reviewedHunk(id, { state, hunk: hunkOf(id, { turn }) });

test("what a commit leaves out is said by turn and state, of many turns in one number", () => {
  const two = [open("h1", "t1", "landed"), open("h2", "t1", "landed"), open("h3", "t2", "held")];
  expect(staysOutText(two)).toBe("2 hunks of t1 not accepted, 1 of t2 held");
  expect(staysOutText([...two, open("h4", "t3", "held")])).toBe("2 hunks not accepted, 2 held");
  expect(staysOutText([])).toBe("");
  const draft: CommitDraft = {
    hunks: ["h9"],
    files: [{ path: "a.ts", added: 1, removed: 0 }],
    left: [],
    message: "m",
    onto: "main",
  };
  const waiting = two.map(({ hunk }) => hunk.id);
  const keys = (_place: string, name: string): string | undefined => (name === "queue-or-review" ? "F3" : undefined);
  expect(composingHint({ kind: "commit", draft, waiting, staysOut: staysOutText(two), unseen: 1 }, keys)).toBe(
    "Enter commits 1 hunk in 1 file onto main · out of it: 2 hunks of t1 not accepted, 1 of t2 held (1 never seen) · F3 accepts them first · Esc: not",
  );
  expect(composingHint({ kind: "commit", draft, waiting: [], staysOut: "", unseen: 0 }, keys)).toBe(
    "Enter commits 1 hunk in 1 file onto main · Esc: not",
  );
});
