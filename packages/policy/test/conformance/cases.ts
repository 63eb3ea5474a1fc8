/** The form of a case. What the cases are, its neighbours say. */
import type { LayerKind, Reader, ServedFacts } from "@twolane/policy";

export type Decision = "allow" | "hold" | "block";

interface Expected {
  readonly name: string;
  /** Text of `.twolane/policy.yaml` without its first line `version: 1`; absent: there is no such file. */
  readonly policy?: string;
  /** Files of other layers in the same form. Only the judge alone is asked about cases that have them. */
  readonly above?: readonly { readonly kind: LayerKind; readonly text: string }[];
  readonly decision: Decision;
  /** One of the rules that decided so. */
  readonly rule?: string;
}

/** Texts by path relative to the workspace. */
export type Tree = Readonly<Record<string, string>>;

export interface ChangeCase extends Expected {
  /** What is there besides, and what is there before. */
  readonly before: Tree;
  /** What the change writes; undefined: it deletes the file. */
  readonly after: Readonly<Record<string, string | undefined>>;
  /** From, by where it is now, of files that are moved; their text after stands in `after` where it is another. */
  readonly moved?: Readonly<Record<string, string>>;
  /** Where people may do what the loop may not: what the gates at commit and in CI decide. */
  readonly atGates?: Decision;
  /** Limits of a turn, and of the fast lane, are the loop's alone. */
  readonly loopOnly?: boolean;
}

export interface CommandCase extends Expected {
  readonly line: string;
}

export interface ServedCase extends Expected {
  readonly facts: ServedFacts;
}

/** `allow`: what people and models wrote may go to the receiver of telemetry; `block`: it may not. */
export type TellCase = Expected;

export interface ReadCase extends Expected {
  readonly path: string;
  readonly reader?: Partial<Reader>;
}

/** So many lines, each another one. */
export const lines = (count: number, of = "line"): string =>
  Array.from({ length: count }, (_, index) => `${of} ${index + 1};\n`).join("");
