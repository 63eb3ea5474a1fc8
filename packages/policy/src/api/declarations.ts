/** What a text exports, by name: how it is shown, and in which form it is compared. */

export interface Signature {
  readonly shown: string;
  /** Without what callers cannot see, e.g. names of parameters. */
  readonly form: string;
}

export type Declarations = ReadonlyMap<string, Signature>;

export const plain = (text: string): Signature => ({ shown: text, form: text });

/** Signatures put together with words between them. */
export function signature(words: TemplateStringsArray, ...parts: readonly (string | Signature)[]): Signature {
  const side = (which: keyof Signature): string =>
    words.reduce((text, word, at) => {
      const part = parts[at - 1] ?? "";
      return `${text}${typeof part === "string" ? part : part[which]}${word}`;
    });
  return { shown: side("shown"), form: side("form") };
}

export const joined = (parts: readonly Signature[], by: string): Signature => ({
  shown: parts.map(({ shown }) => shown).join(by),
  form: parts.map(({ form }) => form).join(by),
});

/** Several of one name, e.g. overloads, stand behind each other. */
export class DeclarationMap extends Map<string, Signature> {
  add(name: string, what: Signature): void {
    const known = this.get(name);
    this.set(name, known === undefined || known.form === what.form ? what : joined([known, what], "; "));
  }
}
