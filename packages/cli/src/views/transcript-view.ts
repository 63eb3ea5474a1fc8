/** The blocks of the transcript as lines for a width. Pure. Everything from outside is made harmless here. */
import type { HunkId } from "@twolane/protocol";
import { type Block, type Transcript, pendingForm } from "../state/transcript.ts";
import { endedLines, harmlessOutput } from "./command-view.ts";
import { diffView } from "./diff-view.ts";
import { decisionLine, holdWayOut, hunkLine, hunkMark, hunkPlace, hunkSize } from "./hunk-view.ts";
import { type Page, hanging, inline, markdownLines } from "./markdown-view.ts";
import { evidenceLines } from "./test-view.ts";
import { statusLines, summaryText } from "./status-view.ts";
import type { Style } from "./style.ts";
import { problemLines } from "./problem-view.ts";
import { answeredLine, askedLines, commentText, constraintsText, reportLines, stageLines } from "./workflow-view.ts";
import { clip, sanitize, sanitizeLine, wrap } from "./text.ts";
import { grouped } from "../state/grouped.ts";

export type { Page };

/** Lines of a hunk that are shown when it lands; the review list has all of them. */
const shownLines = 12;
/** Of what a person has sent. */
const typedLines = 20;
/** Of a line that streams so many rows are shown, and no more of its text is looked at than can be in them. */
const liveRows = 3;
const liveCharacters = 4000;

export function finalLines(block: Block, page: Page): string[] {
  const { style, width } = page;
  switch (block.kind) {
    case "opened": {
      const text = `twolane ${block.version} · ${sanitizeLine(block.model)} · ${sanitizeLine(block.workspace)}${block.resumed ? " · resumed" : ""}`;
      return wrap(style.dim(text), width);
    }
    case "prompt":
      return ["", ...hanging(style.bold("› "), typedText(block.text, style), page)];
    case "steered":
      return hanging(style.bold("» "), typedText(block.text, style), page);
    case "line":
      return markdownLines(block.text, block.form, page);
    case "hunk":
      return hunkLines(block, page);
    case "change":
      return hanging("  ", decisionLine(block.reviewed, block, style), page);
    case "accepted":
      return hanging("  ", style.dim(acceptedText(block)), page);
    case "diff":
      return diffLines(block, page);
    case "tool":
      return hanging("  ", style.dim(sanitizeLine(block.summary)), page);
    case "notice":
      return hanging(style.warn("! "), sanitize(block.message), page);
    case "failure": {
      const { message, cure, code } = block.failure;
      // Here nobody has to ask for the rest in words.
      const way = code === "STREAM_TRUNCATED" ? "Finished hunks stay; /continue goes on." : sanitize(cure);
      return hanging(style.bad("✗ "), `${sanitize(message)} ${way} [${code}]`, page);
    }
    case "stopped": {
      const { landed } = block;
      const kept =
        landed === 0 ? "nothing of this turn is on disk" : `${hunkCount(landed)} ${landed === 1 ? "stays" : "stay"} on disk`;
      return wrap(`${style.warn("■")} Stopped; ${kept}. /continue goes on.`, width);
    }
    case "summary":
      return hanging("  ", style.dim(summaryText(block.figures)), page);
    case "aside":
      return hanging(style.dim(block.answer ? "  ⤷ " : "  ? "), sanitize(block.text), page);
    case "commit":
      return wrap(
        `${style.good("✓")} ${block.commit.slice(0, 9)} ${sanitizeLine(block.subject)}  ${style.dim(hunkCount(block.hunks))}`,
        width,
      );
    case "said":
      return saidLines(block, page);
    case "command":
      return ["", ...hanging(style.bold("! "), sanitize(block.line), page)];
    case "output":
      return [`  ${harmlessOutput(block.text, style)}`];
    case "command-ended":
      return endedLines(block, page);
    case "tests":
      return evidenceLines(block.evidence, style).flatMap((line) => hanging("  ", line, page));
    case "stage":
    case "asked":
    case "answered":
    case "report":
    case "comment":
    case "constraints":
    case "broken":
      return workflowLines(block, page);
    case "status":
      return statusLines(block.session, style).flatMap((line) => wrap(line, width));
  }
}

type WorkflowBlock = Extract<Block, { kind: "stage" | "asked" | "answered" | "report" | "comment" | "constraints" | "broken" }>;

function workflowLines(block: WorkflowBlock, page: Page): string[] {
  const { style } = page;
  switch (block.kind) {
    case "stage":
      return stageLines(block, page);
    case "asked":
      return askedLines(block, page);
    case "answered":
      return hanging("", answeredLine(block, style), page);
    case "report":
      return reportLines(block, page);
    case "comment":
      return hanging("  ", commentText(block.comment, style), page);
    case "broken":
      return problemLines(block, style).flatMap((line) => hanging("  ", line, page));
    case "constraints":
      return hanging("  ", style.dim(constraintsText(block.constraints)), page);
  }
}

