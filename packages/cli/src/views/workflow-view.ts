/** What a workflow shows: plans, causes, trees, its stages, its questions with their keys, its report. Pure. */
import { constraintText } from "@twolane/policy";
import type { Cause, Constraint, EventOf, ReviewComment, WorkflowDetail } from "@twolane/protocol";
import type { KeyOf } from "../state/actions.ts";
import { type WorkflowInSight, choiceKeys, placeText } from "../state/workflow-state.ts";
import { type Page, hanging } from "./markdown-view.ts";
import type { Room } from "./panel-view.ts";
import type { Style } from "./style.ts";
import { clip, displayWidth, sanitize, sanitizeLine } from "./text.ts";

/** One line for each step, cause, file or line of text, and what belongs to it below. */
function detailLines(detail: WorkflowDetail, page: Page): string[] {
  const { style } = page;
  const under = (text: string): string[] => hanging("     ", style.dim(sanitizeLine(text)), page);
  switch (detail.kind) {
    case "plan":
      return detail.steps.flatMap(({ title, files, risk }, index) => [
        ...hanging(`  ${index + 1}. `, sanitizeLine(title), page),
        ...(files.length > 0 ? under(files.join(", ")) : []),
        ...(risk === "" ? [] : under(`risk: ${risk}`)),
      ]);
    case "causes":
      return detail.causes.flatMap((cause, index) => [
        ...hanging(`  ${index + 1}. `, `${sanitizeLine(cause.text)}${outcomeText(cause, style)}`, page),
        ...(cause.check === "" ? [] : under(`check: ${cause.check}`)),
      ]);
    case "tree":
      return treeLines(detail.files, page);
    case "text":
      return detail.lines.flatMap((line) => hanging("  ", sanitizeLine(line), page));
  }
}

function outcomeText({ outcome }: Cause, style: Style): string {
  if (outcome === undefined) return "";
  const paint = { fits: style.warn, refuted: style.dim, unclear: style.dim }[outcome];
  return `  ${paint(outcome === "fits" ? "still possible" : outcome)}`;
}

/** Folders once, files below them, purposes beside each other. */
function treeLines(files: Extract<WorkflowDetail, { kind: "tree" }>["files"], { style, width }: Page): string[] {
  const rows: { readonly name: string; readonly purpose: string }[] = [];
  let before: readonly string[] = [];
  for (const { path, purpose } of files.toSorted((one, other) => (one.path < other.path ? -1 : 1))) {
    const parts = path.split("/");
    const folders = parts.slice(0, -1);
    const same = folders.findIndex((folder, index) => before[index] !== folder);
    for (let depth = same < 0 ? folders.length : same; depth < folders.length; depth++)
      rows.push({ name: `${"  ".repeat(depth)}${sanitizeLine(folders[depth] ?? "")}/`, purpose: "" });
    rows.push({ name: `${"  ".repeat(folders.length)}${sanitizeLine(parts.at(-1) ?? "")}`, purpose });
    before = folders;
  }
  const column = Math.min(Math.floor(width / 2), Math.max(0, ...rows.map(({ name }) => displayWidth(name))));
  return rows.map(({ name, purpose }) => {
    const blanks = " ".repeat(Math.max(0, column - displayWidth(name)));
    return clip(`  ${name}${purpose === "" ? "" : `${blanks}  ${style.dim(sanitizeLine(purpose))}`}`, width);
  });
}

type Moved = Pick<EventOf<"workflow.moved">, "workflow" | "stage" | "text" | "step" | "of">;

/** `refactor 2/3 · change · twice calls add` */
export function stageLines({ workflow, stage, text, step, of }: Moved, page: Page): string[] {
  const place = placeText({
    name: workflow,
    stage,
    testing: false,
    ...(step !== undefined && { step }),
    ...(of !== undefined && { of }),
  });
  return hanging("  ", page.style.dim(`${place}${text === "" ? "" : ` · ${sanitizeLine(text)}`}`), page);
}

