/** A line-by-line draft and a file → one byte change. How places are found and chosen is `locate.ts`. */
import { failure, type HunkLine, type MatchRung } from "@twolane/protocol";
import type { ByteChange, ByteRange, Placement, UpdateDraft } from "../edits.ts";
import { startOf, type FileText } from "./file-text.ts";
import { choose, indentPairs, locate, type Located, type Sought, type TieBreakers } from "./locate.ts";
import { anchorRegion } from "./locate-anchors.ts";
import { excerptAround, maxCandidates, nearPlaces } from "./locate-near.ts";
import { lineChange, runsOf, withoutEchoes } from "./place-lines.ts";
import { reindent } from "./reindent.ts";

/** A draft in the form in which it is looked for. */
export interface PreparedUpdate {
  readonly draft: UpdateDraft;
  readonly lines: readonly HunkLine[];
  readonly sought: Sought;
}

export interface LineEdit {
  /** One for each run of lines that differ. */
  readonly changes: readonly ByteChange[];
  readonly matched: ByteRange;
  /** 0-based line at which the change begins. */
  readonly first: number;
  /** 0-based, behind the last matched line. */
  readonly last: number;
  readonly removed: number;
  readonly added: number;
}

export function prepareUpdate(draft: UpdateDraft, file: FileText): PreparedUpdate {
  // The file's BOM belongs to no line, so a line copied with it is meant without.
  const plain = file.bom === 0 ? draft.lines : draft.lines.map((line) => ({ ...line, text: line.text.replace(/^\ufeff/, "") }));
  const lines = withoutEchoes(plain);
  return { draft, lines, sought: soughtOf(draft, lines) };
}

export function placeUpdate(draft: UpdateDraft, file: FileText, ties: TieBreakers): Placement {
  const prepared = prepareUpdate(draft, file);
  if (prepared.lines.every((line) => line.op === "keep")) return unchanged(draft.path);
  if (prepared.sought.old.length === 0) return placeInsertion(prepared, file, ties);
  const located = locate(file, prepared.sought, ties);
  if (located.kind === "found") return placed(file, prepared, located);
  // Models like to end a hunk with a blank line that stands for the final newline, or for nothing.
  const shorter = withoutBlankEnd(prepared);
  if (located.kind === "missing" && located.anchor === undefined && shorter !== undefined) {
    const again = locate(file, shorter.sought, ties);
    if (again.kind === "found") return placed(file, shorter, again);
    if (again.kind === "ambiguous") return notPlaced(file, shorter, again);
  }
  return notPlaced(file, prepared, located);
}

/** The edit at one place; nothing when the added lines cannot be indented to fit, or when no byte would change. */
export function editAt(
  file: FileText,
  prepared: PreparedUpdate,
  { at, rung }: { readonly at: number; readonly rung: MatchRung },
): LineEdit | undefined {
  const { draft, lines, sought } = prepared;
  const isShifted = rung === "indentation" || rung === "typography";
  const pairs = isShifted ? indentPairs(file, at, { old: sought.old, rung }) : [];
  const added = reindent(pairs, sought.added);
  if (added === undefined) return undefined;
  const runs = runsOf(lines, at, added);
  const finalNewline = draft.noFinalNewline === undefined ? undefined : !draft.noFinalNewline;
  const changes = runs
    .map((run) => lineChange(file, run, finalNewline))
    .filter(({ start, end, bytes }) => Buffer.compare(bytes, file.bytes.subarray(start, end)) !== 0);
  if (changes.length === 0) return undefined;
  const last = at + sought.old.length;
  return {
    changes,
    matched: { start: startOf(file, at), end: startOf(file, last) },
    first: runs[0]?.first ?? at,
    last,
    removed: lines.filter((line) => line.op === "remove").length,
    added: added.length,
  };
}

/** Where a hunk without old lines goes: 0-based line in front of which it is inserted. */
export function insertionPlace(file: FileText, draft: UpdateDraft, ties: TieBreakers): Located {
  const end = file.lines.length;
  const found = (at: number): Located => ({ kind: "found", at, rung: "exact" });
  if (end === 0) return found(0);
  const region = anchorRegion(file, draft.anchors);
  if (region.kind === "missing") return region;
  if (draft.endOfFile) return found(end);
  if (region.places.length > 0) {
    const anchor = choose(file, region.places, { region, ties: { cursor: ties.cursor }, rung: "exact", length: 1 });
    return anchor.kind === "found" ? found(anchor.at + 1) : anchor;
  }
  // A line number without a line that proves it is a guess; without either, the end of the file is what Codex means.
  return draft.line === undefined ? found(end) : { kind: "missing" };
}

