/** Completions, lists to choose from and the help, as lines within a width and a height. Pure. */
import type { Completion } from "../state/completion.ts";
import type { Picker } from "../state/panel.ts";
import type { Style } from "./style.ts";
import { clip, displayWidth, sanitize, sanitizeLine } from "./text.ts";

export interface Room {
  readonly width: number;
  readonly height: number;
}

/** The list with its title; as much of it as there is room for, around what is selected. */
export function pickerLines({ title, items, selected }: Picker, room: Room, style: Style): string[] {
  const rows = Math.max(1, room.height - 2);
  const first = Math.max(0, Math.min(selected - Math.floor(rows / 2), items.length - rows));
  const shown = items.slice(first, first + rows);
  const longest = Math.max(0, ...shown.map(({ text }) => displayWidth(sanitize(text))));
  const column = Math.min(longest, Math.floor(room.width * 0.6));
  const lines = shown.map(({ text, note }, index) => {
    const chosen = first + index === selected;
    const name = clip(sanitize(text), note === undefined ? room.width - 2 : column);
    const blanks = " ".repeat(Math.max(0, column - displayWidth(name)));
    const rest = note === undefined ? "" : `${blanks}  ${style.dim(sanitize(note))}`;
    return clip(`${chosen ? style.bold(`› ${name}`) : `  ${name}`}${rest}`, room.width);
  });
  const more = items.length > rows ? ` (${selected + 1}/${items.length})` : "";
  return [
    clip(style.bold(`${title}${more}`), room.width),
    ...lines,
    clip(style.dim("↑ ↓ choose · Enter takes it · Esc closes"), room.width),
  ];
}

export interface HelpPage {
  readonly lines: readonly string[];
  /** The line at the top, which is never beyond the last page. */
  readonly first: number;
  /** Lines of the help that are in sight. */
  readonly rows: number;
}

/** Part of the help that fits, with a line that says how to see the rest. */
export function helpPage(all: readonly string[], wanted: number, room: Room): HelpPage {
  const rows = Math.max(1, room.height - 1);
  const first = Math.max(0, Math.min(wanted, all.length - rows));
  const more = `lines ${first + 1}–${Math.min(all.length, first + rows)} of ${all.length} · ↑ ↓ PgUp PgDn · Esc closes`;
  const hint = all.length > rows ? more : "Esc closes";
  return { lines: [...all.slice(first, first + rows), clip(hint, room.width)], first, rows };
}

/** Entries around the selected one, which is marked where Enter takes it; where there are more, which of how many it is. */
export function completionLines({ entries, selected, chosen: entered }: Completion, room: Room, style: Style): string[] {
  const all = entries.length <= Math.min(room.height, completionRows);
  const rows = all ? entries.length : Math.max(1, Math.min(room.height, completionRows) - 1);
  const first = Math.max(0, Math.min(selected - Math.floor(rows / 2), entries.length - rows));
  const lines = entries.slice(first, first + rows).map(({ text, note }, index) => {
    const marked = entered && first + index === selected;
    const name = sanitizeLine(text);
    const rest = note === undefined ? "" : `  ${style.dim(sanitizeLine(note))}`;
    return clip(`${marked ? style.bold(`› ${name}`) : `  ${name}`}${rest}`, room.width);
  });
  if (all || room.height < 2) return lines;
  const place = entered ? `${selected + 1} of ${entries.length}` : `${entries.length}`;
  const tab = entered ? "Tab takes it" : "Tab takes the first";
  return [...lines, clip(style.dim(`  ${place} · ↑ ↓ PgUp PgDn · ${tab}`), room.width)];
}

const completionRows = 8;
