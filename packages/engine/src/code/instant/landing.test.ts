/** The patches and the engine that lands them: its parser and its placing, streamed in pieces. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { unifiedDiffParser } from "../../edits/dialects/unified-diff.ts";
import { fileText } from "../../edits/placing/file-text.ts";
import { place } from "../../edits/placing/place.ts";
import { formatPatch } from "./git-diff.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

/** Few different lines, so that most places look like others. */
const lines = fc.array(fc.constantFrom("a", "b", "}", "", "  x"), { minLength: 1, maxLength: 40 });

test.each(["\n", "\r\n"])("hunks land exactly where they were made, with line ending %j", (ending) => {
  const text = (list: readonly string[]): string => list.map((line) => line + ending).join("");
  // Both sides end alike: none of the operations adds or takes the final line ending.
  const ends = fc.constantFrom(["", ""], ["end", "end"], ["end", "fine"]);
  fc.assert(
    fc.property(lines, lines, fc.tuple(fc.constantFrom("", "\ufeff"), ends), (old, fresh, [bom, [oldEnd = "", newEnd = ""]]) => {
      const before = bom + text(old) + oldEnd;
      const after = bom + text(fresh) + newEnd;
      fc.pre(before !== after);
      expect(land(before, formatPatch({ path: "f.ts", before, after }))).toBe(after);
    }),
    { numRuns: 300 * scale },
  );
});

function land(before: string, patch: string): string {
  const parser = unifiedDiffParser();
  const events = patch.split("").flatMap((letter) => parser.push(letter));
  events.push(...parser.end(true));
  let file = fileText(Buffer.from(before));
  let cursor = 0;
  let shift = 0;
  for (const event of events) {
    if (event.type === "malformed") throw new Error(event.reason);
    if (event.type !== "hunk") continue;
    if (event.draft.kind !== "update") throw new Error(`a ${event.draft.kind} in a patch of one file`);
    const moved = shift;
    const placed = place(event.draft, file, { cursor, lineShift: (line) => line + moved });
    if (!placed.ok) throw new Error(placed.failure.message);
    const bytes = placed.changes.reduceRight<Uint8Array>(
      (all, change) => Buffer.concat([all.subarray(0, change.start), change.bytes, all.subarray(change.end)]),
      file.bytes,
    );
    file = fileText(bytes);
    cursor = placed.cursor;
    shift += placed.linesAdded - placed.linesRemoved;
  }
  return Buffer.from(file.bytes).toString("utf8");
}
