/** Lists to choose from and the help, as lines within a width and a height. Pure. */
import type { Picker } from "../state/panel.ts";
import type { Style } from "./style.ts";
import { clip, displayWidth, sanitize } from "./text.ts";

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

export interface HelpRow {
  readonly form: string;
  readonly text: string;
}

export interface HelpPart {
  readonly title: string;
  readonly rows: readonly HelpRow[];
}

/** Every line of the help; the caller shows a part of them. */
export function helpLines(parts: readonly HelpPart[], width: number, style: Style): string[] {
  const column = Math.min(
    Math.max(...parts.flatMap(({ rows }) => rows.map(({ form }) => displayWidth(form)))),
    Math.floor(width / 2),
  );
  return parts.flatMap(({ title, rows }) => [
    style.bold(title),
    ...rows.map(({ form, text }) => {
      const name = clip(form, column);
      return clip(`  ${name}${" ".repeat(Math.max(0, column - displayWidth(name)))}  ${style.dim(text)}`, width);
    }),
  ]);
}

/** Part of the help that fits, with a line that says how to see the rest. */
export function helpPage(all: readonly string[], first: number, room: Room): string[] {
  const rows = Math.max(1, room.height - 1);
  const from = Math.max(0, Math.min(first, all.length - rows));
  const rest = all.length - rows;
  const hint =
    rest > 0 ? `lines ${from + 1}–${Math.min(all.length, from + rows)} of ${all.length} · ↑ ↓ · Esc closes` : "Esc closes";
  return [...all.slice(from, from + rows), clip(hint, room.width)];
}
