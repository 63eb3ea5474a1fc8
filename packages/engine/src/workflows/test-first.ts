/** Test first: one failing test, seen to fail for the right reason, then what makes it pass. The test stays as it was seen to fail. */
import type { Constraint, Evidence, WorkflowChoice } from "@twolane/protocol";
import { isTestFile } from "@twolane/policy";
import { evidenceLine } from "./evidence-lines.ts";
import { judgeFailure, ownNames } from "./right-failure.ts";
import { testPlaces } from "./test-places.ts";
import type {
  TurnResult,
  Workflow,
  WorkflowEffect,
  WorkflowInput,
  WorkflowStart,
  WorkflowStep,
  WrittenFile,
} from "./workflow.ts";

interface TestFirstState {
  readonly start: WorkflowStart;
  readonly stage: "looking" | "writing" | "failing" | "doubting" | "building" | "passing" | "deciding";
  readonly paths: readonly string[];
  /** Written so far. */
  readonly tests: readonly WrittenFile[];
  /** It was asked for another test already. */
  readonly asked: boolean;
  readonly mended: number;
  readonly report: readonly string[];
}

type Step = WorkflowStep<TestFirstState>;
type TestsEnded = Extract<WorkflowInput, { type: "tests.ended" }>;

/** Without a person. */
const mendsAlone = 2;

export const testFirst: Workflow<TestFirstState> = {
  begin(start) {
    const state: TestFirstState = { start, stage: "looking", paths: [], tests: [], asked: false, mended: 0, report: [] };
    return go(state, { type: "move", stage: "test", text: "one failing test" }, { type: "list" });
  },
  take(state, input) {
    switch (input.type) {
      case "listed":
        return writeTest({ ...state, paths: input.paths });
      case "turn.ended":
        return state.stage === "writing" ? testWritten(state, input.turn) : built(state, input.turn);
      case "tests.ended":
        return state.stage === "failing" ? seen(state, input) : proven(state, input);
      case "answered":
        return state.stage === "doubting" ? doubted(state, input.answer) : decided(state, input.answer);
      default:
        return go(state);
    }
  },
};

const go = (state: TestFirstState, ...effects: readonly WorkflowEffect[]): Step => ({ state, effects });

function writeTest(state: TestFirstState): Step {
  const { start } = state;
  const text = [
    "Write one failing test for this, and nothing else: no implementation, no other change.",
    start.text,
    "It must fail because what it asserts is not so yet, or because a name that is to be built is not there yet.",
    "Put it where the project's tests lie, in their style; if a test file for this exists, add to it. Then stop: it is run for you.",
  ].join("\n\n");
  const constraints = testConstraints(state);
  return go({ ...state, stage: "writing" }, { type: "ask", text, shown: `/test ${start.text}`.trim(), constraints });
}

/** What the person said of the implementation does not bind the test. */
function testConstraints({ start, paths }: TestFirstState): readonly Constraint[] {
  const own = start.constraints.filter((constraint) => {
    if (constraint.kind === "only") return constraint.paths.some(isTestFile);
    return constraint.kind !== "test-first" && constraint.kind !== "public-api";
  });
  return [...own, { kind: "only", paths: testPlaces(paths) }];
}

function testWritten(state: TestFirstState, turn: TurnResult): Step {
  const next = { ...state, tests: joined(state.tests, turn.written) };
  if (turn.ending !== "completed") {
    const why = turn.failure?.message ?? "It was stopped before the test was seen to fail.";
    return end(next, turn.ending === "interrupted" ? "stopped" : "failed", [...filesLine(next), why]);
  }
  if (next.tests.length > 0) return go({ ...next, stage: "failing" }, { type: "test" });
  const held =
    turn.heldFiles.length > 0 ? "Only tests may change before one has failed; nothing else was written." : "No test was written.";
  return doubt(next, held);
}

function joined(before: readonly WrittenFile[], more: readonly WrittenFile[]): readonly WrittenFile[] {
  const files = new Map(before.map(({ path, added }) => [path, added]));
  for (const { path, added } of more) files.set(path, [...(files.get(path) ?? []), ...added]);
  return [...files].map(([path, added]) => ({ path, added }));
}

function seen(state: TestFirstState, input: TestsEnded): Step {
  const { evidence } = input;
  if (evidence === undefined || evidence.outcome === "not run" || evidence.outcome === "void")
    return blind(state, evidence?.reason ?? input.why ?? "no reason is told");
  if (evidence.outcome === "passed") return doubt(state, "The test passes already: it does not show what is missing.");
  return judged(state, evidence);
}

function judged(state: TestFirstState, { failure }: Evidence): Step {
  if (failure === undefined) return blind(state, "the runner does not say what failed");
  const { tests, start, paths } = state;
  const judgement = judgeFailure({ failure, tests, about: start.text, owns: ownNames(paths, start.text) });
  if (judgement.right) {
    const report = [...state.report, `seen to fail: ${failure.name} in ${failure.path}: ${judgement.reason}`];
    return build({ ...state, report }, undefined);
  }
  const words = {
    broken: "The test itself is wrong",
    other: "It does not show what is missing",
    unclear: "It fails, but perhaps not for the right reason",
  };
  return doubt(state, `${words[judgement.kind]}: ${judgement.reason}.`, judgement.kind !== "other");
}

