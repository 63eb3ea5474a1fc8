/** Numbers that look random and are the same each time. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  /** Of mean 1, with a long tail as times have it. */
  exponential(): number;
  normal(): number;
  poisson(mean: number): number;
}

export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const exponential = (): number => -Math.log(1 - next());
  return {
    next,
    exponential,
    normal: () => Math.sqrt(2 * exponential()) * Math.cos(2 * Math.PI * next()),
    poisson(mean) {
      let [count, left] = [0, mean - exponential()];
      while (left > 0) [count, left] = [count + 1, left - exponential()];
      return count;
    },
  };
}
