/** The blocks of the transcript as lines for a width. Pure. Everything from outside is made harmless here. */
import { type LineForm, type Block, type Transcript, pendingForm } from "../state/transcript.ts";
import { diffView } from "./diff-view.ts";
import { hunkLine, hunkMark, hunkPlace, hunkSize } from "./hunk-view.ts";
import { statusLines, summaryText } from "./status-view.ts";
import type { Style } from "./style.ts";
import { sanitize, sanitizeLine, wrap } from "./text.ts";

export interface Page {
  readonly width: number;
  readonly style: Style;
}

/** Lines of a hunk that are shown when it lands; the review list has all of them. */
const shownLines = 12;

export function finalLines(block: Block, page: Page): string[] {
  const { style, width } = page;
  switch (block.kind) {
    case "opened": {
      const text = `twolane ${block.version} · ${sanitizeLine(block.model)} · ${sanitizeLine(block.workspace)}${block.resumed ? " · resumed" : ""}`;
      return wrap(style.dim(text), width);
    }
    case "prompt":
      return ["", ...hanging(style.bold("› "), sanitize(block.text), page)];
    case "steered":
      return hanging(style.bold("» "), `${sanitize(block.text)}`, page);
    case "line":
      return textLines(sanitizeLine(block.text), block.form, page);
    case "hunk":
      return hunkLines(block, page);
    case "change":
      return wrap(`  ${hunkLine(block.reviewed, style)}${block.note === undefined ? "" : ` (${block.note})`}`, width);
    case "accepted":
      return [style.dim(`  ✓ ${block.hunks.join(" ")} ${block.byCommit ? "is in your commit" : "accepted"}`)];
    case "diff":
      return diffLines(block, page);
    case "tool":
      return wrap(style.dim(`  ${sanitizeLine(block.summary)}`), width);
    case "notice":
      return hanging(style.warn("! "), sanitize(block.message), page);
    case "failure": {
      const { message, cure, code } = block.failure;
      return hanging(style.bad("✗ "), `${sanitize(message)} ${sanitize(cure)} [${code}]`, page);
    }
    case "stopped": {
      const kept =
        block.kept.length === 0
          ? "nothing had landed"
          : `${block.kept.length} ${block.kept.length === 1 ? "hunk stays" : "hunks stay"}`;
      return wrap(`${style.warn("■")} Stopped; ${kept}. /continue goes on.`, width);
    }
    case "summary":
      return wrap(style.dim(summaryText(block.figures)), width);
    case "aside":
      return hanging(style.dim(block.answer ? "  ⤷ " : "  ? "), sanitize(block.text), page);
    case "commit":
      return wrap(
        `${style.good("✓")} ${block.commit.slice(0, 9)} ${sanitizeLine(block.subject)}  ${style.dim(`${block.hunks} hunks`)}`,
        width,
      );
    case "said":
      return saidLines(block, page);
    case "status":
      return statusLines(block.session, style).flatMap((line) => wrap(line, width));
  }
}

function saidLines({ text, tone }: Extract<Block, { kind: "said" }>, { style, width }: Page): string[] {
  const paint = tone === "good" ? style.good : tone === "bad" ? style.bad : (plain: string): string => plain;
  if (text === "") return [];
  return sanitize(text.replace(/\n$/, ""))
    .split("\n")
    .flatMap((line) => wrap(paint(line), width));
}

/** The first line behind a mark, the others below its text. */
function hanging(mark: string, text: string, { width }: Page): string[] {
  const indent = " ".repeat(mark.replace(/\u001b\[[\d;]*m/g, "").length);
  const lines = text.split("\n").flatMap((line) => wrap(line, Math.max(10, width - indent.length)));
  return lines.map((line, index) => `${index === 0 ? mark : indent}${line}`);
}

function textLines(text: string, form: LineForm, page: Page): string[] {
  const { style, width } = page;
  switch (form) {
    case "code":
      // As it is, so that it can be copied; the terminal wraps it.
      return [`  ${text}`];
    case "fence":
      return [style.dim(`  ${text.trim()}`)];
    case "heading":
      return wrap(style.bold(text.replace(/^#+\s+/, "")), width);
    case "item": {
      const [, indent = "", mark = "-", rest = ""] = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/.exec(text) ?? [];
      return hanging(`${indent}${/^[-*+]$/.test(mark) ? "•" : mark} `, inline(rest, style), page);
    }
    case "prose":
      return wrap(inline(text, style), width);
  }
}

function inline(text: string, style: Style): string {
  return text
    .replace(/\*\*([^*]+)\*\*/g, (_, bold: string) => style.bold(bold))
    .replace(/`([^`]+)`/g, (_, code: string) => style.code(code));
}

function hunkLines({ reviewed, lines, rung, merged, candidates }: Extract<Block, { kind: "hunk" }>, page: Page): string[] {
  const { style, width } = page;
  const { hunk, failure, verdict } = reviewed;
  const { sign, word, paint } = hunkMark(reviewed, style);
  const notes = [word, ...(rung === "exact" ? [] : [`matched by ${rung}`]), ...(merged ? ["merged with your change"] : [])];
  const head = `${paint(sign)} ${hunkPlace(hunk)}  ${hunkSize(hunk)}  ${notes.join(", ")}  ${style.dim(hunk.id)}`;
  const nearest =
    failure?.code === "HUNK_MISSING" && candidates.length > 0 ? ` The nearest is at line ${candidates.join(", ")}.` : "";
  const why =
    failure !== undefined
      ? [`  ${sanitize(failure.message)}${nearest} ${failure.cure} [${failure.code}]`]
      : verdict === undefined
        ? []
        : [`  ${sanitize(verdict.reason)}. ${sanitize(verdict.wayOut)}`];
  return [
    ...wrap(head, width),
    ...why.flatMap((line) => wrap(line, width)),
    ...diffView(lines, { width, style, limit: shownLines, indent: "  " }),
  ];
}

function diffLines({ reviewed, hunk, lines }: Extract<Block, { kind: "diff" }>, { style, width }: Page): string[] {
  const head = reviewed === undefined ? hunk : hunkLine(reviewed, style);
  if (lines === undefined) return [...wrap(head, width), style.dim("  its text is not kept any more")];
  return [...wrap(head, width), ...diffView(lines, { width, style, limit: Number.MAX_SAFE_INTEGER, indent: "  " })];
}

/** The beginning of a long unfinished line that fills whole rows, and what is left of it. */
export function filledRows(transcript: Transcript, page: Page): { readonly lines: string[]; readonly rest: string } {
  const form = pendingForm(transcript);
  if (form !== "prose" || transcript.pending.length < page.width * 2) return { lines: [], rest: transcript.pending };
  const rows = wrap(sanitizeLine(transcript.pending), page.width);
  const rest = rows.pop() ?? "";
  return { lines: rows.map((row) => inline(row, page.style)), rest };
}

/** What streams and is not complete: the unfinished line. */
export function streamingLines(transcript: Transcript, page: Page): string[] {
  if (transcript.pending === "") return [];
  const tail = transcript.pending.length > 4000 ? transcript.pending.slice(-4000) : transcript.pending;
  return textLines(sanitizeLine(tail), pendingForm(transcript), page).slice(-3);
}
