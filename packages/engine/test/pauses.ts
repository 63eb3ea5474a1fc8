/** Watches how long the event loop stands still. */

/** How long the event loop stood still at most, in ms. */
export function watchPauses(): () => number {
  let [longest, last, running] = [0, performance.now(), true];
  const watch = (): void => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    if (running) setImmediate(watch);
  };
  setImmediate(watch);
  return () => {
    running = false;
    return Math.max(longest, performance.now() - last);
  };
}
