/**
 * Debug: failing output → the code that it points at, likely causes with their checks, the smallest change for one of them, and the run that
 * proves it. A change that proves nothing is taken back by itself.
 */
import type { Cause, Constraint, HunkId, WorkflowChoice } from "@twolane/protocol";
import { causesIn, costOf } from "./causes.ts";
import { type Proof, type Ran, commandOf, outcomeOf, proofOfRun, proofOfTests } from "./debug-proof.ts";
import { type Trouble, causesRequest, changeRequest, failureTitle } from "./debug-requests.ts";
import { evidenceLine } from "./evidence-lines.ts";
import type { FailureTool } from "./failures/failure.ts";
import { findFailures } from "./failures/failures.ts";
import { saysPassed } from "./failures/passing-output.ts";
import { type WorkspaceFiles, workspaceFiles } from "./failures/workspace-files.ts";
import type { TurnResult, Workflow, WorkflowEffect, WorkflowInput, WorkflowStart, WorkflowStep } from "./workflow.ts";

interface DebugState {
  readonly start: WorkflowStart;
  readonly stage: "looking" | "asking" | "choosing" | "checking" | "changing" | "proving" | "deciding" | "undoing";
  readonly files: WorkspaceFiles;
  readonly trouble: Trouble;
  /** What made the output, where it says so. */
  readonly command: string | undefined;
  readonly causes: readonly Cause[];
  /** What each one's check said. */
  readonly said: readonly string[];
  /** Indexes of causes whose checks are still to run. */
  readonly checking: readonly number[];
  readonly tried: readonly number[];
  /** Index of the cause that is worked on. */
  readonly at: number;
  /** Changes that nothing has proved yet. */
  readonly landed: readonly HunkId[];
  /** They wait for the person's yes. */
  readonly held: readonly HunkId[];
  /** What fails now, where that is something else. */
  readonly left?: Extract<Proof, { kind: "another" }>;
  /** How it may still be proved. */
  readonly ways: readonly ProofWay[];
  readonly ending: "done" | "stopped";
  /** Taken back, it is over. */
  readonly leaves: boolean;
  readonly report: readonly string[];
}

type ProofWay = "tests" | "command";
type Step = WorkflowStep<DebugState>;

const linesAllowed = 20;
const noFiles = workspaceFiles([]);

export const debug: Workflow<DebugState> = {
  begin(start) {
    const trouble: Trouble = { words: start.text, output: start.input ?? "", failures: [] };
    const state: DebugState = {
      ...{ start, stage: "looking", files: noFiles, trouble, command: undefined, causes: [], said: [], checking: [], tried: [] },
      ...{ at: 0, landed: [], held: [], ways: [], ending: "done", leaves: false, report: [] },
    };
    if (`${start.text}${start.input ?? ""}`.trim() === "")
      return end(state, "failed", ["There is no failing output and no word of what fails."]);
    return go(state, { type: "move", stage: "reading", text: "reading the output" }, { type: "list" });
  },
  take(state, input) {
    switch (input.type) {
      case "listed":
        return read(state, workspaceFiles(input.paths));
      case "turn.ended":
        return state.stage === "asking" ? understood(state, input.turn) : changed(state, input.turn);
      case "check.ended":
        return state.stage === "checking" ? checked(state, input) : ran(state, input);
      case "tests.ended":
        return state.stage === "checking"
          ? checked(state, ranOfTests(input))
          : proved(state, proofOfTests(input, state.trouble), evidenceLine(input));
      case "answered":
        return state.stage === "choosing" ? chosen(state, input.answer) : decided(state, input.answer);
      case "undone":
        return state.leaves ? finish(state) : offer({ ...state, landed: [] });
      default:
        return go(state);
    }
  },
  unproven: ({ landed }) => landed,
};

const go = (state: DebugState, ...effects: readonly WorkflowEffect[]): Step => ({ state, effects });

