import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyToBytes, fileText } from "../placing/file-text.ts";
import { lineChanges } from "../placing/line-changes.ts";
import { changeFacts } from "./landing-facts.ts";
import { wholeChange } from "./landing-files.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");
const linesOf = (text: string): string[] => {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  return lines;
};

/** As often as each line stands in the one and not in the other. */
function balance(lines: readonly string[], less: readonly string[]): Record<string, number> {
  const count: Record<string, number> = {};
  for (const line of lines) count[line] = (count[line] ?? 0) + 1;
  for (const line of less) count[line] = (count[line] ?? 0) - 1;
  return Object.fromEntries(Object.entries(count).filter(([, times]) => times !== 0));
}

const text = fc
  .array(fc.constantFrom("a", "b", "ä", "", "long line"), { maxLength: 8 })
  .chain((lines) =>
    fc.constantFrom("\n", "\r\n").chain((end) => fc.constantFrom(lines.join(end), lines.map((l) => l + end).join(""))),
  );

describe("what is judged of a change", () => {
  it("is exactly the difference in lines, however the change was cut", () => {
    fc.assert(
      fc.property(text, text, fc.boolean(), (before, after, isWhole) => {
        const file = fileText(bytes(before));
        const changes = isWhole ? [wholeChange(bytes(before), bytes(after))] : lineChanges(bytes(before), bytes(after));
        const facts = changeFacts(file, changes);
        expect(facts.before()).toBe(before);
        expect(facts.after()).toBe(after);
        expect(balance(facts.added, facts.removed)).toEqual(balance(linesOf(after), linesOf(before)));
      }),
    );
  });

  it("takes a change within a line for the whole line", () => {
    const file = fileText(bytes("\ufefflet key = 1;\nrest"));
    const at = bytes("\ufefflet key = ").length;
    const facts = changeFacts(file, [{ start: at, end: at + 1, bytes: bytes("'AKIA'") }]);
    expect(facts).toMatchObject({ removed: ["let key = 1;"], added: ["let key = 'AKIA';"] });
    expect(facts.after()).toBe("let key = 'AKIA';\nrest");
  });

  it("sees what is put behind a last line without an ending", () => {
    const file = fileText(bytes("one"));
    const changes = [{ start: 3, end: 3, bytes: bytes("\ntwo") }];
    expect(Buffer.from(applyToBytes(file.bytes, changes)).toString()).toBe("one\ntwo");
    expect(changeFacts(file, changes)).toMatchObject({ removed: [], added: ["two"] });
  });
});
