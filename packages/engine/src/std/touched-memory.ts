/**
 * Memory for the next content of a file, touched before it is needed. Giving a process new memory takes the system some microseconds for
 * each 4 KB that is written first, on virtual machines up to a millisecond for a file of 256 KB: that is spent between two hunks.
 */

/** Bytes. Smaller ones are no time; larger ones would hold up the loop. */
const least = 32 * 1024;
const most = 1024 * 1024;
/** Bytes by which the next content may be longer. */
const room = 16 * 1024;
const page = 4096;

let spare: Uint8Array | undefined;

/** Takes up to a few milliseconds; for when nothing waits. `size`: of the content as it is. */
export function touchMemoryFor(size: number): void {
  if (size < least || size > most || (spare !== undefined && isFitting(spare, size))) return;
  const touched = Buffer.allocUnsafeSlow(size + room);
  for (let at = 0; at < touched.length; at += page) touched[at] = 0;
  spare = touched;
}

/** Uninitialised, and the caller's alone. */
export function takeMemory(size: number): Uint8Array {
  if (spare === undefined || !isFitting(spare, size)) return Buffer.allocUnsafe(size);
  const taken = spare.subarray(0, size);
  spare = undefined;
  return taken;
}

/** What is much too large would be kept alive by a small content. */
const isFitting = ({ length }: Uint8Array, size: number): boolean => length >= size && length <= size + 2 * room && size >= least;
