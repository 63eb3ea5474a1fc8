/** Scaffold: the structure first, to agree to; then exactly these files, their tests, and what was made and what is missing. */
import type { Constraint, PlannedFile, WorkflowChoice } from "@twolane/protocol";
import { layoutLines } from "../context/layout.ts";
import { mentionedPaths } from "../context/mentions.ts";
import { evidenceLine } from "./evidence-lines.ts";
import { changeMark, isChange, plannedFiles, structureForm } from "./planned-files.ts";
import { readyRequest } from "./ready-requests.ts";
import type { TurnResult, Workflow, WorkflowEffect, WorkflowInput, WorkflowStart, WorkflowStep } from "./workflow.ts";

interface ScaffoldState {
  readonly start: WorkflowStart;
  readonly stage: "looking" | "planning" | "agreeing" | "writing" | "testing" | "deciding";
  /** The workspace's files before it began. */
  readonly existing: ReadonlySet<string>;
  /** The person's words ask for changes of what exists. */
  readonly mayChange: boolean;
  readonly files: readonly PlannedFile[];
  /** What is on disk of them. */
  readonly made: ReadonlySet<string>;
  readonly held: ReadonlyMap<string, string>;
  readonly mended: boolean;
  readonly report: readonly string[];
}

type Step = WorkflowStep<ScaffoldState>;

export const scaffold: Workflow<ScaffoldState> = {
  begin(start) {
    const state: ScaffoldState = {
      ...{ start, stage: "looking", existing: new Set<string>(), mayChange: false, files: [], report: [] },
      ...{ made: new Set<string>(), held: new Map<string, string>(), mended: false },
    };
    return go(state, { type: "move", stage: "structure", text: "looking at the layout" }, { type: "list" });
  },
  take(state, input) {
    switch (input.type) {
      case "listed":
        return plan(state, input.paths);
      case "turn.ended":
        return state.stage === "planning" ? planned(state, input.turn) : written(state, input.turn);
      case "tests.ended":
        return tested(state, input);
      case "answered":
        return state.stage === "agreeing" ? agreed(state, input) : decided(state, input.answer);
      default:
        return go(state);
    }
  },
};

const go = (state: ScaffoldState, ...effects: readonly WorkflowEffect[]): Step => ({ state, effects });

/** Words that ask for changes of code that there is. */
const ofExisting =
  /\bexisting\b|\b(?:register|wire|hook|plug|mount)\w*\b|\b(?:extend|change|update|integrate)\b|\b(?:in|into|to|for) (?:the|this|my|our) (?:app|application|server|api|service|project|program|cli|router|site|code)\b/i;

function plan(state: ScaffoldState, paths: readonly string[]): Step {
  const { start } = state;
  const ready = readyRequest(start.text);
  const existing = new Set(paths);
  const isOnlyNew = start.constraints.some(({ kind }) => kind === "new-files");
  const namesFile = mentionedPaths(start.text).some((path) => existing.has(path));
  const mayChange = !isOnlyNew && (ready !== undefined || namesFile || ofExisting.test(start.text));
  const layout = layoutLines(paths, { about: start.text });
  const wanted = ready === undefined ? start.text : `${ready.request.objective}\n\n${ready.rest}`.trim();
  const rule = mayChange
    ? `New files, and as few changes of existing files as it needs; mark those with ${changeMark}.`
    : "New files only: nothing that exists is changed.";
  const text = [
    `Plan the structure of what is to be built. ${rule}`,
    wanted,
    layout.length === 0
      ? "The workspace has no files yet."
      : `The workspace has these files; new ones go where files of their kind lie, named as those are:\n${layout.join("\n")}`,
    structureForm,
  ].join("\n\n");
  return go(
    { ...state, stage: "planning", existing, mayChange },
    {
      ...{ type: "ask", text, shown: `/scaffold ${start.text}`.trim() },
      constraints: [...withoutShape(start.constraints), { kind: "no-edits" }],
    },
  );
}

