/** Comparing file contents. No IO. */

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  return Buffer.from(a.buffer, a.byteOffset, a.length).equals(b);
}

/** The smallest single replacement that makes `b` of `a`: `a[start, end)` becomes `b[start, newEnd)`. */
export function differingRange(
  a: Uint8Array,
  b: Uint8Array,
): { readonly start: number; readonly end: number; readonly newEnd: number } {
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let tail = 0;
  while (tail < shorter - start && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return { start, end: a.length - tail, newEnd: b.length - tail };
}
