/** Secrets that are known by the name in front of them (`password = …`), and values that look like chance. Pure tests of one name and one value. */
import { changeRate, entropyOf } from "./entropy.ts";
import { isOrdinary, isStandIn, isUuid, isWords } from "./stand-in-values.ts";

/** What a name says of its value. */
export interface SecretName {
  readonly kind: string;
  /** People think these up themselves. */
  readonly isPassword: boolean;
  /** The shape that values of this name have; absent: any that is not ordinary. */
  readonly shape?: RegExp;
}

const passwordName = /pass(?:word|wd|phrase|code)?s?$|pwd$|(?:^|[-_.])pass(?:$|[-_.])|pgpass/i;
const secretName =
  /secret|token|authorization$|(?:api|access|private|secret|auth|account|master|encryption|encrypt|signing|shared|admin|app|application|service|client|license|session|webhook|deploy|storage|subscription)[-_. ]?(?:access)?[-_. ]?key|apikey|credentials?$|(?:^|[-_.])(?:pat|auth|_auth)$|connection[-_]?string/i;
/** A name with this end says something about a secret. */
const aboutName =
  /(?:file|path|dir|url|uri|name|type|kind|length|len|size|count|field|header|prefix|suffix|regexp?|pattern|hash|digest|checksum|label|hint|message|msg|error|ttl|expir(?:es|y|ation)|limit|min|max|enabled|required|policy|endpoint|selector|class|input|form|button|icon|index|position|pos|start|end|line|column|s|id|ids|at|by|in|env|var|ref|version|provider|manager|store|map|list|set|text|title|description|algorithm|alg|format|encoding|mode|state|status|style|color)$/i;
const publicName =
  /public|publishable|csrf|xsrf|next[-_]?token|page[-_]?token|continuation|cursor|tokeni[sz]|token_?(?:kind|type|count)|max_?tokens|cancel(?:lation)?token|client[-_]?(?:request[-_]?)?token/i;

/** Makers whose keys have no mark of their own: known by the maker's name beside a word for a secret. */
const vendors: readonly (readonly [kind: string, name: RegExp, shape: RegExp])[] = [
  ["aws-secret-key", /aws.*(?:secret|key)|secret[-_.]?access[-_.]?key/i, /^[A-Za-z0-9/+]{40}$/],
  ["aws-session-token", /session[-_.]?token/i, /^[A-Za-z0-9/+=]{100,}$/],
  ["azure-storage", /account[-_]?key|storage.*key|shared[-_]?access[-_]?key|azure.*key/i, /^[A-Za-z0-9/+]{40,}={0,2}$/],
  ["azure-ad", /azure.*secret|arm[-_]client[-_]secret/i, /^[A-Za-z0-9_~.-]{34,44}$/],
  ["azure-sas", /^(?:sig|signature)$/i, /^[A-Za-z0-9%+/]{40,}(?:%3[Dd]|=)$/],
  ["twilio", /twilio/i, /^[0-9a-f]{32}$/],
  ["datadog", /datadog|^dd[-_]/i, /^(?:[0-9a-f]{32}|[0-9a-f]{40})$/],
  ["cloudflare", /cloudflare|^cf[-_]/i, /^[A-Za-z0-9_-]{37,40}$/],
  ["heroku", /heroku/i, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i],
  ["mailgun", /mailgun/i, /^(?:[0-9a-f]{32}|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})$/],
  ["mailchimp", /mailchimp/i, /^[0-9a-f]{32}-us\d{1,2}$/],
  ["discord", /discord/i, /^[A-Za-z0-9_-]{32}$/],
  ["telegram", /telegram|bot[-_]?token/i, /^\d{8,10}:[A-Za-z0-9_-]{35}$/],
  ["algolia", /algolia/i, /^[0-9a-f]{32}$/],
  ["fastly", /fastly/i, /^[A-Za-z0-9_-]{32}$/],
  ["okta", /okta/i, /^00[A-Za-z0-9_-]{40}$/],
  ["bitbucket", /bitbucket/i, /^[A-Za-z0-9_=-]{32,64}$/],
  ["mistral", /mistral/i, /^[A-Za-z0-9]{32}$/],
  ["cohere", /cohere/i, /^[A-Za-z0-9]{40}$/],
];

const vendorWord = /key|token|secret|pass|pat$|auth/i;

