/** A stopwatch for tests that bound what something costs. */

/** Processor time that something takes, ms: unlike the clock's it does not depend on what else the machine does. The least of several runs. */
export function leastCpuMs(times: number, run: () => void): number {
  const taken = Array.from({ length: times }, () => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...taken);
}