const doubtChoices: readonly WorkflowChoice[] = [
  { answer: "again", label: "the model writes the test again" },
  { answer: "go", label: "it counts: go on with the implementation" },
  { answer: "end", label: "keep what is written and end here" },
];

/** Asked again once; then a person decides. */
function doubt(state: TestFirstState, why: string, canMend = true): Step {
  if (canMend && !state.asked) return again(state, why);
  return go(
    { ...state, stage: "doubting" },
    {
      ...{ type: "question", question: "There is no test that fails for the right reason. What now?" },
      detail: { kind: "text", lines: [why] },
      choices: state.tests.length > 0 ? doubtChoices : doubtChoices.filter(({ answer }) => answer !== "go"),
      otherwise: "end",
    },
  );
}

function again(state: TestFirstState, why: string): Step {
  const text = `${why} Correct the test, and only the test: one that fails because what is asked for is not there yet: ${state.start.text}`;
  return go(
    { ...state, stage: "writing", asked: true },
    { type: "move", stage: "test", text: why },
    { type: "ask", text, shown: "another failing test", constraints: testConstraints(state) },
  );
}

/** Nothing can be seen: then nobody may say that it failed. */
function blind(state: TestFirstState, why: string): Step {
  return go(
    { ...state, stage: "doubting" },
    {
      ...{ type: "question", question: "The test could not be run. What now?" },
      detail: { kind: "text", lines: [why] },
      choices: [{ answer: "run", label: "run it now: what was in the way is gone" }, ...doubtChoices],
      otherwise: "end",
    },
  );
}

function doubted(state: TestFirstState, answer: string): Step {
  if (answer === "run") return go({ ...state, stage: "failing" }, { type: "test" });
  if (answer === "again") return again(state, "The test does not show what is missing.");
  if (answer === "go")
    return build({ ...state, report: [...state.report, "not seen to fail for the right reason; a person went on"] }, undefined);
  return end(state, "failed", [
    ...filesLine(state),
    ...state.report,
    "no test was seen to fail for the right reason; nothing else was changed",
  ]);
}

/** `failing`: what still fails. */
function build(state: TestFirstState, failing: string | undefined): Step {
  const { start, mended } = state;
  const text =
    failing === undefined
      ? `The test fails as it should. Now make it pass, with as little as it needs; the tests stay as they are: ${start.text}`
      : `${failing} Mend the implementation; the tests stay as they are.`;
  return go(
    { ...state, stage: "building" },
    { type: "move", stage: "implement", text: failing === undefined ? "what makes it pass" : `mend ${mended}` },
    {
      type: "ask",
      text,
      shown: failing === undefined ? "make the test pass" : "mend what fails",
      constraints: buildConstraints(state),
    },
  );
}

function buildConstraints({ start, tests }: TestFirstState): readonly Constraint[] {
  const own = start.constraints.filter(({ kind }) => kind !== "test-first" && kind !== "tests-unchanged");
  const not = { kind: "not", paths: tests.map(({ path }) => path.replace(/[*[\]{}!]/g, "?")) } as const;
  return [...own, { kind: "tests-unchanged" }, ...(not.paths.length > 0 ? [not] : [])];
}

function built(state: TestFirstState, turn: TurnResult): Step {
  const held = turn.heldFiles.map(({ path, reason }) => `held: ${path}${reason === "" ? "" : ` (${reason})`}`);
  const next = { ...state, report: [...state.report, ...held] };
  if (turn.ending === "completed") return go({ ...next, stage: "passing" }, { type: "test" });
  const why = turn.failure?.message ?? "It was stopped; what has landed stays.";
  return end(next, turn.ending === "interrupted" ? "stopped" : "failed", [...filesLine(next), ...next.report, why]);
}

function proven(state: TestFirstState, input: TestsEnded): Step {
  const { evidence } = input;
  const line = evidenceLine(input);
  if (evidence?.outcome === "passed") return end(state, "done", [...filesLine(state), ...state.report, line]);
  const first = evidence?.failure === undefined ? "" : ` The first: ${evidence.failure.name} in ${evidence.failure.path}.`;
  if (evidence?.outcome === "failed" && state.mended < mendsAlone) {
    const told = `Tests fail still.${first}\n${evidence.failure?.message ?? ""}\n`;
    return build({ ...state, mended: state.mended + 1 }, told);
  }
  return go(
    { ...state, stage: "deciding" },
    {
      ...{
        type: "question",
        question:
          evidence?.outcome === "failed" ? "Tests fail still. What now?" : "Nothing shows that the test passes. What now?",
      },
      detail: { kind: "text", lines: [line, ...(evidence?.failure?.message.split("\n") ?? [])] },
      choices: [
        { answer: "fix", label: "the model tries once more" },
        { answer: "end", label: "keep what is there and end here" },
      ],
      otherwise: "end",
    },
  );
}

function decided(state: TestFirstState, answer: string): Step {
  if (answer === "fix") return build({ ...state, mended: state.mended + 1 }, "Tests fail still.");
  return end(state, "failed", [...filesLine(state), ...state.report, "the test does not pass"]);
}

const filesLine = ({ tests }: TestFirstState): readonly string[] =>
  tests.length === 0 ? [] : [`test: ${tests.map(({ path }) => path).join(", ")}`];

const end = (state: TestFirstState, ending: "done" | "stopped" | "failed", report: readonly string[]): Step =>
  go(state, { type: "end", ending, report });
