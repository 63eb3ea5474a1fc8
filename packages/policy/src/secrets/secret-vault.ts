/**
 * Puts a stand-in in the place of each secret on its way out, and the secret back where the stand-in comes back. Stand-ins are the same
 * every time (a keyed hash), so that a conversation can be sent again, and after a resume they mean the same once their file was read.
 */
import { isPlainBeginning } from "./marked-secrets.ts";
import { findSecrets, createSecretScanner } from "./scanner.ts";

export interface SecretVault {
  /** The text with a stand-in for each secret. `place`: where it stands, in words for the person, e.g. a path. */
  hide(text: string, place: string): string;
  /** Whether there is one in it, or its last word could become one that is known. Nobody is told, nothing is kept. */
  holds(text: string): boolean;
  /** The same for a text that comes in pieces; what could still become a secret is held back until it is known. */
  hideStream(place: string): HidingStream;
  /** The text with the secrets back in it. */
  restore(text: string): string;
  /** This value is secret wherever it stands. */
  know(kind: string, value: string): void;
  /** Everything that was hidden so far. */
  readonly size: number;
}

export interface HidingStream {
  push(text: string): string;
  end(): string;
}

export interface VaultOptions {
  /** A keyed hash of the workspace, as hex digits. */
  readonly digest: (value: string) => string;
  /** Told once for each secret. */
  readonly onFirst?: (secret: { readonly kind: string; readonly place: string }) => void;
}

/** One stand-in in a text. */
export const standInPattern = /TWOLANE_SECRET_[a-z0-9_]+_[0-9a-f]{8}(?![0-9a-f])/;
const standIns = new RegExp(standInPattern, "g");

export function createSecretVault(options: VaultOptions): SecretVault {
  return new Vault(options);
}

/** Secrets that are kept in mind; beyond it the first ones are forgotten, and a hunk that names them is held. */
const keptLimit = 5000;
/** A shorter value could stand anywhere by chance. */
const knownAtLeast = 8;
/** Texts in which nothing was found, e.g. the same names in each event: so many, of so many characters at most. */
const plainKept = { texts: 256, characters: 256 };
/** A word of so many characters is no beginning of a known one by chance. */
const begunAtLeast = 4;

class Vault implements SecretVault {
  private readonly options: VaultOptions;
  /** By stand-in. */
  private readonly values = new Map<string, string>();
  /** By value. */
  private readonly standIns = new Map<string, string>();
  private readonly told = new Set<string>();
  private readonly plain = new Set<string>();
  /** Of the longer ones only this: what a tool gives is looked at in the event, in the outcome and in the conversation. */
  private lastPlain = "";

  constructor(options: VaultOptions) {
    this.options = options;
  }

  get size(): number {
    return this.values.size;
  }

  know(kind: string, value: string): void {
    if (value.length >= knownAtLeast) this.standInOf(kind, value);
  }

  hide(text: string, place: string): string {
    if (this.isPlain(text)) return this.hideKnown(text, place);
    const found = findSecrets(text);
    if (found.length === 0) {
      this.keepPlain(text);
      return this.hideKnown(text, place);
    }
    let [hidden, from] = ["", 0];
    for (const { kind, start, end, continued } of found) {
      hidden += text.slice(from, start) + this.standIn({ kind, value: text.slice(start, end), place, continued });
      from = end;
    }
    return this.hideKnown(hidden + text.slice(from), place);
  }

  holds(text: string): boolean {
    if (findSecrets(text).length > 0) return true;
    const last = /\S*$/.exec(text)?.[0] ?? "";
    if (last.length >= begunAtLeast && this.knowsBeginning(last)) return true;
    return [...this.standIns.keys()].some((value) => value.length >= knownAtLeast && text.includes(value));
  }