function read(state: DebugState, files: WorkspaceFiles): Step {
  const { text, input } = state.start;
  const output = input ?? text;
  const found = findFailures(output, files);
  const isNamed = found.some(({ tool, places }) => tool !== "unknown" || places.length > 0);
  if (text.trim() === "" && !isNamed && saysPassed(output))
    return end(state, "done", ["Nothing failed in this output. Where something is wrong all the same, say what."]);
  // One that points into the workspace can be worked on.
  const first = found.find(({ places }) => places.some(({ own }) => own)) ?? found[0];
  const failures = first === undefined ? [] : [first, ...found.filter((one) => one !== first)];
  // What was pasted as the request is the output, and is said once.
  const isPasted = input === undefined && failures.length > 0 && text.includes("\n");
  return ask({ ...state, files, trouble: { words: isPasted ? "" : text, output, failures }, command: commandOf(output) });
}

function ask(state: DebugState): Step {
  const { trouble, start } = state;
  const [first, ...others] = trouble.failures;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  const found = first === undefined ? "no place is named in it" : `${failureTitle(first)}${more}`;
  const shown = `/debug ${first === undefined ? trouble.words : failureTitle(first)}`.trim();
  return go(
    {
      ...state,
      stage: "asking",
      causes: [],
      said: [],
      checking: [],
      tried: [],
      landed: [],
      report: [...state.report, `failed: ${found}`],
    },
    { type: "move", stage: "reading", text: found },
    { type: "ask", text: causesRequest(trouble), shown, constraints: [...start.constraints, { kind: "no-edits" }] },
  );
}

function understood(state: DebugState, turn: TurnResult): Step {
  if (turn.ending !== "completed") {
    const why = turn.failure?.message ?? "It was stopped before there was a cause.";
    return end(state, turn.ending === "interrupted" ? "stopped" : "failed", [...state.report, why]);
  }
  const causes = causesIn(turn.text);
  if (causes.length === 0) return end(state, "failed", [...state.report, "The answer named no cause."]);
  return offer({ ...state, causes, said: causes.map(() => "") });
}