/** A long paste is known to whoever pasted it. */
function typedText(text: string, style: Style): string {
  const lines = sanitize(text).split("\n");
  if (lines.length <= typedLines) return lines.join("\n");
  const shown = lines.slice(0, typedLines - 1);
  return [...shown, style.dim(`… ${grouped(lines.length - shown.length)} more lines`)].join("\n");
}

const hunkCount = (n: number): string => `${n} ${n === 1 ? "hunk" : "hunks"}`;

function acceptedText({ hunks, byCommit }: Extract<Block, { kind: "accepted" }>): string {
  const names = hunkRanges(hunks);
  if (byCommit) return `✓ ${names} ${hunks.length === 1 ? "is" : "are"} in your commit`;
  return `✓ ${names} accepted`;
}

/** `h1–h4 h7`: three and more that follow each other are a range. */
function hunkRanges(hunks: readonly HunkId[]): string {
  const ranges: { first: HunkId; last: HunkId; count: number }[] = [];
  for (const hunk of hunks) {
    const range = ranges.at(-1);
    if (range !== undefined && Number(hunk.slice(1)) === Number(range.last.slice(1)) + 1) {
      range.last = hunk;
      range.count++;
    } else ranges.push({ first: hunk, last: hunk, count: 1 });
  }
  return ranges.map(({ first, last, count }) => (count === 1 ? first : `${first}${count > 2 ? "–" : " "}${last}`)).join(" ");
}

function saidLines({ text, tone }: Extract<Block, { kind: "said" }>, { style, width }: Page): string[] {
  const paint = tone === "good" ? style.good : tone === "bad" ? style.bad : (plain: string): string => plain;
  if (text === "") return [];
  return sanitize(text.replace(/\n$/, ""))
    .split("\n")
    .flatMap((line) => wrap(paint(line), width));
}

function hunkLines({ reviewed, lines, rung, merged, candidates }: Extract<Block, { kind: "hunk" }>, page: Page): string[] {
  const { style, width } = page;
  const { hunk, failure, verdict } = reviewed;
  const { sign, word, paint } = hunkMark(reviewed, style);
  const notes = [word, ...(rung === "exact" ? [] : [`matched by ${rung}`]), ...(merged ? ["merged with your change"] : [])];
  const head = `${paint(sign)} ${hunkPlace(hunk)}  ${hunkSize(hunk)}  ${notes.join(", ")}  ${style.dim(hunk.id)}`;
  const nearest =
    failure?.code === "HUNK_MISSING" && candidates.length > 0 ? ` The nearest is at line ${candidates.join(", ")}.` : "";
  const why = [
    ...(failure === undefined ? [] : [`${sanitize(failure.message)}${nearest} ${sanitize(failure.cure)} [${failure.code}]`]),
    ...(verdict === undefined ? [] : [`${sanitize(verdict.reason)}. ${sanitize(holdWayOut(hunk, verdict, page.keyOf))}`]),
  ];
  return [
    ...wrap(head, width),
    ...why.flatMap((text) => hanging("  ", text, page)),
    ...diffView(lines, shownLines, { width, style, hunk, indent: "  " }),
  ];
}

/** All of it, with nothing cut off. */
function diffLines({ reviewed, hunk, lines }: Extract<Block, { kind: "diff" }>, { style, width }: Page): string[] {
  const head = wrap(reviewed === undefined ? sanitizeLine(hunk) : hunkLine(reviewed, style), width);
  if (lines === undefined) return [...head, clip(style.dim("  its text is not kept any more"), width)];
  const place = reviewed === undefined ? {} : { hunk: reviewed.hunk };
  return [...head, ...diffView(lines, Number.MAX_SAFE_INTEGER, { width, style, indent: "  ", wrapped: true, ...place })];
}

/**
 * The beginning of a long unfinished line that fills whole rows, and what is left of it. Its last word is never touched: half a
 * character may be missing.
 */
export function filledRows(transcript: Transcript, { width, style }: Page): { readonly lines: string[]; readonly rest: string } {
  const { pending } = transcript;
  const end = pending.lastIndexOf(" ");
  if (pendingForm(transcript) !== "prose" || end < width * 2) return { lines: [], rest: pending };
  const rows = wrap(sanitize(pending.slice(0, end)), width);
  const rest = `${rows.pop() ?? ""}${pending.slice(end)}`;
  return { lines: rows.map((row) => inline(row, style)), rest };
}

/** What streams and is not complete: the unfinished line, and the answer to a question asked aside. Within the width. */
export function streamingLines(transcript: Transcript, page: Page): string[] {
  const { pending, aside } = transcript;
  const form = pending.length > liveCharacters ? "prose" : pendingForm(transcript);
  const text = pending === "" ? [] : markdownLines(pending.slice(-liveCharacters), form, page);
  const answer = aside === "" ? [] : hanging(page.style.dim("  ⤷ "), sanitize(aside), page);
  return [...answer.slice(-liveRows), ...text.slice(-liveRows)].map((line) => clip(line, page.width));
}
