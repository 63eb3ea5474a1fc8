/** The few words that a replay understands. It is no model, and says so of everything else. */

export type ReplayWish =
  | { readonly kind: "skip" | "only"; readonly place: string }
  /** Nothing but to go on. */
  | { readonly kind: "go-on" }
  | { readonly kind: "unknown" };

export function readWish(text: string): ReplayWish {
  const plain = text.trim();
  const [, word, named] = /^(skip|only)\s+(\S.*)$/i.exec(plain) ?? [];
  if (word !== undefined && named !== undefined)
    return { kind: word.toLowerCase() === "skip" ? "skip" : "only", place: placeIn(named) };
  return /^(?:go on|continue|start|replay)\b/i.test(plain) ? { kind: "go-on" } : { kind: "unknown" };
}

/** As people name files: with `@`, in quotes, with `./` in front, a folder with its slash. */
function placeIn(named: string): string {
  return named
    .trim()
    .replace(/^(["'`])(.*)\1$/, "$2")
    .replace(/^@/, "")
    .replace(/^\.\//, "")
    .replace(/\/+$/, "");
}
