/** Watches how long the event loop stands still. */

/** How long the event loop stood still at most, in ms of this process's own work: what the machine gives to others meanwhile does not count. */
export function watchPauses(): () => number {
  let [longest, last, running] = [0, process.cpuUsage(), true];
  const look = (): void => {
    const { user, system } = process.cpuUsage(last);
    longest = Math.max(longest, (user + system) / 1000);
    last = process.cpuUsage();
  };
  const watch = (): void => {
    look();
    if (running) setImmediate(watch);
  };
  setImmediate(watch);
  return () => {
    running = false;
    look();
    return longest;
  };
}
