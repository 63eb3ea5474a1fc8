/** One turn on a line of time: what was waited for, from the key to the end, and what happened at which moment. */
import { type SpanKind, type TraceMark, type TraceSpan, type TurnTrace, durationOf } from "@twolane/protocol/kpis";
import { html } from "../dom/element.ts";
import { asTable } from "../dom/table.ts";
import { duration, percent } from "../numbers/format.ts";

const kindTexts: Readonly<Record<SpanKind, string>> = {
  input: "key to prompt",
  client: "twolane",
  queue: "waiting for a limit",
  network: "network",
  model: "model, until it writes",
  stream: "model, writing",
  tool: "tool",
  tests: "tests",
  screen: "to the screen",
};

/** What is waited for by that name, in words. */
export const waitText = (name: string): string => Object.entries(kindTexts).find(([kind]) => kind === name)?.[1] ?? name;

const markTexts: Readonly<Record<TraceMark["kind"], string>> = {
  "first-token": "first token",
  hunk: "hunk on disk",
  stop: "stop",
  steer: "steer",
  tests: "tests done",
  end: "end",
};

export function waterfall(trace: TurnTrace): HTMLElement {
  const { spans, marks } = trace;
  const end = Math.max(1, ...spans.map(({ to }) => to), ...marks.map(({ at }) => at));
  const share = (at: number): string => `${(Math.max(0, at) / end) * 100}%`;
  const rows = spans.map((span) => {
    const bar = html("span", { class: `bar ${span.kind}` });
    bar.style.left = share(span.from);
    bar.style.width = `max(2px, ${share(span.to - span.from)})`;
    return html(
      "li",
      {},
      html("span", { class: "what" }, nameOf(span)),
      html("span", { class: "track" }, bar),
      html("span", { class: "time" }, duration(span.to - span.from)),
    );
  });
  return html(
    "div",
    { class: "waterfall" },
    html("p", { class: "finding" }, sumOf(trace)),
    marksRow(marks, share),
    html("ol", { class: "spans" }, ...rows),
    momentsTable(trace),
  );
}

const nameOf = ({ kind, name }: TraceSpan): string => (name === "" ? kindTexts[kind] : `${kindTexts[kind]} ${name}`);

function marksRow(marks: readonly TraceMark[], share: (at: number) => string): HTMLElement {
  const items = marks.map(({ kind, at }) => {
    const item = html("span", { class: `mark ${kind}`, title: `${markTexts[kind]} at ${duration(at)}` });
    item.style.left = share(at);
    return item;
  });
  const kinds = [...new Set(marks.map(({ kind }) => kind))];
  const key = kinds.map((kind) => html("li", { class: `mark-key ${kind}` }, markTexts[kind]));
  return html(
    "div",
    { "aria-hidden": "true" },
    html("ul", { class: "key" }, ...key),
    html("div", { class: "marks" }, html("span", { class: "track" }, ...items)),
  );
}

/** `2.3 s from the key to the end: 1.2 s model, …`; the largest first. */
function sumOf(trace: TurnTrace): string {
  const whole = durationOf(trace);
  const sums = new Map<SpanKind, number>();
  for (const { kind, from, to } of trace.spans)
    if (from < whole) sums.set(kind, (sums.get(kind) ?? 0) + Math.min(to, whole) - from);
  const parts = [...sums].sort(([, one], [, other]) => other - one).slice(0, 4);
  const told = parts.map(([kind, ms]) => `${kindTexts[kind]} ${duration(ms)} (${percent(ms / whole)})`);
  return `${duration(whole)} from the key to the end. The most of it: ${told.join("; ")}.`;
}

function momentsTable({ spans, marks }: TurnTrace): HTMLElement {
  const columns = [{ title: "What" }, { title: "From", isNumber: true }, { title: "Took", isNumber: true }];
  const rows = [
    ...spans.map((span) => ({ at: span.from, cells: [nameOf(span), duration(span.from), duration(span.to - span.from)] })),
    ...marks.map(({ kind, at }) => ({ at, cells: [markTexts[kind], duration(at), "a moment"] })),
  ];
  return asTable(
    "The turn",
    columns,
    rows.sort((one, other) => one.at - other.at).map(({ cells }) => cells),
  );
}
