/** The lines of `policy explain`: which rule decides, and what else would. Pure. */
import type { HunkExplanation, PathExplanation } from "@twolane/engine";
import type { CommandVerdict, Refusal } from "@twolane/policy";
import type { Verdict } from "@twolane/protocol";
import { reviewText } from "./policy-view.ts";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";

export function explainedPathLines({ path, change, read, review, audit }: PathExplanation, style: Style): string[] {
  return [
    style.bold(sanitizeLine(path)),
    ...labelled("change", refusalLines(change, style)),
    ...labelled("read", verdictLines(read, style)),
    ...labelled(
      "review",
      review.length === 0 ? ["nobody in particular"] : review.map((rule) => `${reviewText(rule)} ${style.dim(rule.name)}`),
    ),
    ...labelled("audit", [audit]),
  ];
}

export function explainedCommandLines(line: string, explained: CommandVerdict, style: Style): string[] {
  const { verdict, executed, network, write } = explained;
  const granted = [...(network ? ["the network"] : []), ...write.map((path) => `writing ${path}`)];
  return [
    style.bold(sanitizeLine(line)),
    ...labelled("verdict", verdictLines(verdict, style)),
    ...labelled("runs", executed.length === 0 ? ["cannot be told"] : executed.map((words) => sanitizeLine(words.join(" ")))),
    ...labelled("granted", [granted.length === 0 ? "nothing beyond the sandbox" : granted.join(", ")]),
  ];
}

export function explainedChangeLines(hunks: readonly HunkExplanation[], style: Style): string[] {
  return hunks.flatMap((hunk, index) => {
    const { path, movedTo, line, linesAdded, linesRemoved, unplaced, refusals } = hunk;
    const name = sanitizeLine(movedTo === undefined ? path : `${path} → ${movedTo}`);
    return [
      ...(index > 0 ? [""] : []),
      `${style.bold(name)}${line > 0 ? `:${line}` : ""} ${style.dim(`+${linesAdded} −${linesRemoved}`)}`,
      ...(unplaced === undefined
        ? []
        : [`  ${style.warn("!")} ${sanitizeLine(unplaced)} Only its path and its own lines were judged.`]),
      ...refusalLines(refusals, style).map((text) => `  ${text}`),
    ];
  });
}

/** The first decides; the others would if it were not there. */
function refusalLines([first, ...others]: readonly Refusal[], style: Style): string[] {
  if (first === undefined) return [allowed(style)];
  const seen = new Set([first.rule]);
  const rest = others.filter(({ rule }) => !seen.has(rule) && seen.add(rule));
  return [...verdictLines(first, style), ...rest.map((one) => style.dim(`without it: ${shown(one)}`))];
}

function verdictLines(verdict: Verdict, style: Style): string[] {
  if (verdict.decision === "allow") return [allowed(style)];
  const { decision, rule, reason, wayOut, source } = verdict;
  const mark = decision === "block" ? style.bad("✗ blocked") : style.warn("◌ held");
  return [
    `${mark} by ${style.bold(rule)}${source === undefined ? "" : style.dim(` (${sanitizeLine(source)})`)}`,
    sanitizeLine(reason),
    style.dim(`→ ${sanitizeLine(wayOut)}`),
  ];
}

const shown = ({ decision, rule, source }: Refusal): string =>
  `${decision === "block" ? "blocked" : "held"} by ${rule}${source === undefined ? "" : ` (${sanitizeLine(source)})`}`;

const allowed = (style: Style): string => style.good("✓ allowed");

function labelled(label: string, lines: readonly string[]): string[] {
  const width = 8;
  return lines.map((line, index) => `  ${(index === 0 ? label : "").padEnd(width)} ${line}`);
}
