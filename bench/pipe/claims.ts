/** What the makers of the fast model say a persistent connection brings, and whether it is seen here. Pure. */
import { fewest, isBeyond } from "../baseline.ts";
import { type Estimate, estimateOf, intervalText, isCounted, numberText } from "../figures.ts";
import { markdownTable } from "../table.ts";
import { type Samples, type Way, ways } from "./samples.ts";

interface Claim {
  readonly what: string;
  /** By how much less, from 0 to 1. */
  readonly less: number;
}

export const claims = {
  round: { what: "overhead per round trip", less: 0.8 },
  token: { what: "overhead per token", less: 0.3 },
  first: { what: "time to first token", less: 0.5 },
} as const satisfies Record<string, Claim>;

/** What is measured of each session, in the order in which it is told. */
export const measures: readonly {
  readonly of: keyof Samples;
  readonly what: string;
  readonly unit: string;
  readonly claim?: keyof typeof claims;
}[] = [
  { of: "overhead", what: "overhead per round trip, median of 20", unit: "ms", claim: "round" },
  { of: "firstCold", what: "first token of the first request, not connected before", unit: "ms", claim: "first" },
  { of: "firstWarm", what: "first token of the first request, connected while typing", unit: "ms", claim: "first" },
  { of: "later", what: "first token of a later request", unit: "ms", claim: "first" },
  { of: "firstBytes", what: "bytes of the first request", unit: "KB" },
  { of: "lastBytes", what: "bytes of the request of round 20", unit: "KB" },
  { of: "cpuSlow", what: "processor time of the client per 1,000 tokens, at 1,000 a second", unit: "ms", claim: "token" },
  { of: "cpuFast", what: "processor time of the client per 1,000 tokens, at 4,000 a second", unit: "ms", claim: "token" },
  { of: "lagSlow", what: "last token behind its pace, at 1,000 a second", unit: "ms" },
  { of: "lagFast", what: "last token behind its pace, at 4,000 a second", unit: "ms" },
];

export type Finding = "seen" | "less than claimed" | "no difference that counts" | "the other way round" | "too few samples";

/** `more`: what the WebSocket takes in multiples of the other way, median of the pairs. */
export interface Against {
  readonly more: Estimate;
  readonly finding?: Finding;
}

export interface Comparison {
  readonly line: string;
  readonly what: string;
  readonly unit: string;
  readonly claim?: keyof typeof claims;
  readonly ways: Readonly<Record<Way, Estimate>>;
  readonly against: Readonly<Record<Exclude<Way, "websocket">, Against>>;
  readonly n: number;
}

interface Measured {
  readonly line: string;
  readonly what: string;
  readonly unit: string;
  readonly claim?: keyof typeof claims;
  readonly values: Readonly<Record<Way, readonly number[]>>;
}

export function comparisonOf({ values, ...about }: Measured): Comparison {
  const of = (way: Way): Estimate => estimateOf(values[way], about.unit);
  const n = Math.min(...ways.map((way) => values[way].length));
  const against = (way: Way): Against => {
    // Pair by pair: the two of a pair were measured one behind the other, and whatever else the machine did, it did to both.
    const more = estimateOf(
      values.websocket.map((value, at) => value / (values[way][at] ?? Number.NaN)).filter((ratio) => !Number.isNaN(ratio)),
      about.unit,
    );
    if (about.claim === undefined) return { more };
    return { more, finding: findingOf(more, { claim: claims[about.claim], n, usual: of(way).value, unit: about.unit }) };
  };
  return {
    ...{ ...about, n },
    ways: { websocket: of("websocket"), kept: of("kept"), single: of("single") },
    against: { kept: against("kept"), single: against("single") },
  };
}

/** A claim is seen where the whole interval is at it or beyond; a difference counts by the rule of docs/bench.md. */
function findingOf(
  { low, high }: Estimate,
  { claim, n, usual, unit }: { readonly claim: Claim; readonly n: number; readonly usual: number; readonly unit: string },
): Finding {
  if (n < fewest || low === undefined || high === undefined) return "too few samples";
  if (isBeyond(low - 1, { usual, unit })) return "the other way round";
  if (!isBeyond(1 - high, { usual, unit })) return "no difference that counts";
  return high <= 1 - claim.less ? "seen" : "less than claimed";
}

const names: Readonly<Record<Way, string>> = {
  websocket: "WebSocket, continued",
  kept: "SSE, kept alive",
  single: "SSE, one connection a request",
};

function percent(more: number): string {
  const rounded = Math.round(100 * (more - 1));
  return `${rounded > 0 ? "+" : rounded < 0 ? "−" : ""}${Math.abs(rounded)} %`;
}

/** Of times only where somebody claims something: a lag is near 0, and multiples of it say nothing. */
const againstText = ({ more: { value, low, high }, finding }: Against, unit: string): string => {
  if (finding === undefined && !isCounted(unit)) return "–";
  return low === undefined || high === undefined ? percent(value) : `${percent(value)} (${percent(low)} to ${percent(high)})`;
};

export function cellsOf({ line, what, unit, claim, against, ways: of, n }: Comparison): string[] {
  const figure = (way: Way): string =>
    unit === "KB" ? numberText(of[way].value) : `${numberText(of[way].value)} (${intervalText(of[way])})`;
  return [
    ...[`${line}: ${what}`, unit, ...ways.map(figure), againstText(against.kept, unit), againstText(against.single, unit)],
    ...[claim === undefined ? "–" : `−${100 * claims[claim].less} %`, String(n)],
  ];
}

const heads = ["what", "unit", ...ways.map((way) => names[way]), "against kept alive", "against one each", "claim", "n"];

/** One sentence for each claim and each of the other ways: where it is seen and where not. */
export function sentencesOf(rows: readonly Comparison[]): string[] {
  return Object.entries(claims).flatMap(([key, { what, less }]) =>
    (["kept", "single"] as const).flatMap((way) => {
      const told = rows.filter(({ claim }) => claim === key);
      if (told.length === 0) return [];
      const parts = findings.flatMap((finding) => {
        const here = told.filter(({ against }) => against[way].finding === finding);
        const places = here.map((row) => `${row.line}, ${row.what}: ${percent(row.against[way].more.value)}`);
        return here.length === 0 ? [] : [`${capital(finding)} – ${places.join("; ")}.`];
      });
      return [`**−${100 * less} % ${what}, against ${names[way]}.** ${parts.join(" ")}`];
    }),
  );
}

const findings: readonly Finding[] = [
  "seen",
  "less than claimed",
  "no difference that counts",
  "the other way round",
  "too few samples",
];
const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

export const tableOf = (rows: readonly Comparison[]): string => markdownTable(heads, rows.map(cellsOf));
