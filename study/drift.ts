/** A wrong course, made mechanically: from a point of the change on, an identifier is another one of the same file. Pure. */
import { type ChangeHunk, addedLines, changedLines } from "./change.ts";
import { randomOf } from "./person.ts";

export interface Drift {
  /** What the model writes instead, hunk for hunk; the same object where it is right. */
  readonly hunks: readonly ChangeHunk[];
  readonly wrote: string;
  readonly meant: string;
}

export interface DriftWish {
  readonly hunks: readonly ChangeHunk[];
  /** Texts of the files before the change. */
  readonly before: ReadonlyMap<string, string>;
  /** Share of the change behind which it begins, at most 1. */
  readonly point: number;
  /** Decides which identifier, and what is written for it. */
  readonly seed: string;
}

/** The nearest hunk to the point, from there on, that has an identifier to get wrong; else the nearest before it. Undefined: none has. */
export function driftOf({ hunks, before, point, seed }: DriftWish): Drift | undefined {
  const random = randomOf("drift", seed);
  const from = hunkAt(hunks, point);
  const order = [...hunks.keys()].slice(from).concat([...hunks.keys()].slice(0, from).toReversed());
  for (const first of order) {
    const hunk = hunks[first];
    const known = identifiers(before.get(hunk?.path ?? "") ?? hunks.flatMap(addedLines).join("\n"));
    const candidates = hunk === undefined ? [] : identifiers(addedLines(hunk).join("\n"));
    // The one that reaches furthest: a wrong course is more than a slip.
    const spread = (name: string): number => hunks.slice(first).filter((one) => one !== miswritten(one, name, "")).length;
    const widest = Math.max(...candidates.map(spread));
    const meant = pick(
      candidates.filter((name) => spread(name) === widest),
      random,
    );
    const wrote = pick(
      known.filter((name) => name !== meant),
      random,
    );
    if (meant === undefined || wrote === undefined) continue;
    return { meant, wrote, hunks: hunks.map((one, at) => (at < first ? one : miswritten(one, meant, wrote))) };
  }
  return undefined;
}

function hunkAt(hunks: readonly ChangeHunk[], point: number): number {
  const total = hunks.reduce((sum, hunk) => sum + changedLines(hunk), 0);
  let seen = 0;
  for (const [at, hunk] of hunks.entries()) {
    seen += changedLines(hunk);
    if (seen > total * Math.min(1, point)) return at;
  }
  return Math.max(0, hunks.length - 1);
}

function miswritten(hunk: ChangeHunk, meant: string, wrote: string): ChangeHunk {
  const pattern = new RegExp(`(?<![\\w$])${meant}(?![\\w$])`, "g");
  const lines = hunk.lines.map((line) => (line.startsWith("+") ? `+${line.slice(1).replace(pattern, () => wrote)}` : line));
  return lines.every((line, at) => line === hunk.lines[at]) ? hunk : { ...hunk, lines };
}

const reserved =
  /^(?:async|await|break|case|catch|class|const|continue|default|delete|else|export|extends|false|finally|from|function|import|instanceof|null|return|static|super|switch|this|throw|true|typeof|undefined|void|while|with|yield|require|module|exports)$/;

/** Of at least four characters, each once, in order; not in comments and texts. */
export function identifiers(text: string): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|^\s*\*.*$|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/gm, " ");
  return [...new Set(code.match(/(?<![\w$\\])[A-Za-z_]\w{3,}(?![\w$])/g) ?? [])].filter((name) => !reserved.test(name));
}

const pick = <T>(list: readonly T[], random: () => number): T | undefined => list[Math.floor(random() * list.length)];
