/** The smallest whole block around a change, in both texts, so that a long test file is not read for one hunk. Knows indentation, no grammar. */
import { type Masking, masked } from "./masked.ts";

export interface BlockForm {
  readonly masking: Masking;
  /** A line that begins a test, and one that begins a group of them. */
  readonly test: RegExp;
  readonly group: RegExp;
  /** A line that belongs to the test below it. */
  readonly above?: RegExp;
}

interface Texts {
  readonly before: string;
  readonly after: string;
}

/** Undefined: the change is no block for itself, e.g. it opens a comment that ends elsewhere. */
export function changedBlock({ before, after }: Texts, form: BlockForm): Texts | undefined {
  const start = sameStart(before, after);
  const tail = sameEnd(before, after, Math.min(before.length, after.length) - start);
  const from = start > reach ? before.lastIndexOf("\n", start - reach) + 1 : 0;
  const stop = tail > reach ? before.indexOf("\n", before.length - tail + reach) : -1;
  const left = stop < 0 ? 0 : before.length - stop - 1;
  const near = { before: before.slice(from, before.length - left), after: after.slice(from, after.length - left) };
  return blockIn(near, { ...form, isCut: { above: from > 0, below: left > 0 } });
}

/** So many characters around a change are looked through for the block. */
const reach = 6000;
const step = 512;

function sameStart(one: string, other: string): number {
  const most = Math.min(one.length, other.length);
  let at = 0;
  while (at < most && one.slice(at, at + step) === other.slice(at, at + step)) at += step;
  while (at < most && one[at] === other[at]) at++;
  return Math.min(at, most);
}

function sameEnd(one: string, other: string, most: number): number {
  let at = 0;
  const back = (text: string): string => text.slice(text.length - at - step, text.length - at);
  while (at + step < most && back(one) === back(other)) at += step;
  while (at < most && one[one.length - 1 - at] === other[other.length - 1 - at]) at++;
  return at;
}

interface Cut extends BlockForm {
  /** Whether the text goes on there. */
  readonly isCut: { readonly above: boolean; readonly below: boolean };
}

function blockIn({ before, after }: Texts, form: Cut): Texts | undefined {
  const [was, now] = [before.split("\n"), after.split("\n")];
  const shorter = Math.min(was.length, now.length);
  let start = 0;
  while (start < shorter && was[start] === now[start]) start++;
  let tail = 0;
  while (tail < shorter - start && was[was.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const sides = [was.slice(start, was.length - tail), now.slice(start, now.length - tail)];
  const changed = sides.flat().filter((line) => line.trim() !== "");
  if (changed.length === 0) return { before: "", after: "" };
  const least = Math.min(...changed.map(indentOf));
  const isHead = sides.every(([first]) => first === undefined || (begins(first, least) && form.test.test(first)));
  const { from, indent } = isHead ? { from: start, indent: least } : beginning(was, { start, least, sides, form });
  const last = [was.at(-1 - tail), now.at(-1 - tail)].map((line) => line ?? "");
  const to = ending(was, { at: was.length - tail, last, indent, above: form.above });
  const first = form.above === undefined ? from : attributed(was, { from, indent, above: form.above });
  if ((form.isCut.above && first === 0) || (form.isCut.below && to === was.length)) return undefined;
  const block = { before: was.slice(first, to).join("\n"), after: now.slice(first, to + now.length - was.length).join("\n") };
  return isWhole(block.before, form.masking) && isWhole(block.after, form.masking) ? block : undefined;
}

const indentOf = (line: string): number => line.search(/\S|$/);
const closes = (line: string): boolean => /^\s*[)\]}]/.test(line);
const begins = (line: string, most: number): boolean => line.trim() !== "" && indentOf(line) <= most && !closes(line);

interface Change {
  readonly start: number;
  readonly least: number;
  readonly sides: readonly (readonly string[])[];
  readonly form: BlockForm;
}

/** Up to the test around it, to the first line within a group, or to the margin. */
function beginning(lines: readonly string[], { start, least, sides, form }: Change) {
  let from = start;
  let indent = least;
  const isClean = sides.every(([first]) => first === undefined || begins(first, least));
  if (!isClean) while (from > 0 && !begins(lines[--from] ?? "", least));
  if (!isClean) indent = Math.min(least, indentOf(lines[from] ?? ""));
  if (!isClean && form.test.test(lines[from] ?? "")) return { from, indent };
  while (indent > 0) {
    let up = from - 1;
    while (up > 0 && !begins(lines[up] ?? "", indent - 1)) up--;
    if (up < 0 || form.group.test(lines[up] ?? "")) break;
    from = up;
    indent = indentOf(lines[up] ?? "");
    if (form.test.test(lines[up] ?? "")) break;
  }
  return { from, indent };
}

interface Edge {
  readonly indent: number;
  readonly above: RegExp | undefined;
}

interface End extends Edge {
  readonly at: number;
  /** The last lines of the change. */
  readonly last: readonly string[];
}

/** Down to where the next block begins, or the one around it ends. */
function ending(lines: readonly string[], { at, last, indent, above }: End): number {
  let to = at;
  for (; to < lines.length; to++) {
    const line = lines[to] ?? "";
    const isInside = line.trim() === "" || indentOf(line) > indent || (indentOf(line) === indent && closes(line));
    const isAttributed =
      above !== undefined &&
      indentOf(line) === indent &&
      (to === at ? last : [lines[to - 1] ?? ""]).some((one) => above.test(one));
    if (!isInside && !isAttributed) break;
  }
  return to;
}

/** With the decorators and attributes over its first line. */
function attributed(lines: readonly string[], { from, indent, above }: Edge & { readonly from: number }): number {
  let first = from;
  for (let up = from - 1; up >= 0; up--) {
    const line = lines[up] ?? "";
    if (line.trim() === "" || indentOf(line) < indent) break;
    if (indentOf(line) > indent || closes(line)) continue;
    if (above?.test(line) !== true) break;
    first = up;
  }
  return first;
}

/** Whether strings, comments and brackets that begin in it end in it. */
function isWhole(block: string, masking: Masking): boolean {
  for (const [span] of block.matchAll(masking)) {
    const mark = /^(?:"""|'''|\/\*|["'`])/.exec(span)?.[0];
    if (mark === undefined) continue;
    const close = mark === "/*" ? "*/" : mark;
    if (span.length < 2 * mark.length || !span.endsWith(close)) return false;
  }
  const open: string[] = [];
  for (const [sign] of masked(block, masking).matchAll(/[()[\]{}]/g)) {
    const partner = { ")": "(", "]": "[", "}": "{" }[sign];
    if (partner === undefined) open.push(sign);
    else if (open.pop() !== partner) return false;
  }
  return open.length === 0;
}
