/** The review list: hunks around the cursor, grouped by turn, the open one's lines below, within a height. Pure. */
import type { Review, ReviewMode, ReviewedHunk, TurnId } from "@twolane/protocol";
import type { ActionName, KeyOf } from "../state/actions.ts";
import type { Broken } from "../state/broken.ts";
import { counted } from "../state/grouped.ts";
import {
  type ListedComment,
  type ReviewList,
  commentUnderCursor,
  entryIds,
  isHeldByRule,
  isHit,
  isInConflict,
  isOpen,
  listed,
  underCursor,
} from "../state/review-list.ts";
import { diffLength, diffPage } from "./diff-view.ts";
import { conflictLines } from "./conflict-view.ts";
import { hunkLine } from "./hunk-view.ts";
import type { Room } from "./panel-view.ts";
import type { Style } from "./style.ts";
import { hanging } from "./markdown-view.ts";
import { problemLines } from "./problem-view.ts";
import { commentText } from "./workflow-view.ts";
import { clip, displayWidth, sanitize } from "./text.ts";

/** Rows of the list itself when a hunk is open. */
const listRows = 5;

export interface ReviewPage extends Room {
  readonly style: Style;
  /** Absent while the keys go elsewhere. */
  readonly keyOf?: KeyOf;
  readonly mode: ReviewMode;
  /** What hunks broke. */
  readonly broken?: Broken;
}

export interface ReviewLines {
  readonly lines: readonly string[];
  /** That of the hunk under the cursor. */
  readonly row: number;
}

/** Never more lines than the height; of little room the hunk under the cursor has the first. */
export function reviewView(list: ReviewList, review: Review, page: ReviewPage): ReviewLines {
  const { style, width, height } = page;
  const all = listed(review);
  const current = underCursor(list, review);
  const remark = commentUnderCursor(list);
  const title = height > 1 ? [style.bold(titleText(list, review))] : [];
  const shownKeys = remark === undefined ? hunkKeys(current, page.broken) : remarkKeys;
  const keys = height > 2 && page.keyOf !== undefined ? [style.dim(keyLine(page.keyOf, page, shownKeys))] : [];
  const room = Math.max(0, height - title.length - keys.length);
  const look = { style, list, isHit: isHit(list, review), ...(page.broken && { broken: page.broken }) };
  const rows = [...listLines(all, current, look), ...remarkRows(list, all.length > 0, style)];
  const opened = list.open && (current !== undefined || remark !== undefined) && room > 2;
  const shown = aroundCursor(rows, opened ? Math.min(listRows, room - 2) : room);
  const below = { ...page, height: room - shown.length };
  const text = opened ? (remark === undefined ? openLines(list, current, below) : remarkLines(remark, below)) : [];
  return {
    lines: [...title, ...shown.map((row) => row.draw()), ...text, ...keys].map((line) => clip(line, width)),
    row:
      title.length +
      Math.max(
        0,
        shown.findIndex(({ chosen }) => chosen),
      ),
  };
}

interface KeyText {
  readonly name: ActionName;
  readonly text: string;
  readonly weight: number;
  /** Only of a hunk that a rule holds. */
  readonly ofRules?: true;
  /** Lands what is held; nothing lands what is blocked. */
  readonly isYes?: true;
  /** Only of a hunk that broke something. */
  readonly ofBroken?: true;
  /** Only of a job's hunk whose lines the person has changed as well, in these words. */
  readonly ofConflict?: true;
}

/** What keys do, in the order in which one looks for them; higher weights come first where there is not room for all. */
const keyTexts: readonly KeyText[] = [
  { name: "accept", text: "yes", weight: 9, isYes: true },
  { name: "allow-session", text: "yes, all session", weight: 8, ofRules: true, isYes: true },
  { name: "reject", text: "no", weight: 9 },
  { name: "take-theirs", text: "theirs", weight: 9, ofConflict: true },
  { name: "take-both", text: "both", weight: 8, ofConflict: true },
  { name: "allow-never", text: "never", weight: 8, ofRules: true },
  { name: "tell-problems", text: "tell what it broke", weight: 8, ofBroken: true },
  { name: "edit", text: "edit", weight: 5 },
  { name: "comment", text: "comment", weight: 5 },
  { name: "accept-file", text: "file", weight: 3 },
  { name: "accept-all", text: "all", weight: 4 },
  { name: "undo-hunk", text: "undo", weight: 4 },
  { name: "next", text: "next", weight: 6 },
  { name: "previous", text: "back", weight: 6 },
  { name: "next-open", text: "next undecided", weight: 1 },
  { name: "open", text: "lines", weight: 1 },
  { name: "commit-accepted", text: "commit", weight: 2 },
];