export function unchanged(path: string): Placement {
  return { ok: false, failure: failure("HUNK_EMPTY", `${path}: the hunk changes nothing.`), candidates: [], excerpt: "" };
}

function soughtOf(draft: UpdateDraft, lines: readonly HunkLine[]): Sought {
  const texts = (wanted: (line: HunkLine) => boolean): string[] => lines.filter(wanted).map((line) => line.text);
  return {
    anchors: draft.anchors.filter((anchor) => anchor.trim() !== ""),
    old: texts((line) => line.op !== "add"),
    added: texts((line) => line.op === "add"),
    endOfFile: draft.endOfFile,
  };
}

function withoutBlankEnd(prepared: PreparedUpdate): PreparedUpdate | undefined {
  const last = prepared.lines.at(-1);
  if (last?.op !== "keep" || last.text.trim() !== "" || prepared.sought.old.length < 2) return undefined;
  const lines = prepared.lines.slice(0, -1);
  return { draft: prepared.draft, lines, sought: soughtOf(prepared.draft, lines) };
}

function placeInsertion(prepared: PreparedUpdate, file: FileText, ties: TieBreakers): Placement {
  const located = insertionPlace(file, { ...prepared.draft, anchors: prepared.sought.anchors }, ties);
  if (located.kind !== "found") return notPlaced(file, prepared, located);
  const placement = placed(file, prepared, located);
  // Its author saw the anchor, behind which it goes.
  const behindAnchor = placement.ok && prepared.sought.anchors.length > 0 && !prepared.draft.endOfFile && located.at > 0;
  if (!behindAnchor) return placement;
  return { ...placement, matched: { start: startOf(file, located.at - 1), end: startOf(file, located.at) } };
}

function placed(file: FileText, prepared: PreparedUpdate, place: { readonly at: number; readonly rung: MatchRung }): Placement {
  const edit = editAt(file, prepared, place);
  if (edit === undefined) return unchanged(prepared.draft.path);
  const { changes, matched } = edit;
  return {
    ok: true,
    changes,
    matched,
    rung: place.rung,
    line: edit.first + 1,
    linesRemoved: edit.removed,
    linesAdded: edit.added,
    cursor: startOf(file, edit.last) + growthOf(changes),
  };
}

/** How many bytes longer the content gets. */
export function growthOf(changes: readonly ByteChange[]): number {
  return changes.reduce((sum, change) => sum + change.bytes.length - (change.end - change.start), 0);
}

function notPlaced(file: FileText, { draft, sought }: PreparedUpdate, located: Exclude<Located, { kind: "found" }>): Placement {
  if (located.kind === "ambiguous") {
    const lines = located.candidates.map((at) => at + 1);
    const named = lines.slice(0, maxCandidates).join(", ") + (lines.length > maxCandidates ? ", …" : "");
    return {
      ok: false,
      failure: failure("HUNK_AMBIGUOUS", `${draft.path}: the old lines stand in ${lines.length} places (lines ${named}).`),
      candidates: lines.slice(0, maxCandidates),
      excerpt: excerptAround(file, located.candidates, sought.old.length),
    };
  }
  if (sought.old.length === 0 && located.anchor === undefined) {
    return {
      ok: false,
      failure: failure(
        "HUNK_AMBIGUOUS",
        `${draft.path}: nothing says where the new lines go.`,
        "Add a line of the file before or after them.",
      ),
      candidates: [],
      excerpt: excerptAround(file, [Math.max(0, (draft.line ?? 1) - 1)], 1),
    };
  }
  const near = nearPlaces(file, located.anchor === undefined ? sought.old : [located.anchor, ...sought.old]);
  const what = located.anchor === undefined ? "the old lines are" : `the anchor ${JSON.stringify(located.anchor)} is`;
  const where = located.anchor === undefined && sought.endOfFile ? " at its end" : "";
  return {
    ok: false,
    failure: failure("HUNK_MISSING", `${draft.path}: ${what} not in the file${where}.`),
    candidates: near.map((at) => at + 1),
    excerpt: excerptAround(file, near, sought.old.length),
  };
}
