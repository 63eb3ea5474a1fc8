/** The lines of `twolane test`, and of tests in a session. Pure. */
import {
  type ChoiceWay,
  type Evidence,
  type TestChoice,
  type TestChoiceSummary,
  type TestCounts,
  choiceWays,
} from "@twolane/protocol";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";

const wayWords: Readonly<Record<ChoiceWay, string>> = {
  itself: "changed themselves",
  imports: "by imports",
  package: "by package",
  beside: "beside changed data",
  name: "by name",
  all: "all of a package",
};

export function choiceText({ tests, of, ways, runners }: TestChoiceSummary): string {
  const parts = choiceWays.flatMap((way) => (ways[way] === undefined ? [] : [`${ways[way]} ${wayWords[way]}`]));
  return `${tests} of ${of} test files (${parts.join(", ")}), ${runners.join(", ")}`;
}

export function choiceLines(choice: TestChoice, style: Style): string[] {
  const width = Math.min(60, Math.max(...choice.tests.map(({ path }) => path.length)));
  return [
    ...choice.tests.map(
      ({ path, way, via }) => `  ${path.padEnd(width)}  ${style.dim(way === "itself" || via === "" ? way : `${way}: ${via}`)}`,
    ),
    ...notedLines(choice, style),
  ];
}

const shownLimit = 8;

/** The first of many. */
function some<Item>(items: readonly Item[], style: Style, line: (item: Item) => string): string[] {
  const more = items.length - shownLimit;
  return [...items.slice(0, shownLimit).map(line), ...(more > 0 ? [style.dim(`  … and ${more} more`)] : [])];
}

/** What could not be said better, and what is not tested. */
export function notedLines({ fallbacks, untested, gone }: TestChoice, style: Style): string[] {
  return [
    ...some(fallbacks, style, ({ path, reason }) => `${style.warn("!")} ${path}: ${reason}, so all tests of its package run`),
    ...some(gone, style, (path) => `${style.warn("!")} ${path}: this test is gone`),
    ...some(untested, style, (path) => style.dim(`  ${path}: no test needs it`)),
  ];
}

const countsText = ({ passed, failed, skipped }: TestCounts): string =>
  [`${passed} passed`, ...(failed > 0 ? [`${failed} failed`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(", ");

export function evidenceLines(evidence: Evidence, style: Style): string[] {
  const { outcome, counts, reason, failure, files, ms, hash } = evidence;
  const mark = { passed: style.good("✓"), failed: style.bad("✗"), "not run": style.warn("–"), void: style.warn("–") }[outcome];
  const lines: string[] = [];
  for (const { path, outcome: of } of files)
    if (of !== "passed") lines.push(`  ${path}  ${of === "failed" ? style.bad(of) : style.warn(of)}`);
  if (failure !== undefined) {
    lines.push(`  ${failure.path}${failure.line === undefined ? "" : `:${failure.line}`}  ${sanitizeLine(failure.name)}`);
    lines.push(...failure.message.split("\n").map((line) => `    ${sanitizeLine(line)}`));
  }
  const why = reason === undefined ? "" : ` ${sanitizeLine(reason)}`;
  const seconds = ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`;
  lines.push(`${mark} ${outcome}.${why} ${style.dim(`${countsText(counts)} · ${seconds} · ${hash.slice(0, 12)}`)}`);
  return lines;
}