/** What a value behind this name may be; undefined: nothing that is kept secret. */
export function secretNameOf(name: string): readonly SecretName[] | undefined {
  const known = seen.get(name);
  if (known !== undefined) return known ?? undefined;
  if (seen.size >= seenLimit) seen.clear();
  const read = readName(name);
  seen.set(name, read ?? null);
  return read;
}

const seenLimit = 4000;
/** The same few names stand everywhere. */
const seen = new Map<string, readonly SecretName[] | null>();

/** A name without any of these says nothing; most are done with here. */
const worthReading = /pass|(?<!^|^old)pwd|secret|token|key|auth|cred|(?:^|[-_.])pat$|sig|connection/i;

function readName(name: string): readonly SecretName[] | undefined {
  if (!worthReading.test(name)) return undefined;
  const found: SecretName[] = [];
  for (const [kind, pattern, shape] of vendors)
    if (pattern.test(name) && (vendorWord.test(name) || kind === "azure-sas")) found.push({ kind, isPassword: false, shape });
  if (!publicName.test(name)) {
    if (passwordName.test(name)) found.push({ kind: "password", isPassword: true });
    else if (secretName.test(name) && !aboutName.test(name)) found.push({ kind: "generic", isPassword: false });
  }
  return found.length === 0 ? undefined : found;
}

export interface NamedValue {
  readonly value: string;
  readonly quoted: boolean;
  /** It stands right behind the sign, with neither quote nor blank between them. */
  readonly inline: boolean;
}

export function isNamedSecret(
  { kind, isPassword, shape }: SecretName,
  { value, quoted, inline }: NamedValue,
  name: string,
): boolean {
  if (shape !== undefined) return shape.test(value) && !isStandIn(value) && (kind !== "aws-secret-key" || entropyOf(value) > 4);
  if (value.length < (isPassword ? 6 : 8) || value.length > valueLimit || !printable.test(value) || isOrdinary(value))
    return false;
  if (isUuid(value)) return uuidName.test(name);
  if (memberPath.test(value) || (!quoted && codeLike.test(value))) return false;
  // `a:b:c` names things, e.g. resources of a cloud.
  if (inline && !isPassword && value.includes("/")) return false;
  if (value.length >= 10 && /^[A-Za-z]+$/.test(value) && changeRate(value) >= 0.3) return true;
  const hasDigit = /\d/.test(value);
  const hasSign = /[^A-Za-z0-9_./ -]/.test(value);
  if (isPassword && quoted) return hasDigit ? /[A-Za-z]/.test(value) : hasSign && /[A-Z]/.test(value) && /[a-z]/.test(value);
  if (isWords(value) || (!hasDigit && !hasSign)) return false;
  return entropyOf(value) >= (quoted || isPassword ? 2.6 : 3);
}

const printable = /^[\x21-\x7e]+$/;
/** A token that is one of these authorises; others only name a request. */
const uuidName = /auth|api|access|secret|password/i;
const memberPath = /^[A-Za-z_$][\w$]*(?:\[-?\w*\]|\.[A-Za-z_$][\w$]*)+$/;

const valueLimit = 512;
/** Not quoted it could be an expression. */
const codeLike = /[()[\]{}<>|&?]|!\.|=(?=[^=])|^-?[\d._]+[a-z]{0,2}$/;

/** Names behind which long random values are no secrets. */
const openName =
  /integrity|hash|digest|checksum|sha\d*|md5|etag|fingerprint|nonce|uuid|guid|next[-_]?(?:token|marker)|continuation|paginat|(?:^|[-_.])id$|[a-z]Id$|src|href|url|mappings|signature|cert|public|resolved|revision|commit|version|cursor|seed|salt|fixture|snapshot|font|icon|image|svg|wasm|base64|alphabet|charset|characters|chars/i;
const chanceShape = /^[A-Za-z0-9+/_=.~-]{32,200}$/;

/** Looks like chance, whatever its name. */
export function isChance(name: string, whole: string): boolean {
  if (!chanceShape.test(whole) || !/^[A-Za-z_]/.test(name) || openName.test(name) || innerUuid.test(whole)) return false;
  if (!/[a-z]/.test(whole) || !/[A-Z]/.test(whole) || !/\d/.test(whole)) return false;
  if (isOrdinary(whole) || isWords(whole) || innerWord.test(whole)) return false;
  return entropyOf(whole) >= 4.2 && changeRate(whole) >= 0.35;
}

const innerUuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-/i;
const innerWord = /(?:^|[-_/.=])[A-Za-z]?[a-z]{4,}(?:$|[-_/.=])/;