/** What the structure itself makes sure of. */
const withoutShape = (constraints: readonly Constraint[]): readonly Constraint[] =>
  constraints.filter(({ kind }) => kind !== "new-files");

function planned(state: ScaffoldState, turn: TurnResult): Step {
  if (turn.ending !== "completed") {
    const why = turn.failure?.message ?? "It was stopped before there was a structure.";
    return end(state, turn.ending === "interrupted" ? "stopped" : "failed", [why]);
  }
  const { files, left } = allowed(state, plannedFiles(turn.text), state.mayChange);
  if (files.length > 0) return agree({ ...state, files, report: left });
  return end(state, "failed", left.length > 0 ? left : ["The answer held no structure: no line with a file."]);
}

/** What exists is changed only where that was asked for. */
function allowed(
  { existing }: ScaffoldState,
  files: readonly PlannedFile[],
  mayChange: boolean,
): { readonly files: readonly PlannedFile[]; readonly left: readonly string[] } {
  const [left, kept] = [
    files.filter(({ path }) => !mayChange && existing.has(path)),
    files.filter(({ path }) => mayChange || !existing.has(path)),
  ];
  return {
    files: kept.map((file) => marked(file, existing.has(file.path))),
    left: left.map(({ path }) => `left out: ${path} exists already`),
  };
}

function marked({ path, purpose }: PlannedFile, exists: boolean): PlannedFile {
  const words = purpose.startsWith(changeMark) ? purpose.slice(changeMark.length).trim() : purpose;
  return { path, purpose: exists ? `${changeMark} ${words}`.trim() : words };
}

const treeChoices: readonly WorkflowChoice[] = [
  { answer: "yes", label: "write these files" },
  { answer: "edit", label: "change the structure first, one path a line", takesText: true },
  { answer: "no", label: "nothing is written" },
];

