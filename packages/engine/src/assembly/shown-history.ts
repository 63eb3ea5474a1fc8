/** Events of the earlier process, as a surface that goes on shows them: with the text of hunks in front of what became of them. */
import type { HunkId, TwolaneEvent } from "@twolane/protocol";
import type { Reviewer } from "../edits/review/reviewer.ts";
import type { SecretScreen } from "../guard/secret-screen.ts";

export interface ShownHistoryParts {
  readonly history?: readonly TwolaneEvent[];
  readonly reviewer: Reviewer;
  readonly screen: SecretScreen;
}

export function shownHistory({ history = [], reviewer, screen }: ShownHistoryParts): readonly TwolaneEvent[] {
  for (const event of history) reviewer.observe(event);
  const told = new Set<HunkId>();
  return history.flatMap((event) => {
    const hunk = event.type === "hunk.landed" || event.type === "hunk.held" ? event.hunk : undefined;
    if (hunk === undefined || told.has(hunk.id)) return [event];
    told.add(hunk.id);
    const { at, mono, lane, session } = event;
    const lines = screen.hideLines(reviewer.lines(hunk.id) ?? []);
    return [{ type: "hunk.closed" as const, hunk, lines, at, mono, lane, session }, event];
  });
}
