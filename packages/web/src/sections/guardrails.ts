/** What the guardrails said, and what people answered: a rule that is always allowed asks for nothing. */
import type { VerdictCount } from "@twolane/protocol/kpis";
import { html } from "../dom/element.ts";
import { drawSection } from "../dom/section.ts";
import { table } from "../dom/table.ts";
import { count } from "../numbers/format.ts";

const columns = [
  { title: "Rule" },
  { title: "Lane" },
  { title: "Held or blocked", isNumber: true },
  { title: "Allowed", isNumber: true },
  { title: "Rejected", isNumber: true },
  { title: "No answer", isNumber: true },
  { title: "Agreed, of those answered" },
];

/** With fewer answers nothing is said of a rule. */
const fewestAnswers = 6;

export function guardrails(verdicts: readonly VerdictCount[]): HTMLElement {
  const rows = verdicts.map(({ rule, lane, told, allowed, rejected }) => [
    rule,
    html("span", { class: `tag lane ${lane}` }, lane),
    ...[told, allowed, rejected, told - allowed - rejected].map(count),
    answers(allowed, rejected),
  ]);
  return drawSection({
    id: "guardrails",
    title: "Guardrails",
    lead: "How often each rule held or blocked a change or a command, and what a person said to it.",
    parts: [
      rows.length === 0
        ? html("p", {}, "No rule has held or blocked anything in this time.")
        : table("Verdicts by rule and lane", columns, rows),
    ],
  });
}

function answers(allowed: number, rejected: number): HTMLElement {
  const all = allowed + rejected;
  const bar = html("span", { class: "bar agreed" });
  bar.style.width = `${all === 0 ? 0 : (rejected / all) * 100}%`;
  const track = html("span", { class: "track answers", "aria-hidden": "true" }, bar);
  const isIdle = rejected === 0 && all >= fewestAnswers;
  const said =
    all === 0
      ? "none yet"
      : isIdle
        ? "always allowed: is it needed?"
        : `people agreed with the rule in ${count(rejected)} of ${count(all)}`;
  return html("div", {}, track, html("span", { class: "cases" }, said));
}
