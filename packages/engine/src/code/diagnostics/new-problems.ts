/** Which errors of a file are new. Lines move and messages name what was renamed, so a new one is one that no old one stands for. */

export interface FoundError {
  readonly code: number;
  /** 1-based. */
  readonly line: number;
  readonly message: string;
  /** The text of that line, without the blanks around it. */
  readonly text: string;
}

type Likeness = (error: FoundError) => string;

/** From the surest likeness to the weakest. */
const likenesses: readonly Likeness[] = [
  ({ code, message, text }) => `${code} ${message} ${text}`,
  ({ code, message }) => `${code} ${message}`,
  ({ code, text }) => `${code} ${text}`,
];

export function newErrors(before: readonly FoundError[], after: readonly FoundError[]): readonly FoundError[] {
  let old = before;
  let fresh = after;
  for (const likeness of likenesses) {
    if (old.length === 0 || fresh.length === 0) break;
    ({ old, fresh } = pairUp(old, fresh, likeness));
  }
  return fresh;
}

function pairUp(before: readonly FoundError[], after: readonly FoundError[], likeness: Likeness) {
  const left = new Map<string, FoundError[]>();
  for (const error of before) left.set(likeness(error), [...(left.get(likeness(error)) ?? []), error]);
  const fresh = after.filter((error) => left.get(likeness(error))?.pop() === undefined);
  return { fresh, old: [...left.values()].flat() };
}
