/**
 * Whatever is typed, taken back and paused over: before Enter nothing is on disk, no test, no command, no hunk in the journal; and what Enter
 * does is what it does in a session without drafts, to the byte.
 */
import fs from "node:fs";
import path from "node:path";
import { isTransient, type TwolaneEvent } from "@twolane/protocol";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type AheadOptions, type AheadStage, openAheadStage } from "./ahead-stage.ts";
import { lineEdit } from "./workflow-stage.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

const files = {
  "tsconfig.json": JSON.stringify({ compilerOptions: { lib: ["es2015"], types: [], noEmit: true, module: "esnext" } }),
  "a.ts": "export const old = 1;\nexport const other = 2;\n",
  "b.ts": 'import { old, other } from "./a";\nexport const b = old;\n',
  "c.ts": 'import { other } from "./a";\nexport const c = [other, other];\n',
};

const run = { call: { name: "run", arguments: { command: "touch made-by-command" } } };
const answers: AheadOptions["answers"] = [
  {
    when: { prompt: "^change" },
    reply: [...lineEdit("b.ts", "export const b = old;", "export const b = old + 1;"), { text: "Done." }],
  },
  { when: { prompt: "^run" }, reply: [run, { text: "Done." }] },
  { reply: [{ text: "Yes, all of it." }], pace: { ttftMs: 30, tokensPerSecond: 200 } },
];

const texts = [
  "rename old to fresh",
  "rename other to b2 in a.ts",
  "remove unused imports",
  "organize imports in b.ts",
  "change b.ts",
];
const text = fc.constantFrom(...texts, "run it", "what is this", "move c.ts to lib/c.ts");

type Act =
  | { readonly do: "type"; readonly text: string; readonly letters: number }
  | { readonly do: "pause"; readonly ms: number }
  | { readonly do: "model"; readonly model: string }
  | { readonly do: "mode"; readonly mode: "flow" | "plan" };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("type" as const), text, letters: fc.nat(30) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("pause" as const), ms: fc.constantFrom(1, 60, 200, 750) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("model" as const), model: fc.constantFrom("instant", "sim/scripted") }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("mode" as const),
      mode: fc.constantFrom("flow" as const, "flow" as const, "plan" as const),
    }),
  },
);

const round = fc.record({
  acts: fc.array(act, { maxLength: 8 }),
  enter: text,
  rest: fc.constantFrom(0, 0, 150, 800),
});

it(
  "shows nothing before Enter, and changes nothing of what Enter does",
  async () => {
    let [adopted, cut] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 3, maxLength: 6, size: "max" }), async (rounds) => {
        const [one, other] = await Promise.all([
          openAheadStage({ files, answers, ahead: { drafts: "on" } }),
          openAheadStage({ files, answers, ahead: { drafts: "off" } }),
        ]);
        try {
          for (const { acts, enter, rest } of rounds) {
            const before = { tree: one.tree(), at: one.events.length };
            for (const [at, each] of acts.entries()) await carryOut(each, { at, stages: [one, other] });
            if (rest > 0) await carryOut({ do: "type", text: enter, letters: enter.length }, { at: 0, stages: [one, other] });
            if (rest > 0) await pause(rest);
            expect(one.tree()).toEqual(before.tree);
            expect(one.events.slice(before.at).filter((event) => !mayHappen.test(event.type) && !isOfSwitch(event))).toEqual([]);
            await Promise.all([finish(one, enter), finish(other, enter)]);
            expect(one.tree()).toEqual(other.tree());
            expect(keptOf(one.events)).toEqual(keptOf(other.events));
          }
          expect(fs.existsSync(path.join(one.root, "made-by-command"))).toBe(false);
          await one.end();
          const counted = one.events.flatMap((event) => (event.type === "drafts.counted" ? [event] : []));
          adopted += counted.reduce((sum, { used }) => sum + used, 0);
          cut += counted.reduce((sum, { made, used }) => sum + made - used, 0);
        } finally {
          await Promise.all([one.close(), other.close()]);
        }
      }),
      { numRuns: 6 * scale, seed: scale > 1 ? Date.now() : 5 },
    );
    // It has seen both ends of drafts.
    expect(Math.min(adopted, cut)).toBeGreaterThan(2);
  },
  240_000 * scale,
);

/** What another model costs is said when it is chosen. */
const isOfSwitch = (event: TwolaneEvent): boolean => event.type === "notice.given" && event.code === "MODEL_SWITCHED";

/** While one types and chooses. */
const mayHappen = /^(draft\.prepared|model\.changed|mode\.changed|drafts\.counted|neighbours\.changed)$/;

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

async function carryOut(
  each: Act,
  { at, stages }: { readonly at: number; readonly stages: readonly AheadStage[] },
): Promise<void> {
  switch (each.do) {
    case "type":
      for (const { send } of stages)
        send({ type: "draft.set", text: each.text.slice(0, at % 2 === 0 ? undefined : each.letters) });
      return;
    case "pause":
      return pause(each.ms);
    case "mode":
      for (const { send } of stages) send({ type: "mode.set", mode: each.mode });
      return;
    case "model":
      await Promise.all(
        stages.map(async ({ send, event, events }) => {
          const from = events.length;
          send({ type: "model.set", model: each.model });
          await event("model.changed", from);
        }),
      );
  }
}

/** The prompt and its whole turn; a command that is asked for is refused. */
async function finish({ send, event, events, session }: AheadStage, prompt: string): Promise<void> {
  const from = events.length;
  // Who subscribes is told what was before as well; that has its answer.
  let isNow = false;
  const unsubscribe = session.subscribe((told) => {
    if (isNow && told.type === "command.held")
      setImmediate(() => send({ type: "command.answer", call: told.call, answer: "no" }));
  });
  isNow = true;
  send({ type: "prompt", text: prompt });
  await event("turn.ended", from);
  unsubscribe();
}

/** The same with calls numbered in the order of their coming: their names are the provider's, who has counted the drafts too. */
function keptOf(events: readonly TwolaneEvent[]): unknown {
  const text = JSON.stringify(events.flatMap(kept));
  const names = [...new Set(text.match(/call_[0-9a-f]{24}/g))];
  return JSON.parse(text.replaceAll(/call_[0-9a-f]{24}/g, (name) => `call ${names.indexOf(name)}`));
}

/** What of the journal must be the same, without times and what hangs on the way to the provider. */
function kept(event: TwolaneEvent): unknown[] {
  if (isTransient(event.type) || event.type === "drafts.counted" || event.type === "session.started") return [];
  return [
    JSON.parse(
      JSON.stringify(event, (key, value: unknown) =>
        ["at", "mono", "session", "bytesSent", "continued", "ahead", "ms", "transport", "usage"].includes(key)
          ? undefined
          : value,
      ),
    ),
  ];
}
