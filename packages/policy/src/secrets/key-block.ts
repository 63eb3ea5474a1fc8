/** Where the words of a text stand in a private key's block, from its first line to its last. Knows PEM, OpenSSH, PGP, and PuTTY's own form. */

interface Span {
  readonly start: number;
  readonly end: number;
}

type Put = (start: number, end: number, continued: boolean) => void;

/** A block longer than this is none. */
const wordsLimit = 2000;
const firstLine = 16;

export class KeyBlock {
  /** `head`: between `-----BEGIN` and its end; `private`: the same of a private key; `body`: its lines come. */
  private state: "none" | "head" | "private" | "body" = "none";
  private words = 0;
  private found = false;
  /** The rest of this line is a header such as `Proc-Type: 4,ENCRYPTED`. */
  private header = false;

  get isOpen(): boolean {
    return this.state !== "none";
  }

  newLine(): void {
    this.header = false;
    // The marks of a block stand on one line.
    if (this.state === "head" || this.state === "private") this.state = "none";
  }

  /** Five dashes stand here, in no open block; gives where to go on. */
  mark(text: string, { start, end }: Span, put: Put): number {
    if (!text.startsWith("-----BEGIN", start)) return start + 5;
    this.state = "head";
    this.words = 0;
    this.found = false;
    const behind = start + "-----BEGIN".length;
    return behind < end ? this.take(text, { start: behind, end }, put) : behind;
  }

  /** A word while a block is open; gives where ordinary text begins. */
  take(text: string, { start, end }: Span, put: Put): number {
    if (this.state === "body") return this.body(text, { start, end }, put);
    const dashes = text.indexOf("-----", start);
    const isLast = dashes >= 0 && dashes < end;
    const word = text.slice(start, isLast ? dashes : end);
    if (/^[A-Z0-9]*$/.test(word)) {
      if (word === "PRIVATE") this.state = "private";
      if (!isLast) return end;
      if (this.state === "private") {
        this.state = "body";
        return dashes + 5 < end ? this.body(text, { start: dashes + 5, end }, put) : end;
      }
    }
    this.state = "none";
    return start;
  }

  private body(text: string, { start, end }: Span, put: Put): number {
    if (this.header) return end;
    if (++this.words > wordsLimit) return this.close(start);
    const dashes = text.indexOf("-----", start);
    const stop = dashes >= 0 && dashes < end ? dashes : end;
    base64.lastIndex = start;
    const match = base64.exec(text);
    if (match === null || match.index + (match[1]?.length ?? 0) >= stop) {
      if (stop < end) return this.close(stop + 5);
      return /^["'`+\\,;nr]*$/.test(text.slice(start, end)) && this.isLoose() ? end : this.close(start);
    }
    const from = match.index + (match[1]?.length ?? 0);
    const to = Math.min(stop, from + (match[2]?.length ?? 0));
    const behind = text.charAt(to);
    if (to < stop && (behind === ":" || behind === "-")) return this.startHeader(end);
    const isCutShort = text.startsWith("...", to) || behind === "…";
    if (isCutShort || (!this.found && to - from < firstLine)) return this.close(start);
    put(from, to, this.found);
    this.found = true;
    return stop < end ? this.close(stop + 5) : end;
  }

  /** A block in code may begin with the end of a string. */
  private isLoose(): boolean {
    return this.words < 6 || this.found;
  }

  private startHeader(end: number): number {
    this.header = true;
    return end;
  }

  private close(at: number): number {
    this.state = "none";
    return at;
  }
}

/** Quotes and line ends of a string, then base64 with such line ends in it. */
const base64 = /((?:["'`]|\\r|\\n)*)([A-Za-z0-9+/=]+(?:(?:\\r|\\n)+[A-Za-z0-9+/=]+)*)/y;