const remarkKeys: readonly KeyText[] = [
  { name: "fix", text: "have it mended", weight: 9 },
  { name: "reject", text: "put it away", weight: 9 },
  { name: "next", text: "next", weight: 6 },
  { name: "previous", text: "back", weight: 6 },
  { name: "open", text: "text", weight: 1 },
];

function hunkKeys(current: ReviewedHunk | undefined, broken: Broken | undefined): readonly KeyText[] {
  const isOfRules = current !== undefined && isHeldByRule(current);
  const isBlocked = isOfRules && current.verdict?.decision === "block";
  const isConflict = current !== undefined && isInConflict(current);
  const isBroken = current !== undefined && broken?.has(current.hunk.id) === true;
  return keyTexts.filter(
    ({ ofRules, isYes, ofBroken, ofConflict }) =>
      (ofConflict !== true || isConflict) &&
      (ofRules !== true || isOfRules) &&
      (isYes !== true || !isBlocked) &&
      (ofBroken !== true || isBroken),
  );
}

function keyLine(keyOf: KeyOf, { width, mode }: ReviewPage, shown: readonly KeyText[]): string {
  const form = (key: string | undefined, text: string): string => (key === undefined ? "" : `${key} ${text}`);
  const plan = mode === "plan" ? form(keyOf("review", "take-plan"), "carry the plan out") : "";
  // These two lead to all the others, and out.
  const fixed = [form(keyOf("input", "help"), "all keys"), form(keyOf("anywhere", "escape"), "closes")];
  const all = shown.map(({ name, text, weight }) => ({ text: form(keyOf("review", name), text), weight }));
  const join = (parts: readonly { readonly text: string }[]): string =>
    [plan, ...parts.map(({ text }) => text), ...fixed].filter((text) => text !== "").join(" · ");
  const taken = new Set<(typeof all)[number]>();
  for (const part of all.toSorted((one, other) => other.weight - one.weight))
    if (displayWidth(join([...taken, part])) <= width) taken.add(part);
  return join(all.filter((part) => taken.has(part)));
}

function titleText(list: ReviewList, review: Review): string {
  const { answered, cursor, comments } = list;
  const all = listed(review);
  const ids = entryIds(list, review);
  const at = cursor === undefined ? -1 : ids.indexOf(cursor);
  const open = all.filter(isOpen);
  const unseen = open.filter(({ seen }) => !seen).length;
  const coming = all.filter(({ state, hunk }) => state === "streaming" && !answered.has(hunk.id)).length;
  const parts = [
    open.length === 0
      ? coming > 0
        ? ""
        : "nothing waits"
      : `${open.length} undecided${unseen > 0 ? `, ${unseen} not seen` : ""}`,
    coming > 0 ? `${coming} on the way` : "",
    comments.size > 0 ? counted(comments.size, "remark") : "",
  ];
  return [`Review ${at + 1}/${ids.length}`, ...parts].filter((part) => part !== "").join(" · ");
}

/** Only what is shown is drawn. */
interface Row {
  readonly draw: () => string;
  readonly chosen: boolean;
}

/** With a line before each turn where there are several. A decided turn is one line, unless it is the newest or the cursor is in it. */
function listLines(all: readonly ReviewedHunk[], current: ReviewedHunk | undefined, look: RowLook): readonly Row[] {
  const { style } = look;
  const turns = new Map<TurnId, ReviewedHunk[]>();
  for (const one of all) {
    const turn = turns.get(one.hunk.turn);
    if (turn === undefined) turns.set(one.hunk.turn, [one]);
    else turn.push(one);
  }
  const newest = [...turns.keys()].at(-1);
  return [...turns].flatMap(([turn, hunks]): Row[] => {
    const open = hunks.filter(isOpen).length;
    const count = `${hunks.length} ${hunks.length === 1 ? "hunk" : "hunks"}`;
    const decided = open === 0 ? "all decided" : `${open} undecided`;
    const head = { draw: () => style.dim(`  ${turn}  ${count}, ${decided}`), chosen: false };
    if (open === 0 && turn !== newest && turn !== current?.hunk.turn) return [head];
    const rows = hunks.map((one) => hunkRow(one, one.hunk.id === current?.hunk.id, look));
    return turns.size > 1 ? [head, ...rows] : rows;
  });
}

