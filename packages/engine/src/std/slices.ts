/** Long work in slices, so that keys and streams are heard in between. */
import { setImmediate as nextTurn } from "node:timers/promises";

/** Asked after each small piece of work: gives what is to be waited for when the slice (ms) is over, else nothing. */
export function createSlices(sliceMs: number): () => Promise<void> | void {
  let since = performance.now();
  return () => {
    if (performance.now() - since < sliceMs) return undefined;
    return nextTurn().then(() => void (since = performance.now()));
  };
}