export function askedLines({ question, detail }: Pick<EventOf<"workflow.asked">, "question" | "detail">, page: Page): string[] {
  return [...hanging(page.style.bold("? "), page.style.bold(sanitizeLine(question)), page), ...detailLines(detail, page)];
}

export const answeredLine = ({ answer }: Pick<EventOf<"workflow.answered">, "answer">, style: Style): string =>
  style.dim(`  → ${sanitizeLine(answer)}`);

export const constraintsText = (constraints: readonly Constraint[]): string =>
  `held to: ${[...new Set(constraints.map((one) => sanitizeLine(constraintText(one))))].join(" · ")}`;

/** What was done, what stayed the same, what is not sure. */
export function reportLines(
  { workflow, ending, report }: Pick<EventOf<"workflow.ended">, "workflow" | "ending" | "report">,
  page: Page,
): string[] {
  const { style } = page;
  const mark = { done: style.good("✓"), stopped: style.warn("■"), failed: style.bad("✗") }[ending];
  return [`${mark} ${workflow} ${ending}`, ...report.flatMap((line) => hanging("  ", sanitize(line), page))];
}

/** Place, severity and text of a remark. */
export function commentText({ path, line, severity, text }: ReviewComment, style: Style): string {
  const paint = { must: style.bad, should: style.warn, note: style.dim }[severity];
  return `${paint(severity)} ${sanitizeLine(path)}${line > 0 ? `:${line}` : ""}  ${sanitizeLine(text)}`;
}

interface QuestionPage extends Room {
  readonly style: Style;
  readonly keyOf: KeyOf;
  readonly selected: number;
  /** With what it is about, of which only so much is shown as there is room for. */
  readonly again: boolean;
  /** Its keys do not count at the moment. */
  readonly resting: boolean;
}

/** The question with its choices; of little room the choices have it. */
export function questionLines({ asked, ...workflow }: WorkflowInSight, page: QuestionPage): string[] {
  if (asked === undefined) return [];
  const { style, width, height, selected, again, resting, keyOf } = page;
  const keys = choiceKeys(asked.choices);
  const column = Math.max(...asked.choices.map(({ answer }) => displayWidth(sanitizeLine(answer))));
  const choices = asked.choices.map(({ answer, label }, index) => {
    const word = sanitizeLine(answer) === keys[index] ? "" : `${sanitizeLine(answer).padEnd(column)}  `;
    const text = `${keys[index]}  ${word}${style.dim(sanitizeLine(label))}`;
    return index === selected && !resting ? `${style.bold("›")} ${text}` : `  ${text}`;
  });
  const title = style.bold(`${placeText(workflow)}: ${sanitizeLine(asked.question)}`);
  const escape = keyOf("anywhere", "escape") ?? "Esc";
  const hint = style.dim(`  its key, or ↑ ↓ and ${keyOf("question", "choice-take") ?? "Enter"} · ${escape}: later`);
  const fixed = [title, ...(resting ? [] : [...choices, hint])];
  const detail = again ? detailLines(asked.detail, { width, style }) : [];
  const room = Math.max(0, height - fixed.length);
  const cut =
    detail.length > room
      ? [...detail.slice(0, Math.max(0, room - 1)), style.dim(`  … ${detail.length - room + 1} more`)]
      : detail;
  const lines = [title, ...cut.slice(0, room), ...fixed.slice(1)];
  return lines.slice(0, height).map((line) => clip(line, width));
}

/** While its panel is closed. */
export function questionHint(workflow: WorkflowInSight, keyOf: KeyOf): string | undefined {
  if (workflow.asked === undefined) return undefined;
  const tab = keyOf("input", "queue-or-review");
  const way = tab === undefined ? "/answer" : `${tab}, on an empty line, or /answer`;
  return `/${workflow.name} asks: ${sanitizeLine(workflow.asked.question)} (${way})`;
}