interface RowLook {
  readonly style: Style;
  readonly list: ReviewList;
  /** Yes and no go to the hunk under the cursor. */
  readonly isHit: boolean;
  readonly broken?: Broken;
}

function hunkRow(reviewed: ReviewedHunk, chosen: boolean, { style, list, isHit: hit, broken }: RowLook): Row {
  const mark = chosen ? (hit ? style.bold("›") : style.dim("·")) : " ";
  const fresh = reviewed.seen ? " " : style.warn("•");
  const said = list.answered.get(reviewed.hunk.id);
  const faults = broken?.get(reviewed.hunk.id);
  const broke = faults === undefined ? "" : `; ${style.bad(`broke ${counted(faults.problems.length + faults.more, "place")}`)}`;
  const words = said === undefined ? "" : `; you said ${said}`;
  return { draw: () => `${mark}${fresh} ${hunkLine(reviewed, style)}${words}${broke}`, chosen };
}

/** Behind the hunks, with a line before them where there are any. */
function remarkRows({ comments, cursor }: ReviewList, isBehind: boolean, style: Style): readonly Row[] {
  if (comments.size === 0) return [];
  const rows = [...comments.values()].map(({ comment, asked }): Row => {
    const chosen = comment.id === cursor;
    const mark = chosen ? style.bold("›") : " ";
    const words = asked ? "; a fix was asked for" : "";
    return { draw: () => `${mark}  ${style.dim(comment.id)} ${commentText(comment, style)}${words}`, chosen };
  });
  return isBehind ? [{ draw: () => style.dim("  remarks"), chosen: false }, ...rows] : rows;
}

/** All of its text. */
function remarkLines({ comment }: ListedComment, { style, width, height }: ReviewPage): string[] {
  return hanging("     ", sanitize(comment.text), { width, style }).slice(0, height);
}

function aroundCursor(rows: readonly Row[], count: number): readonly Row[] {
  const at = Math.max(
    0,
    rows.findIndex(({ chosen }) => chosen),
  );
  const first = Math.max(0, Math.min(at - Math.floor(count / 2), rows.length - count));
  return rows.slice(first, first + count);
}

/** The lines from the first shown one on; how many are below stands in the last row. */
function openLines(list: ReviewList, one: ReviewedHunk | undefined, page: ReviewPage): string[] {
  if (one === undefined) return [];
  const faults = page.broken?.get(one.hunk.id);
  if (faults === undefined) return textLines(list, one, page);
  const told = problemLines({ hunk: one.hunk.id, ...faults }, page.style).map((line) => `  ${line}`);
  const shown = told.slice(0, Math.max(1, Math.floor(page.height / 2)));
  return [...shown, ...textLines(list, one, { ...page, height: page.height - shown.length })];
}

function textLines(list: ReviewList, one: ReviewedHunk, { style, width, height }: ReviewPage): string[] {
  const { hunk } = one;
  const conflict = isInConflict(one) ? list.conflicts.get(hunk.id) : undefined;
  if (conflict !== undefined) {
    const told = conflictLines(conflict, style);
    const first = Math.max(0, Math.min(list.firstLine, told.length - height));
    return told.slice(first, first + height);
  }
  const lines = list.lines.get(hunk.id);
  if (lines === undefined) return [style.dim(`  the text is not at hand; /diff ${hunk.id} prints it`)].slice(0, height);
  const all = diffLength(lines);
  const first = firstShown(list, all);
  const page = { first, count: height };
  const rows = diffPage(lines, page, { style, width, hunk, indent: "  ", wrapped: true });
  if (rows.length <= height && first + height >= all) return rows;
  return [...rows.slice(0, height - 1), style.dim(`  … from line ${first + 1} of ${all} · PgDn, PgUp`)];
}

/** Paging ends where the last line is still to be seen. */
const firstShown = ({ firstLine }: ReviewList, all: number): number => Math.max(0, Math.min(firstLine, all - 1));
