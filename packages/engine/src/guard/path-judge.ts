/** The policy applied to a place on disk: both the path as it was named and the real file behind it are judged. */
import { type Verdict, strictest } from "@twolane/protocol";
import type { Target } from "../host/workspace.ts";

/** A pure rule over paths relative to the workspace. */
export type PathJudge = (path: string) => Verdict;

export function judgeTarget(target: Pick<Target, "relative" | "real">, judges: readonly PathJudge[]): Verdict {
  const paths = target.real === target.relative ? [target.real] : [target.relative, target.real];
  return strictest(judges.flatMap((judge) => paths.map(judge)));
}
