/**
 * Where an open hunk will stand, asked again with every line that arrives: the places found for the lines so far are
 * narrowed by the new line instead of searched anew. Only for showing; what lands is placed once more when it is closed.
 */
import type { MatchRung } from "@twolane/protocol";
import type { HunkDraft, UpdateDraft } from "../edits.ts";
import { lineAt, type FileText } from "./file-text.ts";
import { choose, matchesAt, rungs, stillMatching, type Sought } from "./locate.ts";
import { anchorRegion, everywhere, type AnchorRegion } from "./locate-anchors.ts";
import { occurrencesOf } from "./place-substitute.ts";
import { insertionPlace } from "./place-update.ts";

export interface Locator {
  /** 1-based line at which the change of the open hunk begins; 0 while it has no single place. */
  tentative(draft: HunkDraft, file: FileText, cursor: number): number;
}

interface Search {
  readonly file: FileText;
  readonly sought: Sought;
  readonly region: AnchorRegion;
  readonly rung: MatchRung;
  readonly candidates: readonly number[];
}

/** Remembers the search of one open hunk; another hunk or another state of the file starts anew. */
export function createLocator(): Locator {
  let last: Search | undefined;
  const locateUpdate = (draft: UpdateDraft, file: FileText, cursor: number): number => {
    const sought = openSought(draft);
    if (sought.old.length === 0) {
      const place = insertionPlace(file, draft, { cursor });
      return place.kind === "found" ? place.at + 1 : 0;
    }
    last = search(file, sought, last);
    if (last.candidates.length === 0) return 0;
    const { region, rung } = last;
    const place = choose(file, last.candidates, { region, ties: { cursor }, rung, length: sought.old.length });
    const kept = draft.lines.findIndex((line) => line.op !== "keep");
    return place.kind === "found" ? place.at + (kept < 0 ? draft.lines.length : kept) + 1 : 0;
  };
  return {
    tentative(draft, file, cursor) {
      if (draft.kind === "update") return locateUpdate(draft, file, cursor);
      if (draft.kind !== "substitute" || draft.oldText === "") return 0;
      const [only, ...more] = occurrencesOf(draft.oldText, file);
      return only !== undefined && more.length === 0 ? lineAt(file, only.start) + 1 : 0;
    },
  };
}

function search(file: FileText, sought: Sought, last: Search | undefined): Search {
  const known = last !== undefined && last.file === file && grows(last.sought, sought) ? last : undefined;
  if (known?.sought.old.length === sought.old.length) return known;
  const region = known?.region ?? anchorRegion(file, sought.anchors);
  const nowhere: Search = { file, sought, region: everywhere, rung: "typography", candidates: [] };
  if (region.kind === "missing") return nowhere;
  for (const rung of rungs.slice(known === undefined ? 0 : rungs.indexOf(known.rung))) {
    const candidates =
      known?.rung === rung
        ? stillMatching(file, known.candidates, { sought, rung, known: known.sought.old.length })
        : matchesAt(file, sought, { rung, from: region.from });
    if (candidates.length > 0) return { file, sought, region, rung, candidates };
  }
  // Nothing matches, and more lines will not change that: the empty list is remembered as well.
  return nowhere;
}

function grows(before: Sought, now: Sought): boolean {
  const isPrefix = (short: readonly string[], long: readonly string[]): boolean =>
    short.length <= long.length && short.every((line, index) => line === long[index]);
  return before.anchors.length === now.anchors.length && isPrefix(before.anchors, now.anchors) && isPrefix(before.old, now.old);
}

/** Without the added lines: whether these can be indented to fit is a matter of the closed hunk. */
function openSought(draft: UpdateDraft): Sought {
  const old = draft.lines.filter((line) => line.op !== "add").map((line) => line.text);
  return { anchors: draft.anchors.filter((anchor) => anchor.trim() !== ""), old, added: [], endOfFile: false };
}