/** The causes that are left, with what is known of each. */
function offer(state: DebugState): Step {
  const { causes, tried } = state;
  const open = causes.flatMap((cause, at) => (tried.includes(at) ? [] : [{ cause, at }]));
  if (open.length === 0) return end(state, "stopped", [...state.report, "No cause proved right; nothing is changed."]);
  const unchecked = open.filter(({ cause }) => cause.check !== "" && cause.outcome === undefined);
  // The likeliest of those that fit stands first: Enter takes it.
  const best = ["fits", undefined, "unclear", "refuted"].flatMap((outcome) =>
    open.filter(({ cause }) => cause.outcome === outcome),
  );
  const takes = best.map(({ cause, at }): WorkflowChoice => ({
    answer: String(at + 1),
    label: `take this cause${cause.outcome === undefined ? "" : ` (${cause.outcome})`}: ${short(cause.text)}`,
  }));
  const checks: readonly WorkflowChoice[] =
    unchecked.length === 0 ? [] : [{ answer: "checks", label: "run the checks, cheapest first" }];
  const count = open.length === 1 ? "1 likely cause" : `${open.length} likely causes`;
  return go(
    { ...state, stage: "choosing" },
    {
      type: "question",
      question: `${count}${tried.length > 0 ? " left" : ""}. Which one is to be mended?`,
      detail: { kind: "causes", causes },
      choices: [...takes, ...checks, { answer: "no", label: "nothing is changed" }],
      otherwise: unchecked.length > 0 && tried.length === 0 ? "checks" : String((best[0]?.at ?? 0) + 1),
    },
  );
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

function chosen(state: DebugState, answer: string): Step {
  if (answer === "no") return end(state, "stopped", [...state.report, "No cause was taken; nothing is changed."]);
  if (answer !== "checks") return change({ ...state, at: Number(answer) - 1 });
  const { causes, tried } = state;
  const checking = causes
    .flatMap(({ check, outcome }, at) => (check === "" || outcome !== undefined || tried.includes(at) ? [] : [at]))
    .toSorted((one, other) => costOf(causes[one]?.check ?? "") - costOf(causes[other]?.check ?? ""));
  return check({ ...state, checking, stage: "checking" });
}

function check(state: DebugState): Step {
  const [at] = state.checking;
  const cause = at === undefined ? undefined : state.causes[at];
  if (cause === undefined) return offer(state);
  const of = state.causes.filter((one) => one.check !== "").length;
  const step = of - state.checking.length + 1;
  const line = cause.check === "tests" ? state.command : cause.check;
  return go(
    state,
    { type: "move", stage: "check", text: line ?? "tests", step, of },
    line === undefined ? { type: "test" } : { type: "check", line },
  );
}

function checked(state: DebugState, said: Ran): Step {
  const { checking, causes, trouble } = state;
  const [at = 0, ...rest] = checking;
  const outcome = outcomeOf(said, trouble.failures);
  const how = said.status === undefined ? ` (${said.why ?? "it was ended"})` : `, exit status ${said.status}`;
  return check({
    ...state,
    checking: rest,
    causes: causes.map((cause, index) => (index === at ? { ...cause, outcome } : cause)),
    said: state.said.map((text, index) => (index === at ? said.output : text)),
    report: [...state.report, `check of cause ${at + 1}: ${outcome}${how}`],
  });
}

const ranOfTests = ({ evidence, why }: Extract<WorkflowInput, { type: "tests.ended" }>): Ran =>
  evidence === undefined || !["passed", "failed"].includes(evidence.outcome)
    ? { output: "", why: why ?? evidence?.reason ?? "no test ran" }
    : { status: evidence.outcome === "passed" ? 0 : 1, output: evidence.failure?.message ?? "" };

function change(state: DebugState): Step {
  const { at, causes, trouble, start } = state;
  const cause = causes[at];
  if (cause === undefined) return offer(state);
  const lines = start.constraints.flatMap((one) => (one.kind === "lines" ? [one.most] : []))[0] ?? linesAllowed;
  const text = changeRequest({ cause, trouble, said: state.said[at] ?? "", lines });
  return go(
    { ...state, stage: "changing", landed: [] },
    { type: "move", stage: "change", text: short(cause.text) },
    { type: "ask", text, shown: `mend cause ${at + 1}: ${short(cause.text)}`, constraints: constraintsOf(start.constraints) },
  );
}

function constraintsOf(demanded: readonly Constraint[]): readonly Constraint[] {
  const own: readonly Constraint[] = [{ kind: "lines", most: linesAllowed }, { kind: "tests-unchanged" }];
  return [...demanded, ...own.filter(({ kind }) => !demanded.some((one) => one.kind === kind))];
}

function changed(state: DebugState, turn: TurnResult): Step {
  const { at } = state;
  const next = { ...state, landed: turn.landed, held: turn.held };
  if (turn.ending !== "completed") {
    const why = turn.ending === "interrupted" ? "was stopped" : (turn.failure?.message ?? "did not come to its end");
    if (turn.landed.length === 0)
      return end(next, turn.ending === "interrupted" ? "stopped" : "failed", [...state.report, `The change ${why}.`]);
    return decide(next, { question: `The change ${why}. What now?`, line: `cause ${at + 1}: the change ${why}` });
  }
  const [held] = turn.heldFiles;
  if (held !== undefined)
    return decide(next, {
      question: `A change of ${held.path} is held: ${held.reason} What now?`,
      line: `cause ${at + 1}: ${held.path} is held`,
    });
  if (turn.landed.length > 0) return prove(next);
  return offer(mark(next, "no change came of it"));
}

/** That cause is through. */
const mark = (state: DebugState, what: string): DebugState => ({
  ...state,
  tried: [...state.tried, state.at],
  causes: state.causes.map((cause, index) => (index === state.at ? { ...cause, outcome: "refuted" } : cause)),
  report: [...state.report, `cause ${state.at + 1}: ${short(state.causes[state.at]?.text ?? "")} · ${what}`],
});

/** What failed is run again: by the tests that the change reaches where a test failed, else by the command that failed. */
function prove(state: DebugState): Step {
  const { command, trouble } = state;
  const byCommand: readonly ProofWay[] = command === undefined ? [] : ["command"];
  const isTest = testTools.has(trouble.failures[0]?.tool ?? "unknown");
  return proveNext(
    { ...state, stage: "proving", ways: isTest ? ["tests", ...byCommand] : [...byCommand, "tests"] },
    "nothing can be run",
  );
}

const testTools: ReadonlySet<FailureTool> = new Set(["node-test", "vitest", "jest", "mocha", "pytest", "go", "rust"]);

function proveNext(state: DebugState, why: string): Step {
  const [way, ...ways] = state.ways;
  const { command = "" } = state;
  if (way === undefined) {
    const question = `Nothing shows whether it helps: ${why}. What now?`;
    return decide(state, { question, line: `not proved: ${why}`, keeps: true });
  }
  const moved: WorkflowEffect = { type: "move", stage: "prove", text: way === "tests" ? "tests" : command };
  return go({ ...state, ways }, moved, way === "tests" ? { type: "test" } : { type: "check", line: command });
}

function ran(state: DebugState, said: Ran): Step {
  const proof = proofOfRun(said, { failures: state.trouble.failures, files: state.files });
  return proved(state, proof, `\`${state.command}\`, exit status ${said.status}`);
}

function proved(state: DebugState, proof: Proof, by: string): Step {
  switch (proof.kind) {
    case "passed": {
      const cause = `cause ${state.at + 1}: ${state.causes[state.at]?.text ?? ""}`;
      const others = proof.others === 0 ? [] : [`${proof.others} of what failed before still fails`];
      return finish({
        ...state,
        landed: [],
        ending: "done",
        report: [...state.report, cause, changedLine(state), `proved by ${by}`, ...others],
      });
    }
    case "same":
      return undo(mark(state, "the same fails still, so its change is taken back"));
    case "another": {
      const [first] = proof.failures;
      const what = first === undefined ? "it fails in another way" : `something else fails: ${failureTitle(first)}`;
      const question = `With this change ${what}. What now?`;
      return decide({ ...state, left: proof }, { question, line: `cause ${state.at + 1}: ${what} (${by})` });
    }
    case "unknown":
      return proveNext(state, proof.why);
  }
}

const changedLine = ({ landed }: DebugState): string => `changed: ${landed.length === 1 ? "1 hunk" : `${landed.length} hunks`}`;
const undo = (state: DebugState): Step => go({ ...state, stage: "undoing" }, { type: "undo", hunks: state.landed });

interface Decision {
  readonly question: string;
  /** For the report. */
  readonly line: string;
  /** What is done where nobody can be asked; else it is taken back. */
  readonly keeps?: boolean;
}

function decide(state: DebugState, { question, line, keeps = false }: Decision): Step {
  const next: readonly WorkflowChoice[] =
    state.left === undefined ? [] : [{ answer: "next", label: "keep it, and look for the cause of what fails now" }];
  const again: readonly WorkflowChoice[] =
    state.held.length === 0 ? [] : [{ answer: "again", label: "its hunks are decided: run what failed again" }];
  const choices: readonly WorkflowChoice[] = [
    { answer: "keep", label: "keep the change and end here" },
    { answer: "undo", label: "take it back and choose another cause" },
    ...next,
    ...again,
    { answer: "end", label: "take it back and end here" },
  ];
  return go(
    { ...state, stage: "deciding", report: [...state.report, line] },
    { type: "question", question, detail: { kind: "text", lines: [line] }, choices, otherwise: keeps ? "keep" : "undo" },
  );
}

function decided(state: DebugState, answer: string): Step {
  const { left, landed } = state;
  switch (answer) {
    case "keep":
      return finish({
        ...state,
        landed: [],
        ending: "stopped",
        report: [...state.report, `kept without a proof · ${changedLine(state)}`],
      });
    case "next":
      if (left === undefined) return go(state);
      return ask({ ...withoutLeft(state), trouble: { ...state.trouble, output: left.output, failures: left.failures } });
    case "again":
      return prove({ ...state, landed: [...landed, ...state.held], held: [] });
    case "undo": {
      const rest = withoutLeft(mark(state, "taken back"));
      return landed.length === 0 ? offer(rest) : undo(rest);
    }
    default: {
      const over: DebugState = { ...state, ending: "stopped", leaves: true, report: [...state.report, "taken back"] };
      return landed.length === 0 ? finish(over) : undo(over);
    }
  }
}

function withoutLeft(state: DebugState): DebugState {
  const { left: _, ...rest } = state;
  return rest;
}

const finish = (state: DebugState): Step => end(state, state.ending, state.report);

const end = (state: DebugState, ending: "done" | "stopped" | "failed", report: readonly string[]): Step =>
  go({ ...state, landed: [] }, { type: "end", ending, report });
