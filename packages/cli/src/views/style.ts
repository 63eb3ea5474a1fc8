/** Colour where the terminal has it; the words say the same without. */

export interface Style {
  /** Text from elsewhere may bring colours of its own. */
  readonly colour: boolean;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warn: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
  /** What is different within something that has a colour. */
  readonly marked: (text: string) => string;
  readonly code: (text: string) => string;
}

const paint =
  (on: boolean, code: number) =>
  (text: string): string =>
    on ? `\u001b[${code}m${text}\u001b[0m` : text;

/** `NO_COLOR` and `TERM=dumb` switch colour off, `FORCE_COLOR` on; otherwise a terminal has it. */
export function createStyle(env: Readonly<Record<string, string | undefined>>, terminal: boolean): Style {
  const forced = env["FORCE_COLOR"] !== undefined && env["FORCE_COLOR"] !== "0";
  const colour = (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb" && (terminal || forced);
  return {
    colour,
    good: paint(colour, 32),
    bad: paint(colour, 31),
    warn: paint(colour, 33),
    dim: paint(colour, 2),
    bold: paint(colour, 1),
    marked: paint(colour, 7),
    code: paint(colour, 36),
  };
}
