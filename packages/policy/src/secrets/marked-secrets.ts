/** Secrets that are known by themselves: what they begin with, by the formats that their makers publish. Those known by a name are in `named-secrets.ts`. */

export interface MarkedSecret {
  readonly kind: string;
  readonly prefix: string;
  /** Sticky; matches what stands behind the prefix. Compiled when it is asked for. */
  readonly rest: () => RegExp;
  /** It could also stand inside of base64: what is left of it must not be `/` or `+`. */
  readonly alone: boolean;
  /** Letters, digits and dots that belong to it in front of the prefix; 0 for nearly all. */
  readonly before: number;
}

/** Kind, what it begins with (several by `|`), the rest of it. */
const rows: readonly (readonly [kind: string, prefixes: string, rest: string])[] = [
  ["aws-access-key", "AKIA|ASIA|ABIA|ACCA", "[A-Z0-9]{16}(?![A-Za-z0-9])"],
  ["aws-session-token", "FwoGZXIvYXdzE|FQoGZXIvYXdzE|IQoJb3JpZ2lu", "[A-Za-z0-9+/=]{80,}"],
  ["aws-bedrock-key", "ABSK", "[A-Za-z0-9+/]{100,}={0,2}"],
  ["aws-bedrock-key", "bedrock-api-key-", "[A-Za-z0-9+/=]{40,}"],
  ["github", "ghp_|gho_|ghu_|ghs_|ghr_", "[A-Za-z0-9_]{36,}(?:\\.[A-Za-z0-9_-]{20,}){0,2}"],
  ["github", "github_pat_", "[A-Za-z0-9_]{50,}"],
  ["gitlab", "glpat-|gldt-|glrt-|glptt-|glft-|glimt-|glagent-|glsoat-|glcbt-|gloas-|glffct-|glrtr-|glwt-", "[A-Za-z0-9_.-]{20,}"],
  ["gitlab", "GR1348941", "[A-Za-z0-9_-]{20,}"],
  ["slack", "xoxa-|xoxb-|xoxe-|xoxo-|xoxp-|xoxr-|xoxs-|xoxc-|xoxd-", "[A-Za-z0-9%+/=-]{10,}"],
  ["slack", "xoxe.xoxp-|xoxe.xoxb-", "[A-Za-z0-9-]{20,}"],
  ["slack", "xapp-", "\\d-[A-Za-z0-9-]{20,}"],
  ["slack-webhook", "hooks.slack.com/", "(?:services|workflows|triggers)/[A-Za-z0-9_+/-]{20,}"],
  ["google-api-key", "AIza", "[A-Za-z0-9_-]{35}"],
  ["google-oauth", "GOCSPX-", "[A-Za-z0-9_-]{20,}"],
  ["google-oauth", "ya29.", "[A-Za-z0-9_-]{20,}"],
  ["google-oauth", "1//0", "[A-Za-z0-9_-]{40,}"],
  ["openai", "sk-proj-|sk-svcacct-|sk-admin-|sk-None-", "[A-Za-z0-9_-]{20,}"],
  ["anthropic", "sk-ant-", "[A-Za-z0-9_-]{24,}"],
  ["openrouter", "sk-or-v1-", "[0-9a-f]{32,}"],
  ["openai", "sk-", "(?=[A-Za-z]*\\d)[A-Za-z0-9]{32,}(?![A-Za-z0-9])"],
  ["langsmith", "lsv2_pt_|lsv2_sk_", "[0-9a-f]{32}_[0-9a-f]{10}"],
  ["xai", "xai-", "[A-Za-z0-9]{40,}"],
  ["groq", "gsk_", "[A-Za-z0-9]{40,}"],
  ["cerebras", "csk-", "[a-z0-9]{32,}"],
  ["huggingface", "hf_", "[A-Za-z0-9]{30,}"],
  ["huggingface", "api_org_", "[A-Za-z0-9]{30,}"],
  ["perplexity", "pplx-", "[A-Za-z0-9]{40,}"],
  ["replicate", "r8_", "[A-Za-z0-9]{32,}"],
  ["fireworks", "fw_", "[A-Za-z0-9]{22,}"],
  ["nvidia", "nvapi-", "[A-Za-z0-9_-]{40,}"],
  ["together", "tgp_v1_", "[A-Za-z0-9_-]{40,}"],
  ["stripe", "sk_live_|sk_test_|rk_live_|rk_test_", "[A-Za-z0-9]{16,}"],
  ["stripe", "whsec_", "[A-Za-z0-9+/=]{24,}"],
  ["square", "EAAA", "[A-Za-z0-9_-]{56,}(?![A-Za-z0-9+/=])"],
  ["square", "sq0atp-|sq0csp-|sq0idp-", "[A-Za-z0-9_-]{22,}"],
  ["paypal", "access_token$production$|access_token$sandbox$", "[0-9a-z]{16}\\$[0-9a-f]{32}"],
  ["twilio", "SK", "[0-9a-f]{32}(?![A-Za-z0-9])"],
  ["sendgrid", "SG.", "[A-Za-z0-9_-]{16,}\\.[A-Za-z0-9_-]{32,}"],
  ["mailgun", "key-", "[0-9a-f]{32}(?![A-Za-z0-9])"],
  ["brevo", "xkeysib-|xsmtpsib-", "[0-9a-f]{64}-[A-Za-z0-9]{16}"],
  ["resend", "re_", "[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}"],
  ["npm", "npm_", "[A-Za-z0-9]{36,}"],
  ["pypi", "pypi-AgE", "[A-Za-z0-9_-]{50,}"],
  ["rubygems", "rubygems_", "[0-9a-f]{48}"],
  ["crates-io", "cio", "[A-Za-z0-9]{32}(?![A-Za-z0-9])"],
  ["nuget", "oy2", "[a-z0-9]{43}(?![A-Za-z0-9])"],
  ["docker-hub", "dckr_pat_|dckr_oat_", "[A-Za-z0-9_-]{20,}"],
  ["clojars", "CLOJARS_", "[a-z0-9]{60}"],
  ["jfrog", "AKCp", "[A-Za-z0-9]{60,}"],
  ["digitalocean", "dop_v1_|doo_v1_|dor_v1_", "[0-9a-f]{64}"],
  ["heroku", "HRKU-", "[A-Za-z0-9_-]{36,}"],
  ["fly", "FlyV1 fm2_|fm2_|fo1_", "[A-Za-z0-9+/=_-]{40,}"],
  ["render", "rnd_", "[A-Za-z0-9]{28,}"],
  ["vercel", "vcp_|vci_|vca_|vcr_|vck_", "[A-Za-z0-9]{24,}"],
  ["netlify", "nfp_|nfc_|nfo_|nfu_", "[A-Za-z0-9]{36,}"],
  ["supabase", "sbp_|sb_secret_", "[A-Za-z0-9_]{30,}"],
  ["planetscale", "pscale_tkn_|pscale_pw_|pscale_oauth_", "[A-Za-z0-9_.=-]{32,}"],
  ["neon", "napi_", "[a-z0-9]{60,}"],
  ["databricks", "dapi", "[0-9a-f]{32}(?:-\\d)?(?![A-Za-z0-9])"],
  ["mongodb-atlas", "mdb_sa_sk_", "[A-Za-z0-9_-]{30,}"],
  ["discord-webhook", "discord.com/api/webhooks/|discordapp.com/api/webhooks/", "\\d{17,20}/[A-Za-z0-9_-]{60,}"],
  ["discord", "MT|Mj|Mz|ND|NT|Nj|Nz|OD|OT", "[A-Za-z0-9_-]{21,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,}(?![A-Za-z0-9.])"],
  ["datadog", "ddapp_|ddapi_|ddpat_|ddsat_", "[A-Za-z0-9_]{30,}"],
  ["cloudflare", "cfut_|cfat_|cfk_", "[A-Za-z0-9]{40,}"],
  ["cloudflare", "v1.0-", "[0-9a-f]{24}-[0-9a-f]{140,}"],
  ["shopify", "shpat_|shpca_|shppa_|shpss_|shpua_", "[0-9a-fA-F]{32}"],
  ["atlassian", "ATATT3|ATCTT3|ATBB", "[A-Za-z0-9_=-]{28,}"],
  ["linear", "lin_api_|lin_oauth_", "[A-Za-z0-9]{32,}"],
  ["notion", "ntn_", "[A-Za-z0-9]{40,}"],
  ["notion", "secret_", "[A-Za-z0-9]{43}(?![A-Za-z0-9])"],
  ["figma", "figd_|figo_", "[A-Za-z0-9_-]{36,}"],
  ["postman", "PMAK-", "[0-9a-f]{24}-[0-9a-f]{34}"],
  ["grafana", "glsa_", "[A-Za-z0-9]{32}_[0-9a-fA-F]{8}"],
  ["grafana", "glc_", "[A-Za-z0-9+/=]{32,}"],
  ["sentry", "sntrys_|sntryu_", "[A-Za-z0-9_+/=]{40,}"],
  ["new-relic", "NRAK-|NRJS-|NRII-|NRRA-", "[A-Za-z0-9_-]{19,}"],
  ["pulumi", "pul-", "[0-9a-f]{40}"],
  ["terraform", "atlasv1.", "[A-Za-z0-9_=-]{60,}"],
  ["vault", "hvs.|hvb.|hvr.", "[A-Za-z0-9_-]{24,}"],
  ["doppler", "dp.pt.|dp.st.|dp.ct.|dp.sa.|dp.scim.|dp.audit.", "[A-Za-z0-9_.-]{40,}"],
  ["1password", "ops_eyJ", "[A-Za-z0-9+/=_-]{100,}"],
  ["age", "AGE-SECRET-KEY-1", "[0-9A-Z]{58}"],
  ["tailscale", "tskey-", "[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{20,}"],
  ["dropbox", "sl.", "[A-Za-z0-9_-]{100,}"],
  ["facebook", "EAACEdEose0cBA|EAAG|EAAB|EAAM", "[A-Za-z0-9]{100,}(?![A-Za-z0-9+/=])"],
  ["airtable", "pat", "[A-Za-z0-9]{14}\\.[0-9a-f]{64}"],
  ["hubspot", "pat-na1-|pat-eu1-", "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"],
  ["circleci", "CCIPAT_|CCIPRJ_", "[A-Za-z0-9_]{30,}"],
  ["buildkite", "bkua_|bkaj_", "[0-9a-z]{32,}"],
  ["mapbox", "sk.eyJ", "[A-Za-z0-9_-]{40,}\\.[A-Za-z0-9_-]{20,}"],
  ["openshift", "sha256~", "[A-Za-z0-9_-]{43}"],
  ["sourcegraph", "sgp_", "[A-Za-z0-9_]{40,}"],
  ["typeform", "tfp_", "[A-Za-z0-9_.=-]{50,}"],
  ["contentful", "CFPAT-", "[A-Za-z0-9_-]{40,}"],
  ["jwt", "eyJ", "[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}(?:\\.[A-Za-z0-9_-]{8,}){1,3}"],
  ["jwt", "eyJ", "[A-Za-z0-9_-]{8,}\\.\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}\\.[A-Za-z0-9_-]{8,}"],
];

