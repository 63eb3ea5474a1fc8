/**
 * Made-up secrets by the formats that their makers publish, of every kind several, drawn by a seed; not one of them was looked at while the
 * scanner was written. They are put together when they are asked for, so that no scanner of a forge takes them for real ones.
 */
import { createHash } from "node:crypto";

type Draw = (alphabet: string, length: number) => string;

const lower = "abcdefghijklmnopqrstuvwxyz";
const upper = lower.toUpperCase();
const digits = "0123456789";
const hex = `${digits}abcdef`;
const base62 = lower + upper + digits;
const base64 = `${base62}+/`;
const url64 = `${base62}_-`;
const crockford = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/** Deterministic: the same seed, the same text. */
function drawer(seed: string): Draw {
  let block = Buffer.alloc(0);
  let count = 0;
  const byte = (): number => {
    if (block.length === 0) block = createHash("sha256").update(`${seed}:${count++}`).digest();
    const value = block[0] ?? 0;
    block = block.subarray(1);
    return value;
  };
  const below = (limit: number): number => {
    for (;;) {
      const value = byte();
      if (value < 256 - (256 % limit)) return value % limit;
    }
  };
  return (alphabet, length) => Array.from({ length }, () => alphabet[below(alphabet.length)]).join("");
}

const uuid = (d: Draw): string => [8, 4, 4, 4, 12].map((length) => d(hex, length)).join("-");
const json64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
const lines = (d: Draw, count: number, width = 64): string => Array.from({ length: count }, () => d(base64, width)).join("\n");
const block = (type: string, body: string): string => `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----`;

