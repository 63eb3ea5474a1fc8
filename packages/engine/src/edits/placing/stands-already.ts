/**
 * Whether a draft whose old lines are nowhere has been carried out before: by an earlier hunk, or by a person. That is believed only
 * where nothing speaks against it; else the hunk simply has no place. Pure.
 */
import type { HunkLine } from "@twolane/protocol";
import type { Placement, SubstituteDraft, UpdateDraft } from "../edits.ts";
import { type FileText, lineAt } from "./file-text.ts";
import { anchorRegion } from "./locate-anchors.ts";
import { nearPlaces } from "./locate-near.ts";
import { matchesAt } from "./locate.ts";
import type { PlaceableDraft } from "./place.ts";
import { occurrencesOf } from "./place-substitute.ts";
import { prepareUpdate } from "./place-update.ts";

/** Letters and digits that the new text must have: less than that stands in a file by chance. */
const tellingCharacters = 8;

/** The 1-based line at which the new text stands; undefined where that is not certain. */
export function standsAlready(
  draft: PlaceableDraft,
  file: FileText,
  placement: Extract<Placement, { ok: false }>,
): number | undefined {
  if (draft.kind === "rewrite") return placement.failure.code === "HUNK_EMPTY" ? 1 : undefined;
  if (placement.failure.code !== "HUNK_MISSING") return undefined;
  const at = draft.kind === "update" ? updateAt(draft, file) : substituteAt(draft, file);
  return at === undefined ? undefined : at + 1;
}

function updateAt(draft: UpdateDraft, file: FileText): number | undefined {
  const { lines, sought } = prepareUpdate(draft, file);
  const made = lines.filter(({ op }) => op !== "remove").map(textOf);
  if (sought.added.length === 0 || !isTelling(made)) return undefined;
  const region = anchorRegion(file, sought.anchors);
  if (region.kind === "missing") return undefined;
  const places = matchesAt(file, { ...sought, old: made, added: [] }, { rung: "exact", from: region.from });
  const [at] = places;
  if (at === undefined || places.length > 1) return undefined;
  // Where the old lines nearly stand somewhere else, they were meant, and copied badly.
  const isMeantElsewhere = nearPlaces(file, lines.filter(({ op }) => op === "remove").map(textOf)).some(
    (near) => near < at - made.length || near >= at + made.length,
  );
  return isMeantElsewhere ? undefined : at;
}

function substituteAt({ oldText, newText }: SubstituteDraft, file: FileText): number | undefined {
  if (oldText.includes(newText) || !isTelling([newText])) return undefined;
  const found = occurrencesOf(newText, file);
  const [only] = found;
  if (only === undefined || found.length > 1) return undefined;
  const [first, last] = [lineAt(file, only.start), lineAt(file, only.end)];
  const isMeantElsewhere = nearPlaces(file, oldText.split("\n")).some((near) => near < first || near > last);
  return isMeantElsewhere ? undefined : first;
}

const textOf = ({ text }: HunkLine): string => text;
const isTelling = (texts: readonly string[]): boolean =>
  texts.join("").replaceAll(/[^\p{L}\p{N}]/gu, "").length >= tellingCharacters;
