/** Characters as a person sees them. The tables of Unicode take ten milliseconds to load, so they wait for the first text that needs them. */

let segmenter: Intl.Segmenter | undefined;

export const graphemesOf = (text: string): Intl.Segments => (segmenter ??= new Intl.Segmenter("en")).segment(text);

/** One after the other; together they are the text. */
export const charactersOf = (text: string): string[] =>
  /^[\u0020-\u007e]*$/.test(text) ? text.split("") : Array.from(graphemesOf(text), ({ segment }) => segment);
