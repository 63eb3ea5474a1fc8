/** Diagnostics of a session: a scripted model, real edits, a real language service in its thread. */
import { afterEach, expect, it, vi } from "vitest";
import type { HunkId } from "@twolane/protocol";
import { type Answers, type WorkflowStage, lineEdit, openWorkflowStage } from "./workflow-stage.ts";

// A thread of low priority on a machine that does a lot else.
vi.setConfig({ testTimeout: 60_000 });

let stage: WorkflowStage;
afterEach(() => stage.close());

const config = { compilerOptions: { strict: true, noEmit: true, module: "esnext", moduleResolution: "bundler" } };
const files = {
  "tsconfig.json": JSON.stringify(config),
  "src/price.ts": "export const price = (amount: number): number => amount;\n",
  "src/order.ts": 'import { price } from "./price";\nexport const total = price(3);\n',
  ...Object.fromEntries(
    ["one", "three", "four", "five", "six", "warm"].map((name) => [`src/${name}.ts`, "export const it = 1;\n"]),
  ),
};

const wrong = "export const price = (amount: string): string => amount;";
const right = "export const price = (amount: number): number => amount * 2;";
const plain = (name: string) => lineEdit(`src/${name}.ts`, "export const it = 1;", "export const it = 2;");
const breaking = lineEdit("src/price.ts", "export const price = (amount: number): number => amount;", wrong);

/** The first turn brings a problem of its own, long before the checker is there to see it come: when that is told, it is warm. */
const warming: Answers[number] = {
  when: { turn: 1, round: 0 },
  reply: lineEdit("src/warm.ts", "export const it = 1;", "export const it: string = 1;"),
};
const done: Answers[number] = { reply: [{ text: "Done." }] };

/** One hunk a call, one call a step, with time between them. */
const rounds = (replies: readonly Answers[number]["reply"][]): Answers =>
  replies.map((reply, round) => ({ when: { turn: 2, round }, reply: [{ pause: 600 }, ...reply] }));

async function open(answers: Answers): Promise<void> {
  stage = await openWorkflowStage({ files, waitMs: 50_000, answers: [...answers, warming, done] });
  stage.send({ type: "prompt", text: "warm up" });
  await stage.event("diagnostics.found");
  await stage.session.idle();
}

const pathOf = (hunk: HunkId): string | undefined => landed().find(({ id }) => id === hunk)?.path;
const landed = () => stage.events.flatMap((event) => (event.type === "hunk.landed" ? [event.hunk] : []));

it("a model that breaks a type in hunk 2 of 6 is told before hunk 6, and mends it in the same turn", async () => {
  const replies = [plain("one"), breaking, plain("three"), plain("four"), plain("five"), plain("six")];
  const mending: Answers[number] = {
    when: { turn: 2, toolOutput: "src/price.ts, line 1[^]*src/order.ts:2 TS2345" },
    reply: lineEdit("src/price.ts", wrong, right),
  };
  await open([mending, ...rounds(replies)]);
  stage.send({ type: "prompt", text: "six small changes" });
  await stage.event("turn.ended", 2);
  await stage.event("diagnostics.cleared");
  const paths = landed().map(({ path }) => path);
  expect(paths.lastIndexOf("src/price.ts")).toBeGreaterThan(paths.indexOf("src/price.ts"));
  expect(paths.indexOf("src/six.ts")).toBeGreaterThan(paths.lastIndexOf("src/price.ts"));
  expect(stage.text("src/price.ts")).toBe(`${right}\n`);
  const found = await stage.event("diagnostics.found", 2);
  expect(pathOf(found.hunk)).toBe("src/price.ts");
  expect(found).toMatchObject({ more: 0, problems: [{ path: "src/order.ts", line: 2, code: "TS2345" }] });
  expect(stage.events.filter(({ type }) => type === "turn.started")).toHaveLength(2);
  expect(stage.events.find((event) => event.type === "diagnostics.cleared")).toMatchObject({ hunk: found.hunk });
});

it("what the same call mends is not told", async () => {
  const both = [
    {
      call: {
        name: ["edit"],
        input:
          `*** Begin Patch\n*** Update File: src/price.ts\n@@\n-export const price = (amount: number): number => amount;\n+${wrong}\n` +
          '*** Update File: src/order.ts\n@@\n-export const total = price(3);\n+export const total = price("3");\n*** End Patch\n',
      },
    },
  ];
  await open(rounds([both]));
  stage.send({ type: "prompt", text: "both at once" });
  await stage.session.idle();
  const told = JSON.stringify(stage.sim.requests);
  expect(told).toContain("src/warm.ts:1 TS2322");
  expect(told).not.toContain("TS2345");
});

it("a problem becomes a steer when the person says so, and only while it is there", async () => {
  await open([]);
  const found = await stage.event("diagnostics.found");
  stage.send({ type: "diagnostics.tell", hunk: found.hunk });
  await stage.event("turn.ended", 2);
  expect(JSON.stringify(stage.sim.requests.at(-1))).toContain("src/warm.ts:1 TS2322");
  stage.send({ type: "hunk.undo", hunks: [found.hunk] });
  await stage.event("diagnostics.cleared");
  stage.send({ type: "diagnostics.tell", hunk: found.hunk });
  const { message } = await stage.event("notice.given", stage.events.filter(({ type }) => type === "notice.given").length);
  expect(message).toContain("nothing was sent");
});
