/** One judge for everybody who holds it, while what it answers by can be swapped, as when the workspace is trusted. Decides nothing. */
import type { PolicyJudge } from "@twolane/policy";

export interface LivePolicy {
  readonly judge: PolicyJudge;
  swap(next: PolicyJudge): void;
}

export function livePolicy(first: PolicyJudge): LivePolicy {
  let now = first;
  const judge = new Proxy(first, { get: (_, name) => Reflect.get(now, name) });
  return { judge, swap: (next) => void (now = next) };
}