function agree(state: ScaffoldState): Step {
  const changes = state.files.filter(isChange).length;
  const made = state.files.length - changes;
  const words = [made > 0 ? counted(made, "new file") : "", changes > 0 ? counted(changes, "change") : ""].filter(
    (word) => word !== "",
  );
  return go(
    { ...state, stage: "agreeing" },
    {
      type: "question",
      question: `${words.join(" and ")}. Write ${state.files.length === 1 ? "it" : "them"}?`,
      detail: { kind: "tree", files: state.files },
      choices: treeChoices,
      otherwise: "yes",
    },
  );
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

function agreed(state: ScaffoldState, { answer, text }: Extract<WorkflowInput, { type: "answered" }>): Step {
  if (answer === "yes") return write(state);
  if (answer !== "edit") return end(state, "stopped", ["The structure was refused; nothing was written."]);
  // Who marks a file as a change has asked for it.
  const typed = plannedFiles(text);
  const known = new Map(state.files.map((file) => [file.path, file]));
  const whole = typed.map((file) => (file.purpose === "" ? (known.get(file.path) ?? file) : file));
  const parts = whole.map((file) => allowed(state, [file], state.mayChange || isChange(file)));
  const files = parts.flatMap((part) => part.files);
  const report = [...state.report, ...parts.flatMap(({ left }) => left)];
  return files.length === 0
    ? end({ ...state, report }, "stopped", [...report, "Nothing is left of the structure."])
    : agree({ ...state, files, report });
}

function write(state: ScaffoldState): Step {
  const { files, start } = state;
  const list = files.map(({ path, purpose }) => (purpose === "" ? path : `${path} — ${purpose}`)).join("\n");
  const ready = readyRequest(start.text);
  const wanted = ready === undefined ? start.text : `${ready.request.objective} ${ready.rest}`.trim();
  const text = `The structure is agreed to. Write exactly these files, whole and working, and no others:\n${list}\n\nThey are for: ${wanted}`;
  return go(
    { ...state, stage: "writing" },
    { type: "move", stage: "files", text: counted(files.length, "file") },
    { type: "ask", text, shown: `write ${counted(files.length, "file")}`, constraints: constraintsOf(state) },
  );
}

function constraintsOf({ start, files, mended }: ScaffoldState): readonly Constraint[] {
  const only = { kind: "only", paths: files.map(({ path }) => path.replace(/[*[\]{}!]/g, "?")) } as const;
  // What it has written itself exists by then.
  const isNew = !mended && !files.some(isChange);
  return [...withoutShape(start.constraints), only, ...(isNew ? [{ kind: "new-files" } as const] : [])];
}

function written(state: ScaffoldState, turn: TurnResult): Step {
  const made = new Set([...state.made, ...turn.written.map(({ path }) => path)]);
  const held = new Map([...state.held, ...turn.heldFiles.map(({ path, reason }) => [path, reason] as const)]);
  const next = { ...state, made, held };
  if (turn.ending === "interrupted")
    return end(next, "stopped", [...next.report, ...outcome(next), "It was stopped; what is written stays."]);
  if (turn.ending !== "completed")
    return end(next, "failed", [...next.report, ...outcome(next), turn.failure?.message ?? "It did not come to its end."]);
  return made.size === 0
    ? end(next, "failed", [...next.report, ...outcome(next)])
    : go({ ...next, stage: "testing" }, { type: "test" });
}

function outcome({ files, made, held }: ScaffoldState): readonly string[] {
  const done = files.filter(({ path }) => made.has(path));
  const fresh = done.filter((file) => !isChange(file)).map(({ path }) => path);
  const changed = done.filter(isChange).map(({ path }) => path);
  const missing = files.filter(({ path }) => !made.has(path) && !held.has(path)).map(({ path }) => path);
  return [
    ...(fresh.length > 0 ? [`made: ${fresh.join(", ")}`] : []),
    ...(changed.length > 0 ? [`changed: ${changed.join(", ")}`] : []),
    ...[...held]
      .filter(([path]) => !made.has(path))
      .map(([path, reason]) => `held: ${path}${reason === "" ? "" : ` (${reason})`}`),
    ...(missing.length > 0 ? [`missing: ${missing.join(", ")}`] : []),
  ];
}

function tested(state: ScaffoldState, input: Extract<WorkflowInput, { type: "tests.ended" }>): Step {
  const line = evidenceLine(input);
  if (input.evidence?.outcome !== "failed") return finish(state, [line]);
  const { failure } = input.evidence;
  const first = failure === undefined ? "" : `: ${failure.name} in ${failure.path}`;
  return go(
    { ...state, stage: "deciding" },
    {
      type: "question",
      question: `Tests fail with the new files${first}. What now?`,
      detail: { kind: "text", lines: [line, ...(failure?.message.split("\n") ?? [])] },
      choices: [
        { answer: "fix", label: "the model mends these files" },
        { answer: "end", label: "keep them and end here" },
      ],
      otherwise: state.mended ? "end" : "fix",
    },
  );
}

function decided(state: ScaffoldState, answer: string): Step {
  if (answer !== "fix") return end(state, "stopped", [...state.report, ...outcome(state), "tests fail"]);
  const mending = { ...state, stage: "writing" as const, mended: true };
  const text = "Tests fail with these files. Mend them within the same limits; no other file may change.";
  return go(mending, { type: "ask", text, shown: "mend the new files", constraints: constraintsOf(mending) });
}

function finish(state: ScaffoldState, lines: readonly string[]): Step {
  const isWhole = state.files.every(({ path }) => state.made.has(path));
  return end(state, isWhole ? "done" : "failed", [...state.report, ...outcome(state), ...lines]);
}

const end = (state: ScaffoldState, ending: "done" | "stopped" | "failed", report: readonly string[]): Step =>
  go(state, { type: "end", ending, report });
