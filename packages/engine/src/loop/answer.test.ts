/** One answer alone: what of its text is told together, and in what order with the rest. Turns are `loop.test.ts`. */
import type { EventBody } from "@twolane/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ModelEvent } from "../models/models.ts";
import { openAnswer } from "./answer.ts";

/** A listened-to answer; what is fed to it comes as if in one read of the connection. */
function listen(): { readonly told: EventBody[]; feed(event: ModelEvent): void } {
  const told: EventBody[] = [];
  let feed: (event: ModelEvent) => void = () => {};
  openAnswer(
    {
      ...{ step: 1, model: "acme/m" },
      editTool: "edit",
      editsInMessage: false,
      openEdit: () => {
        throw new Error("no edit was sent");
      },
      emit: (event) => void told.push(event),
      onItem: () => {},
      onCall: () => {},
      onEnd: () => {},
    },
    (onEvent) => {
      feed = onEvent;
      return { stop: () => {}, steer: () => false };
    },
  );
  return { told, feed: (event) => feed(event) };
}

test("text of one read is told once, in its place among the rest, and before the next read", async () => {
  const piece = fc.oneof(
    fc.record({ kind: fc.constant("text" as const), text: fc.string({ maxLength: 3 }) }),
    fc.record({ kind: fc.constant("reasoning" as const), text: fc.string({ minLength: 1, maxLength: 3 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(piece, { maxLength: 6 }), { maxLength: 4 }), async (reads) => {
      const { told, feed } = listen();
      for (const read of reads) {
        const before = told.length;
        read.forEach(feed);
        await Promise.resolve();
        const deltas = told.slice(before).filter(({ type }) => type === "text.delta" || type === "reasoning.delta");
        const runs: { type: string; text: string }[] = [];
        for (const { kind, text } of read) {
          const last = runs.at(-1);
          if (kind === "text" && last?.type === "text.delta") last.text += text;
          else if (kind === "reasoning" || text !== "") runs.push({ type: `${kind}.delta`, text });
        }
        expect(deltas).toEqual(runs);
      }
    }),
    { numRuns: 100 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1) },
  );
});

test("a text is settled once: when its wire says that it is complete, else with its item, and before anything is made of that", async () => {
  const text = { kind: "text", text: "Ready." } as const;
  const item = { kind: "item", item: { kind: "assistant", text: "Ready." } } as const;
  const types = async (...events: readonly ModelEvent[]): Promise<readonly string[]> => {
    const { told, feed } = listen();
    events.forEach(feed);
    await Promise.resolve();
    return told.map(({ type }) => type).filter((type) => type.startsWith("text."));
  };
  const once = ["text.delta", "text.settled", "text.finished"];
  expect(await types(text, { kind: "text.done" }, item)).toEqual(once);
  expect(await types(text, item)).toEqual(once);
  expect(await types({ kind: "text.done" }, item)).toEqual(["text.finished"]);
  expect(await types(text, { kind: "text.done" }, text, item)).toEqual(["text.delta", "text.settled", ...once]);
});
