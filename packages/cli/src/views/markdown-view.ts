/**
 * A line of a model's text as lines of the screen: headings, lists, `code` and **bold**, no more Markdown than that. Line by line, so that
 * it can be shown while it streams; which form a line has is known to `state/transcript.ts`. Pure.
 */
import type { KeyOf } from "../state/actions.ts";
import type { LineForm } from "../state/transcript.ts";
import type { Style } from "./style.ts";
import { displayWidth, expandTabs, sanitize, wrap } from "./text.ts";

export interface Page {
  /** In cells. */
  readonly width: number;
  readonly style: Style;
  /** Absent where there are no keys: line by line everything is a command. */
  readonly keyOf?: KeyOf;
}

/** Within the width, but for code: that stays as it is, so that it can be copied, and the terminal wraps it. */
export function markdownLines(line: string, form: LineForm, page: Page): string[] {
  const { style, width } = page;
  const text = expandTabs(sanitize(line).replaceAll("\n", "␊"));
  switch (form) {
    case "code":
      return [`  ${text}`];
    case "fence":
      return wrap(style.dim(`  ${text.trim()}`), width);
    case "heading":
      return wrap(style.bold(text.replace(/^\s*#+\s+/, "").replace(/\s#+\s*$/, "")), width);
    case "item": {
      const [, indent = "", mark = "-", rest = ""] = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/.exec(text) ?? [];
      const before = indent.slice(0, Math.floor(width / 4));
      return hanging(`${before}${/^[-*+]$/.test(mark) ? "•" : mark} `, inline(rest, style), page);
    }
    case "prose":
      return wrap(inline(text, style), width);
  }
}

/** The first line behind a mark, the others below its text. */
export function hanging(mark: string, text: string, { width }: Page): string[] {
  const indent = displayWidth(mark);
  const lines = text.split("\n").flatMap((line) => wrap(line, width - indent));
  return lines.map((line, index) => `${index === 0 ? mark : " ".repeat(indent)}${line}`);
}

/** Text of one line from outside, painted where it says so itself. What is code is nothing else. */
export function inline(text: string, style: Style): string {
  return text
    .split(/(``[^`]+``|`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 ? style.code(part.replace(/^``?|``?$/g, "")) : withBold(part, style)))
    .join("");
}

const withBold = (text: string, style: Style): string =>
  text.replace(/\*\*(?! )([^*]+)\*\*/g, (_, bold: string) => style.bold(bold));
