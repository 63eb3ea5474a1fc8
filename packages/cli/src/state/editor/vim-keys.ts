/** Reads vim's commands from keys as they come. What a command does is not known here. Pure. */
import { motionKeys } from "./vim-motions.ts";

export interface VimCommand {
  /** Absent: none was typed. */
  readonly count?: number;
  readonly operator: "" | "d" | "c" | "y";
  /** A motion, a change, or the operator again for whole lines. */
  readonly key: string;
  /** Of `f`, `t`, `F`, `T` and `r`. */
  readonly sign: string;
}

/** A key held down must not occupy the program. */
const countLimit = 10_000;

/** Changes that take the operator's key apart, and those that only begin to type. */
const singles = new Set<string>("iIaAoOxXDCYsSpPu.~r");

/** The command that the keys are; "more" while it is not complete, "none" when it can never be. */
export function readVimKeys(keys: string): VimCommand | "more" | "none" {
  const match = /^(?<first>[1-9]\d*)?(?<operator>[dcy])?(?<second>[1-9]\d*)?(?<rest>.*)$/su.exec(keys);
  const { first, operator, second, rest = "" } = match?.groups ?? {};
  if (rest === "" || rest === "g") return "more";
  const isOperator = operator === "d" || operator === "c" || operator === "y";
  const command = (key: string, sign = ""): VimCommand => ({
    ...((first !== undefined || second !== undefined) && {
      count: Math.min(Number(first ?? 1) * Number(second ?? 1), countLimit),
    }),
    operator: isOperator ? operator : "",
    key,
    sign,
  });
  const key = rest.charAt(0);
  if ("fFtT".includes(key) || (key === "r" && !isOperator)) {
    const sign = rest.slice(1);
    return sign === "" ? "more" : command(key, sign);
  }
  if (motionKeys.has(rest)) return command(rest);
  if (isOperator ? rest === operator : singles.has(rest)) return command(rest);
  return "none";
}
