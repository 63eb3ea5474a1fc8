import { readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cutter, seededRandom } from "./chunks.ts";
import { parseScenario, scenarioJsonSchema } from "./scenario.ts";

const SCHEMA = new URL("../../../../docs/scenario.schema.json", import.meta.url);
const GUIDE = new URL("../../../../docs/sim.md", import.meta.url);
const runs = 100 * Number(process.env.TWOLANE_TEST_SCALE ?? 1);

const text = [{ text: "x" }];
test.each<[unknown, string]>([
  ["{", "not JSON"],
  [[], "expected object"],
  [{}, "answers: "],
  [{ answers: [], more: 1 }, '"more"'],
  [{ answers: [{ reply: [{ txt: "x" }] }] }, "answers[0].reply[0]: is no step"],
  [{ answers: [{ reply: [{ text: 5 }] }] }, "answers[0].reply[0].text: "],
  [{ answers: [{ reply: [{ call: { name: "a" } }] }] }, "answers[0].reply[0].call: needs either input or arguments"],
  [{ answers: [{ reply: [{ call: { name: "a", input: "", arguments: {} } }] }] }, "needs either input or arguments"],
  [{ answers: [{ when: { prompt: "(" }, reply: text }] }, "answers[0].when.prompt: is no regular expression"],
  [
    { answers: [{ when: { round: 1 }, reply: [{ call: { name: "a", input: "" } }, ...text] }] },
    "answers[0].reply: steps behind a call",
  ],
  [{ answers: [{ reply: text, fault: { kind: "age-limit", ms: 1 } }] }, "answers[0].fault"],
  [{ answers: [], faults: [{ kind: "cut" }] }, "faults[0].atByte: "],
  [{ answers: [], faults: [{ kind: "status", status: 200 }] }, "faults[0].status: "],
  [{ answers: [], defaults: { chunk: { unit: "word" } } }, "defaults.chunk.unit: "],
])("refused in one line that names the place: %j", (value, part) => {
  const parsed = parseScenario(typeof value === "string" ? value : JSON.stringify(value));
  expect(parsed.ok ? "" : parsed.message).toContain(part);
  expect(parsed.ok ? "" : parsed.message).not.toContain("\n");
});

test("a checked scenario checks again unchanged", () => {
  const first = parseScenario();
  if (!first.ok) throw new Error(first.message);
  expect(parseScenario(JSON.stringify(first.value))).toEqual(first);
});

test("the published schema is the one in force", () => {
  const current = `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
  if (process.env.TWOLANE_WRITE_SCHEMA === "1") writeFileSync(SCHEMA, current);
  expect(readFileSync(SCHEMA, "utf8")).toBe(current);
});

test("every example of the guide is a scenario", () => {
  const examples = [...readFileSync(GUIDE, "utf8").matchAll(/```json\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
  expect(examples.length).toBeGreaterThan(1);
  for (const example of examples) expect(parseScenario(example)).toMatchObject({ ok: true });
});

test("pieces are the text, never cut inside a character", () => {
  const units = fc.constantFrom("token", "bytes", "line", "all" as const);
  const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constant({ min: 1, max: 5 }));
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), units, size, (whole, unit, chunk) => {
      const cut = cutter({ unit: unit as "token", size: chunk }, seededRandom(1));
      const pieces = [...cut(whole)];
      expect(pieces.map((piece) => piece.text).join("")).toBe(whole);
      for (const piece of pieces) {
        expect(Buffer.from(piece.text).toString()).toBe(piece.text);
        expect(piece.tokens).toBeGreaterThan(0);
        if (unit === "bytes" && typeof chunk === "number" && chunk >= 4)
          expect(Buffer.byteLength(piece.text)).toBeLessThanOrEqual(chunk);
      }
    }),
    { numRuns: runs },
  );
});
