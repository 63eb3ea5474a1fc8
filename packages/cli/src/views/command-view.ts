/** A command of the person's own: that it runs, its output made harmless, how it ended. Pure. */
import { type OwnCommand, isFull } from "../state/own-command.ts";
import type { Block } from "../state/transcript.ts";
import { type Page, hanging } from "./markdown-view.ts";
import type { Style } from "./style.ts";
import { clip, displayWidth, expandTabs, sanitize, sanitizeLine } from "./text.ts";
import { grouped } from "../state/grouped.ts";

/** What it is writing, and that it runs: two lines at most. `now`: monotonic ms. */
export function commandLines(command: OwnCommand, { style, width, now }: Page & { readonly now: number }): string[] {
  const left = isFull(command) && command.left > 0 ? ` · ${count(command.left)} not shown` : "";
  const end = `  ${seconds(now - command.since)}${left}${command.stopping ? " · stopping" : width < narrow ? " (Ctrl-C)" : " (Ctrl-C stops it)"}`;
  const line = clip(sanitizeLine(command.line), Math.max(8, width - displayWidth(end) - running.length));
  const writing = command.pending === "" ? [] : [clip(`  ${harmlessOutput(command.pending, style)}`, width)];
  return [...writing, style.warn(clip(`${running}${line}${end}`, width))];
}

const running = "running: ";
/** Cells below which words are left out. */
const narrow = 60;

export function endedLines({ line, end, ms }: Extract<Block, { kind: "command-ended" }>, page: Page): string[] {
  const { style } = page;
  const paint = end.status === 0 ? style.good : style.bad;
  return hanging("  ", paint(`${clip(sanitizeLine(line), 48)} ${howEnded(end)} · ${seconds(ms)}`), page);
}

function howEnded({ status, signal, fault }: Extract<Block, { kind: "command-ended" }>["end"]): string {
  if (fault !== undefined) return `could not be started: ${sanitizeLine(fault)}`;
  return status === undefined ? `was ended by ${signal ?? "a signal"}` : `ended with ${status}`;
}

const count = (lines: number): string => `${grouped(lines)} ${lines === 1 ? "line" : "lines"}`;
const seconds = (ms: number): string => `${(Math.max(0, ms) / 1000).toFixed(1)} s`;

const colourSequence = /(\u001b\[[0-9;:]*m)/;
/** CSI; OSC, DCS and the other strings; all shorter ones. The end may be missing. */
const sequences =
  /\u001b\[[0-?]*[ -/]*[@-~]?|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]?|\u009b[0-?]*[ -/]*[@-~]?/g;

/** One line of a program's output: colours stay where there are any, nothing else of it reaches the terminal as a command. */
export function harmlessOutput(line: string, { colour }: Style): string {
  const bare = line
    .replace(sequences, (found) => (colour && colourSequence.test(found) ? found : ""))
    // Overstriking, as printers and manual pages do it.
    .replace(/[^\b]\u0008/gu, "");
  const parts = bare.split(colourSequence);
  const text = parts.map((part, index) => (index % 2 === 1 ? part : sanitize(part))).join("");
  return expandTabs(parts.length > 1 ? `${text}\u001b[0m` : text);
}
