/** What a request demands, held to while its turn runs: each kind once, from the words to the held hunk and what the model is told. */
import { afterEach, describe, expect, it } from "vitest";
import type { Constraint } from "@twolane/protocol";
import { type StageOptions, type WorkflowStage, lineEdit, openWorkflowStage } from "./workflow-stage.ts";

const files = {
  "package.json": '{ "name": "shop", "type": "module" }\n',
  "src/a.ts": "export const a = (left: number): number => left;\nexport const b = 2;\nconst hidden = 3;\n",
  "src/b.ts": "export const c = 4;\n",
  "test/a.test.ts": "it('adds', () => {});\n",
};

let stage: WorkflowStage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (answers: StageOptions["answers"], more: Partial<StageOptions> = {}): Promise<WorkflowStage> =>
  (stage = await openWorkflowStage({ files, answers, ...more }));

const inA = lineEdit("src/a.ts", "const hidden = 3;", "const hidden = 30;");
const inB = lineEdit("src/b.ts", "export const c = 4;", "export const c = 40;");
const inTest = lineEdit("test/a.test.ts", "it('adds', () => {});", "it('adds', () => { expect(1).toBe(1); });");
/** All in one answer. */
const answer = (...edits: readonly ReturnType<typeof lineEdit>[]): StageOptions["answers"] => [
  { when: { prompt: "." }, reply: edits.flat() },
  { reply: [{ text: "Done." }] },
];

