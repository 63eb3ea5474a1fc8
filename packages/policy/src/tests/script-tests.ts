/** Tests of JavaScript and TypeScript: vitest, jest, mocha, node:test and what is written like them. */
import { Counter, brackets, masked, scriptMasking } from "./masked.ts";
import type { Leniency, TestItem, TestProfile } from "./profile.ts";

const calls = /(?<![\w.$])(?:t\.)?(x|f)?(it|test|specify|describe|context|suite)((?:\.\w+)*)\s*(?=[(<`])/g;
/** What follows is called once more, with the name. */
const configured = /\.(?:each|for|skipIf|runIf|todoIf|extend)$/;
const checks =
  /(?<![\w.$])(?:expect(?:\.soft|\.poll)?|expectTypeOf|expectType|assertType|assert(?:\.\w+)*|should|t\.assert\.\w+|t\.(?:is|not|deepEqual|equal|same|ok|true|false|truthy|falsy|throws|regex|like|match|rejects|doesNotThrow|strictEqual|deepStrictEqual|notEqual|snapshot)|sinon\.assert\.\w+)\s*\(|\.should\b/g;
const partial =
  /\.(?:toMatchObject|toContain\w*|toMatch|toBeGreaterThan\w*|toBeLessThan\w*|toHaveProperty|toBeInstanceOf|toBeTypeOf|include|match)\s*\(/g;
const slight =
  /\.(?:toBeTruthy|toBeFalsy|toBeDefined|toBeUndefined|toBeNull|toBeNaN|truthy|falsy|not\.toThrow\w*|doesNotThrow|doesNotReject)\s*\(|(?<![\w.$])assert(?:\.ok)?\s*\(|\bt\.(?:ok|truthy|true)\s*\(|\bexpect\.(?:anything|any)\s*\(/g;
const trivial =
  /(?<![\w.$])(?:expect\s*\(\s*(true|1|!0)\s*\)\s*\.\s*to\w+\s*\(\s*(?:true|1|!0)?\s*\)|assert(?:\.ok)?\s*\(\s*(?:true|1|!0)\s*[,)]|t\.(?:ok|true|pass)\s*\(\s*(?:true)?\s*\))/g;
const swallowing =
  /\bcatch\s*(?:\(\s*\w*\s*\)\s*)?\{(?![^}]*(?:\bthrow\b|expect|assert|\bfail\b|t\.))[^}]*\}|\.catch\s*\(\s*(?:\(\s*\w*\s*\)|\w+)\s*=>\s*(?:\{\s*\}|undefined|null)/g;
const leaving = /\b(?:t|ctx|context|this|test)\.(skip|todo|fixme)\s*\(|\b(pending)\s*\(\s*\)/;
const option = /\{[^{}]*\b(skip|todo|fails|only)\s*:\s*(?!false\b)[^{}]*\}/;

export function scriptTests(text: string): TestProfile {
  const code = masked(text, scriptMasking);
  const behind = brackets(code);
  const counter = new Counter();
  const found: Placed[] = [];
  for (const call of code.matchAll(calls)) {
    const [whole, prefix = "", kind = "", chain = ""] = call;
    const open = opening(code, call.index + whole.length, configured.test(chain) ? behind : undefined);
    if (open === undefined) continue;
    const end = behind(open);
    const name = nameAt(text, code, open + 1);
    if (name === undefined) continue;
    const body = code.slice(open + 1, end - 1);
    found.push({ from: call.index, end, item: itemOf({ prefix, kind, chain, name, body, counter }) });
  }
  return withLeniencies(found, lenienciesIn(code));
}

interface Placed {
  readonly from: number;
  readonly end: number;
  readonly item: TestItem;
}

/** Each belongs to the innermost test around it. */
function withLeniencies(found: readonly Placed[], all: readonly (Leniency & { readonly at: number })[]): TestProfile {
  const owned = new Map<Placed | undefined, Leniency[]>();
  for (const one of all) {
    const owner = found.findLast(({ item, from, end }) => item.kind === "test" && from <= one.at && one.at < end);
    const list = owned.get(owner);
    if (list === undefined) owned.set(owner, [one]);
    else list.push(one);
  }
  const items = found.map((one) => ({ ...one.item, leniencies: owned.get(one) ?? [] }));
  return { items, leniencies: owned.get(undefined) ?? [] };
}

/** Where the call that has the name opens. */
function opening(code: string, from: number, behind: ((at: number) => number) | undefined): number | undefined {
  let at = from;
  const blanks = (): void => {
    while (/\s/.test(code[at] ?? "")) at++;
  };
  if (code[at] === "<") at = code.indexOf("(", at);
  if (behind !== undefined && code[at] === "`") at = code.indexOf("`", at + 1) + 1;
  else if (behind !== undefined && code[at] === "(") at = behind(at);
  blanks();
  return at >= 0 && code[at] === "(" ? at : undefined;
}

/** The text of a string, or the code of another first argument; undefined: it is not called like a test. */
function nameAt(text: string, code: string, from: number): string | undefined {
  const [blanks = ""] = /^\s*/.exec(code.slice(from, from + 200)) ?? [];
  const at = from + blanks.length;
  const mark = code[at];
  if (mark === '"' || mark === "'" || mark === "`") return text.slice(at + 1, code.indexOf(mark, at + 1));
  const comma = code.indexOf(",", at);
  const [named] = /^[\w.$]+(?=\s*,)/.exec(code.slice(at, comma + 1)) ?? [];
  return named;
}

interface Call {
  readonly prefix: string;
  readonly kind: string;
  readonly chain: string;
  readonly name: string;
  readonly body: string;
  readonly counter: Counter;
}

function itemOf({ prefix, kind, chain, name, body, counter }: Call): TestItem {
  const isGroup = ["describe", "context", "suite"].includes(kind);
  const [marked] = /(?<=\.)(?:skip|todo|fails|failing|fixme|skipIf|runIf|todoIf)\b/.exec(chain) ?? [];
  const begins = body.slice(0, 400).search(/=>|\bfunction\b/);
  const head = body.slice(0, begins >= 0 ? begins : 400);
  const [, optional] = option.exec(head) ?? [];
  const left = isGroup ? undefined : (leaving.exec(body)?.[1] ?? leaving.exec(body)?.[2]);
  const skipped = marked ?? (prefix === "x" ? `x${kind}` : undefined) ?? (optional === "only" ? undefined : optional) ?? left;
  const found = isGroup ? 0 : counter.count(body, checks);
  const idle = isGroup ? 0 : counter.count(body, trivial);
  return {
    kind: isGroup ? "group" : "test",
    name,
    ...(skipped !== undefined && { skipped }),
    only: prefix === "f" || /\.only\b/.test(chain) || optional === "only",
    checks: Math.max(0, found - idle),
    strength: isGroup
      ? 0
      : 3 * (found - idle) - counter.count(body, partial) - 2 * Math.max(0, counter.count(body, slight) - idle),
    swallowed: isGroup ? 0 : counter.count(body, swallowing),
    empty: !isGroup && /\{\s*\}\s*$/.test(body),
  };
}

// What belongs to the tests: set for all of them, beside a name, behind a body, or of a wait of the runner. Options of the code under test do not.
const runner = String.raw`\b(?:jest|vi|test|it|this|t|ctx|context|mocha|cy|Cypress)\.`;
const forAll = String.raw`(?:\b(?:vi\.setConfig|(?:test|describe)\.(?:configure|use)|defineConfig)\s*\(\s*\{[^{}]*|`;
const beside = String.raw`(?<![\w.$])[xf]?(?:it|test|specify|describe|context|suite)(?:\.\w+)*\s*\(\s*["'\x60][^\n"'\x60]*["'\x60]\s*,\s*\{[^{}]*|`;
const polled = String.raw`\b(?:waitFor\w*|waitUntil|poll|toPass)\s*\([^;]{0,400}?\{[^{}]*)`;
const settings: readonly { readonly what: Leniency["what"]; readonly form: RegExp; readonly sign: 1 | -1 }[] = [
  {
    what: "timeout",
    sign: 1,
    form: new RegExp(`(?:${runner}(?:setTimeout|timeout)|(?<![\\w.$])setDefaultTimeout)\\s*\\(\\s*([\\d_.]+)\\s*\\)`, "g"),
  },
  { what: "timeout", sign: 1, form: new RegExp(`${forAll}${beside}${polled}\\b(?:timeout|testTimeout)\\s*:\\s*([\\d_.]+)`, "g") },
  { what: "timeout", sign: 1, form: /\}\s*,\s*([\d_]{3,})\s*\)/g },
  { what: "tolerance", sign: -1, form: /\.toBeCloseTo\s*\([^()]*(?:\([^()]*\)[^()]*)*,\s*([\d.e-]+)\s*\)/g },
  { what: "tolerance", sign: 1, form: /\b(?:closeTo|approximately|approx)\s*\([^()]*,\s*([\d.e-]+)\s*\)/g },
  { what: "tolerance", sign: 1, form: /\.to\w+\s*\([^()]*\b(?:epsilon|tolerance|delta|threshold|maxDiff\w*)\s*:\s*([\d.e-]+)/gi },
  { what: "tolerance", sign: 1, form: /\b(?:const|let|var)\s+(?:epsilon|tolerance)\s*=\s*([\d.e-]+)/gi },
  { what: "retries", sign: 1, form: new RegExp(`${runner}(?:retries|retryTimes|retry)\\s*\\(\\s*(\\d+)`, "g") },
  { what: "retries", sign: 1, form: new RegExp(`${forAll}${beside}(?!))\\b(?:retry|retries)\\s*:\\s*(\\d+)`, "g") },
];

function lenienciesIn(code: string): readonly (Leniency & { readonly at: number })[] {
  return settings.flatMap(({ what, form, sign }) =>
    [...code.matchAll(form)].flatMap(({ 0: written, 1: number = "", index: at }) => {
      const value = Number(number.replaceAll("_", ""));
      return Number.isNaN(value)
        ? []
        : [{ what, at, value: sign * value, written: written.replace(/^[}\s,.]+|[\s,)};]+$/g, "").trim() }];
    }),
  );
}