const alone: ReadonlySet<string> = new Set([
  "square",
  "facebook",
  "twilio",
  "crates-io",
  "nuget",
  "jfrog",
  "aws-bedrock-key",
  "discord",
  "aws-access-key",
]);

/** Those that begin with these two characters. */
export function markedBy(first: number, second: number): readonly MarkedSecret[] | undefined {
  return second < 128 ? lists[places[(first << 7) | second] ?? 0] : undefined;
}

/** Codes of first characters. */
export const firstCharacters: ReadonlySet<number> = new Set(
  rows.flatMap(([, prefixes]) => prefixes.split("|").map((prefix) => prefix.charCodeAt(0))),
);

/** Where the list stands for the first two characters; 0: there is none. */
const places = new Uint8Array(1 << 14);
const lists: (MarkedSecret[] | undefined)[] = [undefined];

for (const [kind, prefixes, rest] of rows) {
  for (const prefix of prefixes.split("|")) {
    const place = (prefix.charCodeAt(0) << 7) | prefix.charCodeAt(1);
    const known = places[place] ?? 0;
    const list = lists[known] ?? [];
    if (known === 0) places[place] = lists.push(list) - 1;
    list.push({ kind, prefix, rest: compiledOnce(rest), alone: alone.has(kind), before: kind === "terraform" ? 15 : 0 });
  }
}

/** Nothing but letters, and no secret begins with the first two: what is added to it makes no secret of it, only of what is behind it. */
export function isPlainBeginning(word: string): boolean {
  const letters = /^["'(*_`]*([A-Za-z]{2,})$/.exec(word)?.[1];
  return letters !== undefined && markedBy(letters.charCodeAt(0), letters.charCodeAt(1)) === undefined;
}

function compiledOnce(source: string): () => RegExp {
  let compiled: RegExp | undefined;
  return () => (compiled ??= new RegExp(source, "y"));
}
