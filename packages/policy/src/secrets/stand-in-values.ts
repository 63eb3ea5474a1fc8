/** What looks like a secret and is none: stand-ins of documentation, references to where the value comes from, hashes, words. */
import { changeRate } from "./entropy.ts";

/** Published as examples by those who make the keys; only their ends are kept here. */
const publishedExamples: readonly string[] = [
  "EXAMPLE",
  "EXAMPLEKEY",
  "4eC39HqLyjWDarjtT1zdp7dc",
  "BQokikJOvBiI2HlWgH4olfQ2",
  "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
  "TJVA95OrM7E2cBab30RMHrHDcEfxjoYZgeFONFh7HgQ",
];

const repeated = /([^\s])\1{5,}/;
const counted = /0123456789|1234567890|123456789a|abcdefghij|ABCDEFGHIJ|abcd1234|deadbeef/;
const spelledOut =
  /x{4}|\*{3}|\.{3}|…|•{2}|placeholder|example|redacted|removed|hidden|omitted|changeme|change[-_]me|dummy|fake|sample|your[-_]|[-_]here$|not[-_]?a[-_]?real|TWOLANE_SECRET_/i;

/** Of a secret with a mark of its own: only what nobody could take for a real one. */
export function isStandIn(value: string): boolean {
  return (
    repeated.test(value) || counted.test(value) || spelledOut.test(value) || publishedExamples.some((end) => value.endsWith(end))
  );
}

const reference =
  /^(?:\$|%[A-Za-z_(]|<|\{|\[|#\{|@|!|&|process\.|import\.|os\.|env[.[(:]|ENV\[|this\.|self\.|props\.|config\.|settings\.|options\.|secrets?\.|vars?\.|data\.|ref\+|op:\/\/|vault:|arn:|file:|env:)|\$\{|\{\{|<%|\(\)|=>|\|\|/;
const madeUp =
  /test|demo|mock|stub|foo|bar(?![a-z]{3})|baz|password|passwd|passphrase|secret|token|credential|letmein|qwerty|admin|guest|12345|todo|fixme|insert|replace|default|unused|invalid|wrong|correct|string|undefined|null|none|true|false|bearer|authorization/i;
const hashLike = /^(?:sha\d{1,3}[-:=]|md5[-:]|\$2[aby]\$|\$argon2|\$pbkdf2|pbkdf2|[a-z]{3,}\(|0x)/i;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const placeLike = /^(?:\.{0,2}\/|~\/|[A-Za-z]:\\|[a-z][a-z0-9+.-]*:\/\/|@[\w-]+\/|application\/|text\/|image\/|data:)/;
/** A word with a number in or behind it. */
const word = /^[A-Za-z]*\d{0,4}[A-Za-z]*$/;

/** Of what stands behind a name such as `password`: also what a person would use in a test, and what refers to it. */
export function isOrdinary(value: string): boolean {
  if (isStandIn(value) || reference.test(value) || hashLike.test(value) || placeLike.test(value)) return true;
  return (
    madeUp.test(value) ||
    /passw|^pass|secret|qwerty/.test(value.toLowerCase().replace(/[013457@$!]/g, (sign) => plainLetters[sign] ?? sign))
  );
}

/** As people write words with signs in them. */
const plainLetters: Readonly<Record<string, string>> = {
  "0": "o",
  "1": "l",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "@": "a",
  $: "s",
  "!": "i",
};

export const isUuid = (value: string): boolean => uuid.test(value);
/** Words and short numbers with separators between them: names, not chance. */
export const isWords = (value: string): boolean =>
  value.split(/[-_./:+ ]+/).every((piece) => word.test(piece) && (piece.length < 6 || changeRate(piece) < 0.2));