describe("a turn with demands", () => {
  it.each<
    [string, StageOptions["answers"], { readonly held: string; readonly rule: string; readonly landed: readonly string[] }]
  >([
    ["fix it, only src/a.ts", answer(inA, inB), { held: "src/b.ts", rule: "prompt:only", landed: ["src/a.ts"] }],
    ["fix it, don't touch src/b.ts", answer(inA, inB), { held: "src/b.ts", rule: "prompt:not", landed: ["src/a.ts"] }],
    ["fix it, one file", answer(inA, inB), { held: "src/b.ts", rule: "prompt:one-file", landed: ["src/a.ts"] }],
    ["fix it, one change", answer(inA, inB), { held: "src/b.ts", rule: "prompt:one-change", landed: ["src/a.ts"] }],
    ["fix it, at most 2 lines", answer(inA, inB), { held: "src/b.ts", rule: "prompt:lines", landed: ["src/a.ts"] }],
    [
      "fix it, tests unchanged",
      answer(inA, inTest),
      { held: "test/a.test.ts", rule: "prompt:tests-unchanged", landed: ["src/a.ts"] },
    ],
    [
      "one failing test first, then fix it",
      answer(inTest, inA),
      { held: "src/a.ts", rule: "prompt:test-first", landed: ["test/a.test.ts"] },
    ],
    ["new files only", answer(inA), { held: "src/a.ts", rule: "prompt:new-files", landed: [] }],
    ["explain it, no edits", answer(inA), { held: "src/a.ts", rule: "prompt:no-edits", landed: [] }],
    [
      "fix it, keep the public API unchanged",
      answer(
        inA,
        lineEdit(
          "src/a.ts",
          "export const a = (left: number): number => left;",
          "export const a = (left: string): number => +left;",
        ),
      ),
      { held: "src/a.ts", rule: "prompt:public-api", landed: ["src/a.ts"] },
    ],
    [
      "fix it, no new dependencies",
      answer(inA, lineEdit("src/b.ts", "export const c = 4;", 'import pad from "left-pad"; export const c = pad(4);')),
      { held: "src/b.ts", rule: "prompt:no-dependencies", landed: ["src/a.ts"] },
    ],
  ])("%s", async (text, answers, { held, rule, landed }) => {
    const { send, session, event, events } = await open(answers);
    send({ type: "prompt", text });
    await event("turn.ended");
    await session.idle();
    const set = await event("constraints.set");
    expect(set).toMatchObject({ turn: "t1", constraints: [{ kind: rule.slice("prompt:".length) }] });
    const found = events.flatMap((one) => (one.type === "hunk.held" ? [one] : []));
    expect(found.map((one) => one.hunk.path)).toEqual([held]);
    expect(found[0]?.verdict.reason).toContain("the request says “");
    expect(found[0]?.verdict.rule).toBe(rule);
    expect(events.flatMap((one) => (one.type === "hunk.landed" ? [one.hunk.path] : []))).toEqual(landed);
  });

  it("goes by what is given instead of the words, also where that is nothing", async () => {
    const { send, session, events } = await open(answer(inA, inB));
    send({ type: "prompt", text: "fix it, only src/a.ts", constraints: [] });
    await session.idle();
    expect(events.flatMap((one) => (one.type === "hunk.landed" ? [one.hunk.path] : []))).toEqual(["src/a.ts", "src/b.ts"]);
    expect(events.some(({ type }) => type === "constraints.set")).toBe(false);
  });

  it("holds in its turn alone, and in one that waited with its own", async () => {
    const { send, session, events, event } = await open([
      { when: { prompt: "first" }, reply: inB },
      { when: { prompt: "second" }, reply: inB },
      { when: { prompt: "third" }, reply: inA },
      { reply: [{ text: "Done." }] },
    ]);
    const only: Constraint = { kind: "only", paths: ["src/b.ts"] };
    send({ type: "prompt", text: "first, only src/a.ts" });
    send({ type: "queue", text: "second" });
    send({ type: "prompt", text: "third", constraints: [only] });
    await event("turn.ended", 3);
    await session.idle();
    expect(events.flatMap((one) => (one.type === "hunk.held" ? [`${one.hunk.turn} ${one.hunk.path}`] : []))).toEqual([
      "t1 src/b.ts",
      "t3 src/a.ts",
    ]);
    expect(events.flatMap((one) => (one.type === "hunk.landed" ? [one.hunk.turn] : []))).toEqual(["t2"]);
    expect(events.flatMap((one) => (one.type === "constraints.set" ? [one.turn] : []))).toEqual(["t1", "t3"]);
  });

  it("takes what a steer says as well", async () => {
    const { send, session, events, event } = await open([
      { when: { prompt: "careful" }, reply: inB },
      { when: { prompt: "." }, reply: [{ text: "Looking." }, { pause: 3000 }, ...inB] },
      { reply: [{ text: "Done." }] },
    ]);
    send({ type: "prompt", text: "fix it" });
    await event("turn.started");
    send({ type: "steer", text: "careful, don't touch src/b.ts" });
    await session.idle();
    expect(await event("constraints.set")).toMatchObject({ turn: "t1", constraints: [{ kind: "not", paths: ["src/b.ts"] }] });
    expect(new Set(events.flatMap((one) => (one.type === "hunk.held" ? [one.verdict.rule] : [])))).toEqual(
      new Set(["prompt:not"]),
    );
    expect(events.some(({ type }) => type === "hunk.landed")).toBe(false);
  });

  it("holds what is done without a model", async () => {
    const { send, session, events, event } = await open([]);
    expect((await session.useModel("instant")).ok).toBe(true);
    send({ type: "prompt", text: "rename c to d in src/b.ts", constraints: [{ kind: "public-api" }] });
    await event("turn.ended");
    await session.idle();
    const held = events.flatMap((one) => (one.type === "hunk.held" ? [one.verdict] : []));
    expect(held).toMatchObject([
      {
        rule: "prompt:public-api",
        reason:
          "src/b.ts changes what it exports (- export const c = number ⏎ + export const d = number): the request says “API unchanged”",
      },
    ]);
  });

  it("is told at the end of a refactoring what of the exports changed, where a person let it", async () => {
    const signature = (from: string, to: string) =>
      lineEdit(
        "src/a.ts",
        `export const a = (left: ${from}): number => left;`,
        `export const a = (left: ${to}): number => left;`,
      );
    const { send, session, event } = await open(
      [
        { when: { prompt: "^Plan a refactoring" }, reply: [{ text: "1. `src/a.ts` — another type — risk: low" }] },
        { when: { prompt: "change 1 of 1" }, reply: signature("bigint", "any") },
        { when: { prompt: "keep the API" }, reply: signature("number", "bigint") },
        { reply: [{ text: "Done." }] },
      ],
      { trust: false },
    );
    send({ type: "prompt", text: "fix it, keep the API unchanged" });
    const held = await event("hunk.held");
    await event("turn.ended");
    send({ type: "hunk.allow", hunks: [held.hunk.id], for: "session" });
    await event("hunk.landed");
    await session.idle();
    send({ type: "workflow.start", workflow: "refactor", text: "tidy src/a.ts" });
    await event("workflow.asked");
    send({ type: "workflow.answer", answer: "yes" });
    const { report } = await event("workflow.ended");
    expect(report.slice(-3)).toEqual([
      "exported declarations changed:",
      "src/a.ts: - export const a = (left: bigint): number => …",
      "src/a.ts: + export const a = (left: any): number => …",
    ]);
  });
});
