/**
 * Indentation of a hunk against indentation of a file: is the one the other, shifted uniformly, and how do the added lines
 * look after the same shift. Anything less than uniform is no match: half a shift breaks Python and YAML in silence.
 */

/** The indentation of one old line as its author wrote it, and as the file has it. Lines that are blank take no part. */
export interface IndentPair {
  readonly written: string;
  readonly found: string;
}

type Shift = (indent: string) => string | undefined;

/**
 * The added lines with the shift that the pairs show; nothing when the pairs show no uniform shift, or when an added line
 * cannot follow it.
 */
export function reindent(pairs: readonly IndentPair[], added: readonly string[]): readonly string[] | undefined {
  if (pairs.every((pair) => pair.written === pair.found)) return added;
  for (const shift of [prefixShift(pairs), unitShift(pairs, added)]) {
    const shifted = shift && shiftAll(added, shift);
    if (shifted !== undefined) return shifted;
  }
  return undefined;
}

export function indentOf(line: string): string {
  let end = 0;
  while (line[end] === " " || line[end] === "\t") end++;
  return line.slice(0, end);
}

function shiftAll(added: readonly string[], shift: Shift): readonly string[] | undefined {
  const shifted: string[] = [];
  for (const line of added) {
    const indent = indentOf(line);
    const moved = indent.length === line.length ? indent : shift(indent);
    if (moved === undefined) return undefined;
    shifted.push(moved + line.slice(indent.length));
  }
  return shifted;
}

/** The same blanks more, or fewer, in front of every line. */
function prefixShift(pairs: readonly IndentPair[]): Shift | undefined {
  const first = pairs[0];
  if (first === undefined) return undefined;
  if (first.found.length > first.written.length) {
    const more = first.found.slice(0, first.found.length - first.written.length);
    if (!pairs.every((pair) => pair.found === more + pair.written)) return undefined;
    // Tabs before blanks only where the file shows that it has them so.
    const isMixed = pairs.some((pair) => mixes(more, pair.written));
    return (indent) => (mixes(more, indent) && !isMixed ? undefined : more + indent);
  }
  const fewer = first.written.slice(0, first.written.length - first.found.length);
  if (fewer === "" || !pairs.every((pair) => pair.written === fewer + pair.found)) return undefined;
  return (indent) => (indent.startsWith(fewer) ? indent.slice(fewer.length) : undefined);
}

/** A tab in front of blanks where neither side had both: that is another unit, not another depth. */
function mixes(more: string, indent: string): boolean {
  return indent !== "" && onlyOne(more) !== undefined && onlyOne(indent) !== undefined && more[0] !== indent[0];
}

/** One side counts its levels in tabs, the other in blanks, and they differ by the same number of levels everywhere. */
function unitShift(pairs: readonly IndentPair[], added: readonly string[]): Shift | undefined {
  const written = pairs.map((pair) => pair.written).concat(added.map(indentOf));
  const found = pairs.map((pair) => pair.found);
  const writtenIn = unitOf(written);
  const foundIn = unitOf(found);
  if (writtenIn === undefined || foundIn === undefined || writtenIn[0] === foundIn[0]) return undefined;
  let deeper: number | undefined;
  for (const pair of pairs) {
    const difference = pair.found.length / foundIn.length - pair.written.length / writtenIn.length;
    if (difference !== (deeper ??= difference)) return undefined;
  }
  return (indent) => {
    const levels = indent.length / writtenIn.length + (deeper ?? 0);
    return levels < 0 ? undefined : foundIn.repeat(levels);
  };
}

/** One level of indentation: a tab, or the blanks of which every indentation is a multiple. Nothing when mixed or flat. */
function unitOf(indents: readonly string[]): string | undefined {
  const sign = onlyOne(indents.join(""));
  if (sign === undefined) return undefined;
  return sign === "\t" ? sign : " ".repeat(indents.reduce((divisor, indent) => commonDivisor(divisor, indent.length), 0));
}

function onlyOne(blanks: string): string | undefined {
  const sign = blanks[0];
  return sign !== undefined && blanks === sign.repeat(blanks.length) ? sign : undefined;
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
