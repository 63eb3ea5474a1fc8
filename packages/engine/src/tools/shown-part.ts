/** A part of a file as a tool or a prompt shows it to the model, and the first line that tells which it is. Pure. */

/** `lines` begin at `from`, 1-based. */
export interface ShownPart {
  readonly path: string;
  /** Of the whole file. */
  readonly hash: string;
  readonly from: number;
  /** Lines of the whole file. */
  readonly total: number;
  readonly lines: readonly string[];
}

/** What the model has in front of it already. */
export interface ShownBefore {
  /** To be said instead of the part; undefined: show it. */
  instead(part: ShownPart): string | undefined;
}

/** Digits of a hash that are shown. */
export const hashShown = 12;

export const partHead = ({ path, from, total, lines, hash }: ShownPart): string =>
  `${path} lines ${from}-${Math.max(from, from + lines.length - 1)} of ${total} sha256:${hash.slice(0, hashShown)}`;
