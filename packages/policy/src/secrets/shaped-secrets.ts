/** Secrets that are known by a sign in their middle: credentials in an address, a bot's number and key. Pure tests of one place in a text. */
import { entropyOf } from "./entropy.ts";
import { isOrdinary } from "./stand-in-values.ts";

export interface Shape {
  readonly kind: string;
  readonly start: number;
  readonly end: number;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface InnerMark {
  readonly kind: string;
  readonly mark: string;
  /** At most so many characters before the mark. */
  readonly before: number;
  /** Sticky; matches the whole. */
  readonly whole: RegExp;
}

const innerMarks: readonly InnerMark[] = [
  { kind: "telegram", mark: ":AA", before: 10, whole: /\d{8,10}:AA[A-Za-z0-9_-]{32,33}(?![A-Za-z0-9])/y },
  { kind: "azure-ad", mark: "~", before: 5, whole: /[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9])/y },
  { kind: "mailchimp", mark: "-us", before: 32, whole: /[0-9a-f]{32}-us\d{1,2}(?![A-Za-z0-9])/y },
  { kind: "mailgun", mark: "-", before: 32, whole: /[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}(?![A-Za-z0-9-])/y },
];

/** A secret around the sign at this place. */
export function shapedBehind(text: string, at: number, word: Span): Shape | undefined {
  for (const { kind, mark, before, whole } of innerMarks) {
    if (!text.startsWith(mark, at)) continue;
    let start = at;
    while (start > word.start && at - start < before && isKeySign(text.charCodeAt(start - 1))) start--;
    // A longer run is something else.
    if (start > word.start && isKeySign(text.charCodeAt(start - 1))) continue;
    whole.lastIndex = start;
    if (whole.test(text) && whole.lastIndex <= word.end) return { kind, start, end: whole.lastIndex };
  }
  return undefined;
}

const passwordLine = /[\w.*-]+:(?:\d{2,5}|\*):[\w.*-]+:[\w.*@-]+:([^\s:"'`]{6,})(?![^\s])/y;

/** `host:port:database:user:password`, from the first colon of a word on. */
export function passwordOfLine(text: string, at: number, word: Span): Shape | undefined {
  const next = text.charCodeAt(at + 1);
  if (next !== 0x2a && (next < 0x30 || next > 0x39)) return undefined;
  passwordLine.lastIndex = word.start;
  const password = passwordLine.exec(text)?.[1];
  if (password === undefined || passwordLine.lastIndex !== word.end) return undefined;
  if (isOrdinary(password) || entropyOf(password) < 2.6 || /^[\d.]+$|^[a-z]+$/.test(password)) return undefined;
  return { kind: "pgpass", start: word.end - password.length, end: word.end };
}

const isKeySign = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39);

const credentialSigns = /([^\s/?#"'`<>:@\\]*):([^\s/?#"'`<>@\\]+)@/y;

/** The password of an address, from behind its `://`. */
export function credentialsIn(text: string, { start, end }: Span): Shape | undefined {
  credentialSigns.lastIndex = start;
  const match = credentialSigns.exec(text);
  if (match === null || credentialSigns.lastIndex > end) return undefined;
  const [, user = "", password = ""] = match;
  if (password.length < 4 || password === user || isOrdinary(decoded(password)) || entropyOf(password) < 1.5) return undefined;
  // A word alone is what documentation has there.
  if (/^[a-z]+$/.test(password) && password.length < 12) return undefined;
  const from = start + user.length + 1;
  return { kind: "url-password", start: from, end: from + password.length };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
