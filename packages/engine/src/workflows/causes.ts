/** Likely causes as a model writes them → causes with their checks, and what a check costs. Forgiving; what is no cause is left out. */
import type { Cause } from "@twolane/protocol";

/** How causes are asked for. */
export const causeForm = [
  "Answer with the two or three likeliest causes alone, without edits, the likeliest first, each in one line of exactly this form:",
  "1. what is wrong, with its file and line — check: `one shell line`",
  "The check is the fastest that tells this cause from the others: it fails if this is the cause, and exits with 0 if it is not.",
  "It runs in the workspace's folder, without network, and cannot write there. `tests` runs what failed again; `none`: there is no check.",
].join("\n");

const causesTaken = 3;
const longestCause = 300;
const longestCheck = 500;

const item = /^(\s*)(?:#{1,4}\s+)?(?:(?:likely |possible )?cause\s+)?(?:(\d{1,2})[.):]|[-*•])\s+(.+)$/i;
const check = /(?:^|[\s—–(;.,-])(?:the )?(?:fastest |quick(?:est)? )?check(?:ed)?(?: with| by)?\s*:\s*(.*)$/i;
const fence = /^\s*(?:```|~~~)/;

interface Reading {
  text: string;
  check: string | undefined;
  readonly margin: number;
  readonly isNumbered: boolean;
}

export function causesIn(text: string): readonly Cause[] {
  const found: Reading[] = [];
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.replace(/\*\*|__/g, "");
    const current = found.at(-1);
    if (fence.test(line) || line.trim() === "") continue;
    // The line of a check may stand alone under its word.
    if (current?.check === "") current.check = line.trim();
    else if (!beginsCause(line, current)) goOn(current, line);
    else found.push(causeOf(line));
  }
  const causes = found.map((one) => ({ text: plain(one.text).slice(0, longestCause), check: plainCheck(one.check ?? "") }));
  const named = causes.filter((cause) => cause.text !== "").slice(0, causesTaken);
  if (named.length > 0 || text.trim() === "") return named;
  // Who answers with a paragraph has one cause in mind.
  return [{ text: plain(text.replace(/\s+/g, " ")).slice(0, longestCause), check: "" }];
}

/** What stands under a numbered line belongs to it. */
function beginsCause(line: string, current: Reading | undefined): boolean {
  const [, margin = "", number, body] = item.exec(line) ?? [];
  if (body === undefined) return false;
  if (current === undefined) return true;
  const isUnder = margin.length > current.margin || (current.isNumbered && number === undefined);
  return !isUnder && !/^(?:the )?(?:fastest |quick(?:est)? )?check\b.*:/i.test(body);
}

function causeOf(line: string): Reading {
  const [, margin = "", number, body = ""] = item.exec(line) ?? [];
  const one: Reading = { text: "", check: undefined, margin: margin.length, isNumbered: number !== undefined };
  goOn(one, body);
  return one;
}

function goOn(current: Reading | undefined, line: string): void {
  if (current === undefined) return;
  const found = check.exec(line);
  const text = (found === null ? line : line.slice(0, found.index)).replace(/^\s*[-*•]\s+/, "").trim();
  if (text !== "" && current.text.length < longestCause) current.text = `${current.text} ${text}`.trim();
  if (found !== null) current.check ??= (found[1] ?? "").trim();
}

const plain = (text: string): string =>
  text
    .replace(/^\s*(?:cause\s*:\s*)/i, "")
    .replace(/[\s—–;,(-]+$/, "")
    .trim();

function plainCheck(text: string): string {
  const [, quoted] = /`+([^`]+)`+/.exec(text) ?? [];
  const line = (quoted ?? text.replace(/^\$ /, "").replace(/\s*\)?[.;]?\s*$/, "")).trim().replace(/^\$ /, "");
  if (/^(?:none|no|n\/a|nothing|-|—|there is none)$/i.test(line) || line.length > longestCheck) return "";
  if (/^(?:run )?(?:all )?(?:the )?tests?$/i.test(line)) return "tests";
  // A sentence is no shell line.
  return quoted === undefined && /^(?:run|look|see|check|open|read|inspect|verify) (?:the|whether|if|at|that)\b/i.test(line)
    ? ""
    : line;
}

const ofOneFile =
  /[\w/.-]+(?:[._-](?:test|spec)\.\w+|_test\.\w+|\btest_\w+\.py)|\s(?:-t|-k|-run|--grep|--test-name-pattern|-Dtest)[ =]|::\w/;
const typeCheck = /\b(?:tsc|mypy|pyright|eslint|oxlint|ruff|clippy|vet|javac)\b|\bcargo check\b|\bgo build\b|\s--check\b/;
const looks =
  /^(?:\w+=\S+ )*(?:grep|rg|cat|sed -n|head|tail|ls|test|\[|wc|jq|git (?:log|show|diff|blame|grep))\b|\s-(?:e|c|p) ["']/;
const wholeTests =
  /^tests$|\b(?:npm|pnpm|yarn|bun)(?: run)? test\b|\b(?:vitest|jest|mocha|pytest|ava|phpunit|rspec)\b|\b(?:cargo|go|mvn|gradle|gradlew|make|dotnet|mix) test\b|\bnode --test\b/;

/** Cheapest first: one file and looks, then all tests, then what nobody knows. */
export function costOf(line: string): number {
  if (typeCheck.test(line) || looks.test(line) || ofOneFile.test(line)) return 0;
  return wholeTests.test(line) ? 1 : 2;
}
