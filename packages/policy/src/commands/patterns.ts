/** Patterns of commands: words with `*` for a word or a part of it, and a last `**` for any number of words. */
import type { Word } from "./script.ts";

export interface CommandPattern {
  readonly text: string;
  /** `maybe`: words that are not certain could be what it says. */
  matches(words: readonly Word[]): "yes" | "maybe" | "no";
  /** More is more specific. */
  readonly weight: number;
}

/** Undefined where the text is no pattern. Words are separated by blanks; quotes hold blanks together. */
export function compilePattern(text: string): CommandPattern | undefined {
  const parts =
    text
      .trim()
      .match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)
      ?.map((part) => part.replace(/["']/g, "")) ?? [];
  const open = parts.at(-1) === "**";
  const fixed = (open ? parts.slice(0, -1) : parts).map(compileWord);
  if (parts.length === 0 || parts.slice(0, -1).includes("**") || (text.match(/["']/g)?.length ?? 0) % 2 === 1) return undefined;
  const weight = fixed.reduce((sum, { letters }) => sum + letters + 1, 0) * 2 + (open ? 0 : 1);
  return {
    text,
    weight,
    matches(words) {
      let sure = true;
      for (const [index, wanted] of fixed.entries()) {
        const word = words[index];
        if (word === undefined) return "no";
        // From here on nothing is certain: any number of words may come of it.
        if (word.many && !word.known) return wanted.couldBegin(word.value) ? "maybe" : "no";
        const matched = wanted.matches(word);
        if (matched === "no") return "no";
        if (matched === "maybe") sure = false;
      }
      const rest = words.slice(fixed.length);
      if (!open && rest.some((word) => word.known || !word.many)) return "no";
      return sure && (open || rest.length === 0) ? "yes" : "maybe";
    },
  };
}

interface WordPattern {
  /** How many are not wildcards. */
  readonly letters: number;
  matches(word: Word): "yes" | "maybe" | "no";
  couldBegin(prefix: string): boolean;
}

function compileWord(pattern: string): WordPattern {
  const head = pattern.split("*")[0]!;
  const wild = pattern.includes("*");
  const whole = new RegExp(
    `^${pattern
      .split(/\*+/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join("[^]*")}$`,
  );
  // Only the beginning up to the first wildcard can be told from a word that has only just begun.
  const couldBegin = (prefix: string): boolean => (wild && prefix.startsWith(head)) || head.startsWith(prefix);
  return {
    letters: pattern.replaceAll("*", "").length,
    couldBegin,
    matches(word) {
      if (word.known) return whole.test(word.value) ? "yes" : "no";
      if (pattern === "*" && !word.many) return "yes";
      return couldBegin(word.value) ? "maybe" : "no";
    },
  };
}