  hideStream(place: string): HidingStream {
    const scanner = createSecretScanner();
    let [held, base] = ["", 0];
    /** Of what is held back so many characters are out: the plain beginning of a word. */
    let ahead = 0;
    const release = (found: ReturnType<typeof scanner.push>, until: number): string => {
      let [out, from] = ["", ahead];
      for (const { kind, start, end, continued } of found) {
        const value = held.slice(start - base, end - base);
        out += held.slice(from, Math.max(from, start - base)) + this.standIn({ kind, value, place, continued });
        from = end - base;
      }
      out += held.slice(from, Math.max(from, until - base));
      ahead = Math.max(0, ahead - (until - base));
      held = held.slice(until - base);
      base = until;
      return this.hideKnown(out, place);
    };
    /** Nobody waits for the end of a word that is none of ours. */
    const plainBeginning = (): string => {
      if (!scanner.isCalm || !isPlainBeginning(held) || this.knowsBeginning(held)) return "";
      const out = held.slice(ahead);
      ahead = held.length;
      return out;
    };
    return {
      push: (text) => {
        held += text;
        return release(scanner.push(text), scanner.settled) + plainBeginning();
      },
      end: () => release(scanner.end(), base + held.length),
    };
  }

  restore(text: string): string {
    if (this.values.size === 0 || !text.includes("TWOLANE_SECRET_")) return text;
    return text.replace(standIns, (standIn) => this.values.get(standIn) ?? standIn);
  }

  private isPlain(text: string): boolean {
    return text.length > plainKept.characters ? text === this.lastPlain : this.plain.has(text);
  }

  private keepPlain(text: string): void {
    if (text.length > plainKept.characters) {
      this.lastPlain = text;
      return;
    }
    if (this.plain.size >= plainKept.texts) this.plain.clear();
    this.plain.add(text);
  }

  private knowsBeginning(word: string): boolean {
    for (const value of this.standIns.keys()) if (value.startsWith(word)) return true;
    return false;
  }

  /** What was a secret in one place is one in every other. */
  private hideKnown(text: string, place: string): string {
    let hidden = text;
    for (const [value, standIn] of this.standIns) {
      if (value.length < knownAtLeast || !hidden.includes(value)) continue;
      hidden = hidden.replaceAll(value, standIn);
      this.tell(standIn, place);
    }
    return hidden;
  }

  private standIn({ kind, value, place, continued }: { kind: string; value: string; place: string; continued: boolean }): string {
    const standIn = this.standInOf(kind, value);
    if (!continued) this.tell(standIn, place);
    return standIn;
  }

  private tell(standIn: string, place: string): void {
    if (this.told.has(standIn)) return;
    this.told.add(standIn);
    const kind = standIn.slice("TWOLANE_SECRET_".length, -9).replaceAll("_", "-");
    this.options.onFirst?.({ kind, place });
  }

  private standInOf(kind: string, value: string): string {
    const known = this.standIns.get(value);
    if (known !== undefined) return known;
    const standIn = `TWOLANE_SECRET_${kind.replaceAll("-", "_")}_${this.options.digest(value).slice(0, 8)}`;
    this.standIns.set(value, standIn);
    this.values.set(standIn, value);
    if (this.values.size > keptLimit) this.forgetFirst();
    return standIn;
  }

  private forgetFirst(): void {
    for (const [standIn, value] of this.values) {
      this.values.delete(standIn);
      this.standIns.delete(value);
      return;
    }
  }
}

/** Variables whose values are secret by name or by themselves. */
export function environmentSecrets(
  env: Readonly<Record<string, string | undefined>>,
): readonly { readonly kind: string; readonly value: string }[] {
  const lines = Object.entries(env).flatMap(([name, value = ""]) =>
    // Most of them are paths or words.
    value.length < knownAtLeast || (value.startsWith("/") && !/key|secret|token/i.test(name))
      ? []
      : [`${name}=${value.replaceAll("\n", " ")}`],
  );
  const text = lines.join("\n");
  return findSecrets(text).map(({ kind, start, end }) => ({ kind, value: text.slice(start, end) }));
}
