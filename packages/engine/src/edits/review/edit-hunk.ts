/** Other words in a hunk's place: its new side, as it was shown, becomes the person's text. Finds the place; others write. */
import path from "node:path";
import { type HunkId, type HunkLine, type Result, type TurnId, fail, succeed } from "@twolane/protocol";
import type { HunkDraft } from "../edits.ts";
import { applyChanges, fileText, fromByteString, lineAt, startOf } from "../placing/file-text.ts";
import { lineChanges, rangeBehind } from "../placing/line-changes.ts";
import { merge3 } from "../placing/merge.ts";
import { lineChange, withoutEchoes } from "../placing/place-lines.ts";
import { sidesOf } from "../undo/step-back.ts";
import type { Ground } from "./ground.ts";
import { currentLines, leftAndNow } from "./current-lines.ts";
import { sideOf } from "./hunk-lines.ts";
import type { OwnedStep } from "./ledger.ts";
import { type RelandDeps, type Relanding, type Share, putShares } from "./reland.ts";

interface EditWish {
  readonly hunk: HunkId;
  readonly turn: TurnId;
  /** As the hunk was shown. */
  readonly shown: readonly HunkLine[];
  /** As it was before a person changed it. */
  readonly proposed: readonly HunkLine[];
  /** Instead of its kept and added lines. */
  readonly text: string;
}

/** Writes the person's words in a standing hunk. HUNK_STATE where its lines cannot be told apart, HUNK_CONFLICT where they changed. */
export async function putEdited(deps: RelandDeps, wish: EditWish, ground: Ground): Promise<Relanding> {
  const share = await editedShare(deps, wish, ground);
  return share.ok ? putShares(deps, wish, [share.value]) : share;
}

async function editedShare(deps: RelandDeps, wish: EditWish, ground: Ground): Promise<Result<Share>> {
  const { ledger, images } = ground;
  const step = ledger.lastSteps(wish.hunk).findLast(({ existence }) => existence !== "gone");
  if (!step) return severalPlaces(wish);
  const { path: file } = step.record;
  const read = await deps.files.read(path.join(deps.root, ...file.split("/")));
  if (!read.ok) return read;
  const actual = read.value;
  const there = inPlace(ground, { ...wish, path: file }, actual.bytes);
  if (there) return succeed({ path: file, actual, after: there.content, matched: there.region, mode: 0 });
  const after = sidesOf(step, images)?.after;
  const target = after && withWords({ ...wish, after, step }, images);
  if (!target) return severalPlaces(wish);
  const merged = merge3(after, actual.bytes, target.content);
  if (!merged.ok) return fail("HUNK_CONFLICT", `The lines of ${wish.hunk} were changed since.`, "Edit the file instead.");
  const matched = rangeBehind(target.region, lineChanges(after, actual.bytes), "without");
  return succeed({ path: file, actual, after: merged.bytes, matched, mode: 0 });
}

const severalPlaces = ({ hunk }: EditWish): Result<never> =>
  fail("HUNK_STATE", `The lines of ${hunk} stand in several places or were never shown.`, "Edit the file instead.");

/** The words where what was shown stands in the file now, with all that a person has made of it. */
function inPlace(ground: Ground, { shown, proposed, text, ...where }: EditWish & { readonly path: string }, now: Uint8Array) {
  const wanted = sideOf(shown, "add");
  const compared = leftAndNow(ground, where.path, now);
  if (compared === undefined) return undefined;
  for (const known of [shown, proposed]) {
    const current = currentLines(ground, { ...where, shown: known }, compared);
    if (current === undefined || current.texts.join("\n") !== wanted.join("\n")) continue;
    const file = fileText(now);
    const [first, last] = [lineAt(file, current.region.start), lineAt(file, current.region.end)];
    const plain = text.replace(/\r?\n$/, "");
    const added = plain === "" ? [] : plain.split(/\r?\n/);
    return { content: applyChanges(file, [lineChange(file, { first, last, added })]).bytes, region: current.region };
  }
  return undefined;
}

interface Words extends EditWish {
  /** The file behind the hunk. */
  readonly after: Uint8Array;
  readonly step: OwnedStep;
}

/** Looks for what was shown: where the hunk's lines were matched, or in the whole file that it wrote. */
function withWords({ after, step, shown, text }: Words, images: Ground["images"]) {
  const file = fileText(after);
  const changes = images.changes(step) ?? [];
  const [from, to] = step.record.steps[step.index]?.matched ?? [0, 0];
  const hull = {
    start: Math.min(from, changes[0]?.start ?? from),
    end: Math.max(to, changes.at(-1)?.end ?? to),
  };
  const wanted = sideOf(shown, "add");
  const words = text.replace(/\r?\n$/, "").split(/\r?\n/);
  const near = rangeBehind(hull, changes, "with");
  for (const region of [near, { start: 0, end: after.length }]) {
    const first = lineAt(file, region.start);
    const last = region.end > startOf(file, lineAt(file, region.end)) ? lineAt(file, region.end) + 1 : lineAt(file, region.end);
    const lines = file.lines.slice(first, last).map(fromByteString);
    const added = replaced(lines, wanted, words);
    if (added === undefined) continue;
    const content = applyChanges(file, [lineChange(file, { first, last, added })]).bytes;
    return { content, region: { start: startOf(file, first), end: startOf(file, last) } };
  }
  return undefined;
}

/** The lines with `words` where `wanted` stands, once; whole lines before a text within them. */
function replaced(lines: readonly string[], wanted: readonly string[], words: readonly string[]): readonly string[] | undefined {
  if (wanted.length === 0) return lines.length === 0 ? words : undefined;
  const places = lines.flatMap((_, at) => (wanted.every((line, index) => lines[at + index] === line) ? [at] : []));
  const [place] = places;
  if (place !== undefined)
    return places.length > 1 ? undefined : [...lines.slice(0, place), ...words, ...lines.slice(place + wanted.length)];
  const [text, sought] = [lines.join("\n"), wanted.join("\n")];
  const at = text.indexOf(sought);
  if (at < 0 || text.includes(sought, at + 1)) return undefined;
  return `${text.slice(0, at)}${words.join("\n")}${text.slice(at + sought.length)}`.split("\n");
}

/** A draft that has not landed, with the person's words as its new side. One without a new side stays as it is. */
export function editedDraft(draft: HunkDraft, text: string): HunkDraft {
  const plain = text.replace(/\r?\n$/, "");
  switch (draft.kind) {
    case "update": {
      const removed = draft.lines.filter(({ op }) => op !== "add").map((line) => ({ op: "remove" as const, text: line.text }));
      const added = plain === "" ? [] : plain.split(/\r?\n/).map((line) => ({ op: "add" as const, text: line }));
      return { ...draft, lines: [...removed, ...added] };
    }
    case "substitute":
      return { ...draft, newText: draft.oldText.endsWith("\n") ? `${plain}\n` : plain };
    case "create":
    case "rewrite":
      return { ...draft, content: plain === "" ? "" : `${plain}\n` };
    case "delete":
    case "move":
      return draft;
  }
}

/** The hunk as it is shown when its new side has become `text`. */
export function editedLines(shown: readonly HunkLine[], text: string): readonly HunkLine[] {
  const plain = text.replace(/\r?\n$/, "");
  const removed = sideOf(shown, "remove").map((line) => ({ op: "remove" as const, text: line }));
  const added = plain === "" ? [] : plain.split(/\r?\n/).map((line) => ({ op: "add" as const, text: line }));
  return withoutEchoes([...removed, ...added]);
}
