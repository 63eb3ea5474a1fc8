/**
 * Keeps the heap of a session that lasts for hours near what is alive in it. V8 by default lets the young generation grow to tens of
 * megabytes and the old one to a multiple of what is alive before it collects; a screen that allocates little gains nothing by it.
 */
import v8 from "node:v8";

/** Read at each collection. */
const steady = ["--optimize-for-size", "--semi-space-growth-factor=1"];
/** V8's own values, the one included that the first of ours brings with it. */
const usual = ["--no-optimize-for-size", "--max-semi-space-size=0", "--semi-space-growth-factor=2"];

/** Once, when everything is loaded: a start is shorter with V8's own ways. */
export function steadyHeap(): void {
  for (const flag of steady) v8.setFlagsFromString(flag);
  // The launcher writes its code cache at the exit, and V8 takes one only under the flags under which it was made.
  process.prependListener("exit", () => {
    for (const flag of usual) v8.setFlagsFromString(flag);
  });
}