/** One secret of a kind; what stands in `«»` is the secret, the rest what it is found in. Without the marks all of it is the secret. */
export const fakeKinds: Readonly<Record<string, (d: Draw, n: number) => string>> = {
  "AWS access key id": (d, n) => ["AK", "AS"][n % 2] + "IA" + d(`${upper}234567`, 16),
  "AWS secret access key": (d, n) =>
    [
      `AWS_SECRET_ACCESS_KEY=«${d(base64, 40)}»`,
      `aws_secret_access_key = «${d(base64, 40)}»`,
      `secretAccessKey: "«${d(base64, 40)}»",`,
    ][n % 3] ?? "",
  "AWS session token": (d, n) =>
    [`AWS_SESSION_TOKEN=«FwoGZXIvYXdzE${d(base64, 250)}==»`, `"SessionToken": "«IQoJb3JpZ2lu${d(base64, 600)}»"`][n % 2] ?? "",
  "AWS Bedrock key": (d) => `ABSK${d(base64, 128)}`,
  "GitHub classic": (d, n) => `gh${"pour"[n % 4]}_${d(base62, 36)}`,
  "GitHub fine-grained": (d) => `github_pat_${d(base62, 22)}_${d(base62, 59)}`,
  "GitHub app": (d) => `ghs_${d(base62, 36)}`,
  GitLab: (d, n) => (n % 2 === 0 ? `glpat-${d(url64, 20)}` : `glpat-${d(base62, 27)}.01.${d(`${lower}${digits}`, 9)}`),
  "GitLab others": (d, n) => `${["glrt", "gldt", "glptt", "glcbt", "glsoat"][n % 5]}-${d(base62, 20 + (n % 2) * 20)}`,
  "Slack bot and user": (d, n) => `xox${["b", "p"][n % 2]}-${d(digits, 12)}-${d(digits, 13)}-${d(base62, 24)}`,
  "Slack app": (d) => `xapp-1-A${d(`${upper}${digits}`, 10)}-${d(digits, 13)}-${d(hex, 64)}`,
  "Slack webhook": (d) =>
    `https://«hooks.slack.com/services/T${d(`${upper}${digits}`, 8)}/B${d(`${upper}${digits}`, 10)}/${d(base62, 24)}»`,
  "Google API key": (d) => `AIza${d(url64, 35)}`,
  "Google OAuth secret": (d) => `GOCSPX-${d(url64, 28)}`,
  "Google OAuth tokens": (d, n) => (n % 2 === 0 ? `ya29.a0${d(url64, 160)}` : `1//0${d(base62, 1)}${d(url64, 60)}`),
  "Google service account": (d) =>
    `{"type":"service_account","private_key_id":"${d(hex, 40)}","private_key":"-----BEGIN PRIVATE KEY-----\\n«${lines(d, 26).replaceAll("\n", "\\n")}»\\n-----END PRIVATE KEY-----\\n"}`,
  "Azure storage": (d, n) =>
    n % 2 === 0
      ? `DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=«${d(base64, 86)}==»;EndpointSuffix=core.windows.net`
      : `AZURE_STORAGE_KEY=«${d(base64, 86)}==»`,
  "Azure shared access": (d) =>
    `Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=«${d(base64, 43)}=»`,
  "Azure AD client secret": (d, n) => `${d(base62, 3)}${["7", "8"][n % 2]}Q~${d(`${base62}_~.-`, 31)}${d(base62, 3)}`,
  OpenAI: (d, n) =>
    [
      `sk-proj-${d(url64, 156)}`,
      `sk-${d(base62, 20)}T3BlbkFJ${d(base62, 20)}`,
      `sk-svcacct-${d(url64, 120)}`,
      `sk-admin-${d(url64, 120)}`,
    ][n % 4] ?? "",
  Anthropic: (d, n) => `sk-ant-${["api03", "admin01", "oat01"][n % 3]}-${d(url64, 93)}AA`,
  xAI: (d) => `xai-${d(base62, 80)}`,
  Groq: (d) => `gsk_${d(base62, 52)}`,
  Cerebras: (d) => `csk-${d(lower + digits, 48)}`,
  "Hugging Face": (d) => `hf_${d(lower + upper, 34)}`,
  Stripe: (d, n) => `${["sk_live", "rk_live", "sk_test"][n % 3]}_${d(base62, [24, 99][n % 2] ?? 24)}`,
  "Stripe webhook": (d) => `whsec_${d(base62, 32)}`,
  "Twilio key": (d) => `SK${d(hex, 32)}`,
  "Twilio auth token": (d, n) =>
    [`TWILIO_AUTH_TOKEN=«${d(hex, 32)}»`, `twilio:\n  auth_token: «${d(hex, 32)}»`, `const twilioAuthToken = '«${d(hex, 32)}»';`][
      n % 3
    ] ?? "",
  SendGrid: (d) => `SG.${d(url64, 22)}.${d(url64, 43)}`,
  Mailgun: (d, n) => (n % 2 === 0 ? `key-${d(hex, 32)}` : `${d(hex, 32)}-${d(hex, 8)}-${d(hex, 8)}`),
  Mailchimp: (d) => `${d(hex, 32)}-us${d("123456789", 1)}`,
  npm: (d) => `npm_${d(base62, 36)}`,
  PyPI: (d) => `pypi-AgEIcHlwaS5vcmc${d(url64, 150)}`,
  RubyGems: (d) => `rubygems_${d(hex, 48)}`,
  "crates.io": (d) => `cio${d(base62, 32)}`,
  "Docker Hub": (d) => `dckr_pat_${d(url64, 27)}`,
  DigitalOcean: (d, n) => `do${"opr"[n % 3]}_v1_${d(hex, 64)}`,
  Heroku: (d, n) => (n % 2 === 0 ? `HRKU-AA${d(url64, 58)}` : `HEROKU_API_KEY=«${uuid(d)}»`),
  Telegram: (d) => `${d("123456789", 1)}${d(digits, 9)}:AA${d(url64, 33)}`,
  "Discord bot": (d) =>
    `${Buffer.from(`1${d(digits, 17)}`)
      .toString("base64")
      .replace(/=+$/, "")}.G${d(base62, 5)}.${d(url64, 38)}`,
  "Discord webhook": (d) => `https://«discord.com/api/webhooks/1${d(digits, 18)}/${d(url64, 68)}»`,
  Datadog: (d, n) =>
    [`DD_API_KEY=«${d(hex, 32)}»`, `datadog_app_key: "«${d(hex, 40)}»"`, `DATADOG_API_KEY="«${d(hex, 32)}»"`][n % 3] ?? "",
  Cloudflare: (d, n) =>
    [`CLOUDFLARE_API_TOKEN=«${d(url64, 40)}»`, `CF_API_KEY=«${d(hex, 37)}»`, `cloudflareApiToken: "«${d(url64, 40)}»"`][n % 3] ??
    "",
  Shopify: (d, n) => `shp${["at", "ca", "pa", "ss"][n % 4]}_${d(hex, 32)}`,
  Square: (d, n) => (n % 2 === 0 ? `sq0atp-${d(url64, 22)}` : `EAAA${d(url64, 60)}`),
  JWT: (d) => `${json64({ alg: "HS256", typ: "JWT" })}.${json64({ sub: d(digits, 10), iat: 1_700_000_000 })}.${d(url64, 43)}`,
  "private key, PKCS#1": (d) => block("RSA PRIVATE KEY", `«${lines(d, 20)}»`),
  "private key, PKCS#8": (d) => block("PRIVATE KEY", `«${lines(d, 26)}\n${d(base64, 22)}==»`),
  "private key, encrypted": (d) => block("ENCRYPTED PRIVATE KEY", `«${lines(d, 20)}»`),
  "private key, EC": (d) => block("EC PRIVATE KEY", `«${lines(d, 3)}»`),
  "private key, DSA with headers": (d) =>
    block("DSA PRIVATE KEY", `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,${d(hex, 32).toUpperCase()}\n\n«${lines(d, 9)}»`),
  "private key, OpenSSH": (d) => block("OPENSSH PRIVATE KEY", `«${lines(d, 6, 70)}\n${d(base64, 30)}==»`),
  "private key, PGP": (d) => block("PGP PRIVATE KEY BLOCK", `Version: GnuPG v2\n\n«${lines(d, 12)}\n=${d(base64, 4)}»`),
  "private key in a string": (d) =>
    `const key = "-----BEGIN PRIVATE KEY-----\\n«${lines(d, 10).replaceAll("\n", "\\n")}»\\n-----END PRIVATE KEY-----";`,
  "database address": (d, n) =>
    `${["postgres", "postgresql", "mysql", "mongodb+srv", "redis", "amqp"][n % 6]}://app:«${d(base62, 14)}»@db.internal:5432/shop`,
  "basic auth in an address": (d) => `https://deploy:«${d(base62, 16)}»@git.internal/shop.git`,
  "basic auth header": (d) => `Authorization: Basic «${Buffer.from(`deploy:${d(base62, 16)}`).toString("base64")}»`,
  "bearer header": (d) => `curl -H "Authorization: Bearer «${d(base62, 32)}»" https://api.internal/`,
  ".npmrc": (d, n) =>
    [
      `//npm.internal/:_authToken=«${uuid(d)}»`,
      `_auth=«${Buffer.from(`u:${d(base62, 12)}`).toString("base64")}»`,
      `//npm.internal/:_password=«${d(base62, 20)}»`,
    ][n % 3] ?? "",
  ".netrc": (d, n) =>
    [
      `machine git.internal login deploy password «${d(base62, 18)}»`,
      `machine git.internal\n  login deploy\n  password «${d(base62, 18)}»`,
    ][n % 2] ?? "",
  ".pgpass": (d) => `db.internal:5432:shop:app:«${d(base62, 16)}»`,
  "docker auths": (d) =>
    `{"auths":{"docker.internal":{"auth":"«${Buffer.from(`deploy:${d(base62, 18)}`).toString("base64")}»"}}}`,
  "password in a configuration": (d, n) =>
    [
      `DB_PASSWORD=«${d(base62, 16)}»`,
      `  password: «${d(base62, 14)}»`,
      `{"password": "«${d(base62, 12)}»"}`,
      `const password = "«${d(base62, 12)}»";`,
      `spring.datasource.password=«${d(base62, 16)}»`,
      `<add key="DbPassword" value="«${d(base62, 14)}»" />`,
    ][n % 6] ?? "",
  "secret in a configuration": (d, n) =>
    [
      `SESSION_SECRET=«${d(hex, 64)}»`,
      `jwtSecret: "«${d(base62, 32)}»",`,
      `client_secret = '«${d(base62, 40)}»'`,
      `SECRET_KEY = "«${d(`${base62}!@#%^*(-_=+)`, 50)}»"`,
      `- name: API_TOKEN\n  value: "«${d(base62, 24)}»"`,
      `export API_KEY=«${d(base62, 32)}»`,
    ][n % 6] ?? "",
  "environment of a container": (d) => `docker run -e POSTGRES_PASSWORD=«${d(base62, 16)}» postgres`,
  "Vault, Doppler, age": (d, n) =>
    [`hvs.${d(url64, 24)}`, `dp.pt.${d(base62, 43)}`, `AGE-SECRET-KEY-1${d(crockford, 58)}`][n % 3] ?? "",
  "Grafana, Sentry, New Relic": (d, n) =>
    [
      `glsa_${d(base62, 32)}_${d(hex, 8)}`,
      `sntrys_${json64({ iat: 1_700_000_000, url: "https://sentry.internal" })}_${d(base62, 43)}`,
      `NRAK-${d(`${upper}${digits}`, 27)}`,
    ][n % 3] ?? "",
  "Linear, Notion, Figma": (d, n) =>
    [`lin_api_${d(base62, 40)}`, `ntn_${d(digits, 11)}${d(base62, 35)}`, `figd_${d(url64, 40)}`][n % 3] ?? "",
  "Databricks, Terraform, Pulumi": (d, n) =>
    [`dapi${d(hex, 32)}`, `${d(base62, 14)}.atlasv1.${d(url64, 67)}`, `pul-${d(hex, 40)}`][n % 3] ?? "",
  "no name, no mark": (d) => `const opaque = "«${d(base64, 44)}»";`,
};

/** A text with the secret in it. */
export interface Fake {
  readonly text: string;
  /** Its lines; of a secret in one line that one. */
  readonly secret: readonly string[];
}

const places: readonly ((secret: string) => string)[] = [
  (secret) => `const key = "${secret}";`,
  (secret) => `KEY=${secret}\n`,
  (secret) => `  key: ${secret}\n  other: 1`,
  (secret) => `{"a":1,"key":"${secret}","b":2}`,
  (secret) => `please use ${secret} for it, and go on`,
  (secret) => `curl -H 'X-Key: ${secret}' https://api.internal/`,
];

export function fakesOf(kind: string, count: number, seed: string): readonly Fake[] {
  const make = fakeKinds[kind];
  if (make === undefined) throw new Error(`no kind ${kind}`);
  return Array.from({ length: count }, (_, n) => {
    const made = make(drawer(`${seed} ${kind} ${n}`), n);
    const marked = /«([^]*?)»/.exec(made)?.[1];
    const place = places[n % places.length];
    const text = marked === undefined ? (place?.(made) ?? made) : made.replace("«", "").replace("»", "");
    return { text, secret: (marked ?? made).split("\n") };
  });
}
