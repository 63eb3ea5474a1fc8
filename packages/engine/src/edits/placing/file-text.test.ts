import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ByteChange } from "../edits.ts";
import {
  applyChanges,
  applyToBytes,
  endingOf,
  endsWithNewline,
  exactText,
  fileText,
  isBinary,
  lineAt,
  readableLine,
  startOf,
  toByteString,
} from "./file-text.ts";

const runs = 300 * Number(process.env.TWOLANE_TEST_SCALE ?? 1);

/** Bytes as files have them: all endings, BOMs, invalid UTF-8, NULs. */
const fileBytes = fc
  .array(fc.constantFrom("a", "b", "\n", "\r\n", "\r", "\u00e9", "\ufeff", "\xff", "\xc3", "\0", " "), { maxLength: 60 })
  .map((parts) => Buffer.concat(parts.map((part) => Buffer.from(part, part === "\xff" || part === "\xc3" ? "latin1" : "utf8"))));

describe("lines of a file", () => {
  test("each line has its own ending, and a lone CR is none", () => {
    const file = fileText(Buffer.from("a\r\nb\rb\nc"));
    expect(file.lines).toEqual(["a", "b\rb", "c"]);
    expect(file.lines.map((_, index) => endingOf(file, index))).toEqual(["\r\n", "\n", ""]);
    expect(endsWithNewline(file)).toBe(false);
  });

  test("a BOM belongs to no line", () => {
    const file = fileText(Buffer.from("\ufeffa\n"));
    expect(file.bom).toBe(3);
    expect(file.lines).toEqual(["a"]);
    expect([...file.starts]).toEqual([3, 5]);
  });

  test("no content, no line", () => {
    expect(fileText(Buffer.from("")).lines).toEqual([]);
    expect(fileText(Buffer.from("\ufeff")).lines).toEqual([]);
    expect(fileText(Buffer.from("\n")).lines).toEqual([""]);
  });

  test("invalid UTF-8 equals no text, not even the replacement character", () => {
    const file = fileText(Buffer.from([0x61, 0xff, 0x0a]));
    expect(exactText(file.lines[0] ?? "")).toBeUndefined();
    expect(readableLine(file, 0)).toBe("a\ufffd");
    expect(file.lines[0]).not.toBe(toByteString("a\ufffd"));
    expect(file.lines[0]).not.toBe(toByteString("a\u00ff"));
  });

  test("lines and endings together are the file", () => {
    fc.assert(
      fc.property(fileBytes, (bytes) => {
        const file = fileText(bytes);
        const text = file.lines.map((line, index) => line + endingOf(file, index)).join("");
        expect(Buffer.concat([bytes.subarray(0, file.bom), Buffer.from(text, "latin1")]).equals(bytes)).toBe(true);
        for (let at = file.bom; at < bytes.length; at++) {
          const line = lineAt(file, at);
          expect(startOf(file, line) <= at && at < startOf(file, line + 1)).toBe(true);
        }
        expect(lineAt(file, bytes.length)).toBe(file.lines.length);
      }),
      { numRuns: runs },
    );
  });
});

describe("changes", () => {
  test("the lines after a change are those of the new bytes", () => {
    const cuts = fc.array(fc.tuple(fc.nat(80), fc.nat(8), fileBytes), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fileBytes, cuts, (bytes, cut) => {
        const changes: ByteChange[] = [];
        let from = 0;
        for (const [skip, length, fresh] of cut) {
          const start = Math.min(bytes.length, from + skip);
          const end = Math.min(bytes.length, start + length);
          changes.push({ start, end, bytes: fresh.subarray(0, 12) });
          from = end;
        }
        const fast = applyChanges(fileText(bytes), changes);
        const slow = fileText(applyToBytes(bytes, changes));
        expect(Buffer.compare(fast.bytes, slow.bytes)).toBe(0);
        expect({ bom: fast.bom, lines: fast.lines, starts: [...fast.starts] }).toEqual({
          bom: slow.bom,
          lines: slow.lines,
          starts: [...slow.starts],
        });
      }),
      { numRuns: runs * 2 },
    );
  });

  test("changes out of order are a bug, not a result", () => {
    const change = { start: 1, end: 2, bytes: Buffer.from("x") };
    expect(() => applyToBytes(Buffer.from("abc"), [change, change])).toThrow(RangeError);
    expect(() => applyToBytes(Buffer.from("a"), [change])).toThrow(RangeError);
  });

  test("no change gives the same file", () => {
    const file = fileText(Buffer.from("a\n"));
    expect(applyChanges(file, [])).toBe(file);
  });
});

test("binary is a NUL in the first 8 KB", () => {
  const late = Buffer.alloc(9000, "a");
  late[8500] = 0;
  const early = Buffer.alloc(9000, "a");
  early[8191] = 0;
  expect([isBinary(Buffer.from("text\r\n\xff", "latin1")), isBinary(late), isBinary(early)]).toEqual([false, false, true]);
});
