import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { UpdateDraft } from "../edits.ts";
import { applyChanges, endingOf, endsWithNewline, exactText, fileText, readableLine, type FileText } from "./file-text.ts";
import { createLocator } from "./locate-tentative.ts";
import { afterAll, hunkLine } from "./place-samples.ts";
import { place, splitRewrite, type PlaceableDraft } from "./place.ts";

const scale = Number(process.env.TWOLANE_TEST_SCALE ?? 1);
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** A file as bad as they come: mixed endings, BOM, no final newline, lines that are no UTF-8, equal lines. */
const someFile = fc
  .record({
    lines: fc.array(
      fc.tuple(
        fc.constantFrom("", "}", "  return x;", "\tcall(é);", "a — b", "end  ", "\xff\xfe", "x\ry"),
        fc.integer({ min: -1, max: 40 }),
        fc.constantFrom("\n", "\n", "\r\n"),
      ),
      { minLength: 1, maxLength: 25 },
    ),
    bom: fc.boolean(),
    lastEnding: fc.boolean(),
  })
  .map(({ lines, bom, lastEnding }) => {
    const parts = lines.map(([text, number, ending], at) => {
      const bytes = text === "\xff\xfe" ? Buffer.from(text, "latin1") : Buffer.from(text, "utf8");
      // Never an empty last line without ending: that would be no line.
      const isLast = at === lines.length - 1;
      return Buffer.concat([bytes, Buffer.from(`${number < 0 ? "" : number}${isLast && !lastEnding ? "#" : ending}`)]);
    });
    return fileText(Buffer.concat([Buffer.from(bom ? "\ufeff" : ""), ...parts]));
  });

interface Edit {
  readonly file: FileText;
  readonly first: number;
  readonly last: number;
  readonly added: readonly string[];
}

const someEdit: fc.Arbitrary<Edit> = fc
  .tuple(someFile, fc.nat(), fc.nat(3), fc.array(fc.constantFrom("new", "  new — x", "", "}", "añadido"), { maxLength: 3 }))
  .map(([file, at, length, added]) => {
    const first = at % (file.lines.length + 1);
    return { file, first, last: Math.min(file.lines.length, first + length), added };
  })
  .filter(({ first, last, added }) => last > first || added.length > 0);

/** The edit with all readable lines around it as context; nothing where a line to remove cannot be written down. */
function draftOf({ file, first, last, added }: Edit): UpdateDraft | undefined {
  const texts = file.lines.map(exactText);
  let from = first;
  let to = last;
  while (from > 0 && texts[from - 1] !== undefined) from--;
  while (to < texts.length && texts[to] !== undefined) to++;
  if (texts.slice(first, last).includes(undefined) || from === to) return undefined;
  const written = (sign: string, start: number, end: number): string[] => texts.slice(start, end).map((text) => `${sign}${text}`);
  const lines = [
    ...written(" ", from, first),
    ...written("-", first, last),
    ...added.map((text) => `+${text}`),
    ...written(" ", last, to),
  ];
  return { kind: "update", path: "f", anchors: [], lines: lines.map(hunkLine), endOfFile: false };
}

/** Lines as the file's text, which ends with a newline as before. */
function joined(file: FileText, lines: readonly string[]): string {
  return lines.join("\n") + (endsWithNewline(file) && lines.length > 0 ? "\n" : "");
}

function asLf(file: FileText): string {
  return Buffer.from(file.bytes.subarray(file.bom)).toString("utf8").replaceAll("\r\n", "\n");
}

function expectEdited({ file, first, last, added }: Edit, after: FileText): void {
  const texts = file.lines.map((_, at) => readableLine(file, at));
  expect(asLf(after)).toBe(joined(file, [...texts.slice(0, first), ...added, ...texts.slice(last)]));
  expect(after.bom).toBe(file.bom);
  const whole = (of: FileText, from: number, to: number): string => latin1(of.bytes.subarray(of.starts[from], of.starts[to]));
  // What stands in front and behind is the same to the byte, but for the ending that comes or goes at the file's very end.
  const head = whole(file, 0, first);
  const isAtEnd = last === file.lines.length;
  expect(whole(after, 0, after.lines.length).startsWith(isAtEnd ? head.replace(/\r?\n$/, "") : head)).toBe(true);
  const behind = after.lines.length - (file.lines.length - last);
  expect(whole(after, behind, after.lines.length)).toBe(whole(file, last, file.lines.length));
  const endings = new Set(file.lines.map((_, at) => endingOf(file, at)));
  for (let at = first; at < behind; at++)
    if (endings.size === 1 && !endings.has("")) expect(endings).toContain(endingOf(after, at));
}

describe("a random edit of a random file", () => {
  test("its hunk makes exactly that edit, and touches no other byte", () => {
    let placed = 0;
    fc.assert(
      fc.property(someEdit, (edit) => {
        const draft = draftOf(edit);
        if (draft === undefined) return;
        const placement = place(draft, edit.file, { cursor: 0 });
        if (!placement.ok) {
          expect(["HUNK_AMBIGUOUS", "HUNK_EMPTY"]).toContain(placement.failure.code);
          return;
        }
        placed++;
        expect(placement.rung).toBe("exact");
        const after = applyChanges(edit.file, placement.changes);
        expectEdited(edit, after);
        expect(placement.cursor).toBeLessThanOrEqual(after.bytes.length);
        expect(createLocator().tentative(draft, edit.file, 0)).toBeGreaterThan(0);
      }),
      { numRuns: 600 * scale },
    );
    // Most files have readable lines that stand once: a test that placed hardly anything would prove nothing.
    expect(placed).toBeGreaterThan(200 * scale);
  });

  test("as a rewrite of the file, whole or in parts", () => {
    fc.assert(
      fc.property(someEdit, (edit) => {
        const texts = edit.file.lines.map((_, at) => readableLine(edit.file, at));
        const lines = [...texts.slice(0, edit.first), ...edit.added, ...texts.slice(edit.last)];
        const content = lines.map((line) => `${line}\n`).join("");
        const draft = { kind: "rewrite", path: "f", content } as const;
        const whole = afterAll([draft], edit.file);
        expect(asLf(whole)).toBe(joined(edit.file, lines));
        expect(latin1(inParts(draft, edit.file).bytes)).toBe(latin1(whole.bytes));
      }),
      { numRuns: 300 * scale },
    );
  });

  test("as a text for another", () => {
    fc.assert(
      fc.property(someFile, fc.nat(), fc.nat(30), fc.constantFrom("", "new", "n\nm", "é\n"), (file, at, length, newText) => {
        const whole = latin1(file.bytes.subarray(file.bom));
        const start = at % (whole.length + 1);
        const old = whole.slice(start, start + length);
        const oldText = Buffer.from(old, "latin1").toString("utf8");
        const placement = place({ kind: "substitute", path: "f", oldText, newText, everywhere: false }, file, { cursor: 0 });
        const isOnce = old !== "" && whole.indexOf(old) === start && !whole.includes(old, start + 1);
        const isText = Buffer.from(oldText, "utf8").toString("latin1") === old && !/^\n|\r$/.test(old);
        if (!placement.ok || placement.rung !== "exact" || !isText) return;
        expect(isOnce).toBe(true);
        const after = latin1(applyChanges(file, placement.changes).bytes.subarray(file.bom));
        expect(after.startsWith(whole.slice(0, start))).toBe(true);
        expect(after.endsWith(whole.slice(start + length))).toBe(true);
        const middle = after.slice(start, after.length - whole.slice(start + length).length);
        expect(Buffer.from(middle, "latin1").toString("utf8").replaceAll("\r\n", "\n")).toBe(newText);
      }),
      { numRuns: 600 * scale },
    );
  });
});

/** The parts of a rewrite, each placed with the line numbers that the parts before it leave. */
function inParts(draft: Extract<PlaceableDraft, { kind: "rewrite" }>, file: FileText): FileText {
  let now = file;
  let cursor = 0;
  let shift = 0;
  for (const part of splitRewrite(draft, file)) {
    const placement = place(part, now, { cursor, lineShift: (line) => line + shift });
    if (!placement.ok) throw new Error(`${placement.failure.message} in ${JSON.stringify(latin1(now.bytes))}`);
    now = applyChanges(now, placement.changes);
    cursor = placement.cursor;
    shift += placement.linesAdded - placement.linesRemoved;
  }
  return now;
}

describe("never a guess", () => {
  const few = fc.array(fc.constantFrom("a", "b", "  a", "\tb", "a ", "", "}"), { minLength: 1, maxLength: 14 });
  const old = fc.array(fc.constantFrom("a", "b", "  a", "  b", "", "}"), { minLength: 1, maxLength: 3 });
  const strict: readonly ((line: string) => string)[] = [(line) => line, (line) => line.trimEnd(), (line) => line.trim()];

  test("what is placed stands once, by the strictest rule that finds it at all", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(few, old, (lines, wanted) => {
        const count = (form: (line: string) => string): number =>
          lines.filter(
            (_, at) =>
              at + wanted.length <= lines.length && wanted.every((line, index) => form(lines[at + index] ?? "") === form(line)),
          ).length;
        const counts = strict.map(count);
        const hunkLines = [...wanted.map((line) => `-${line}`), "+x"].map(hunkLine);
        const draft: UpdateDraft = { kind: "update", path: "f", anchors: [], lines: hunkLines, endOfFile: false };
        const placement = place(draft, fileText(Buffer.from(lines.map((line) => `${line}\n`).join(""))), { cursor: 0 });
        const first = counts.findIndex((places) => places > 0);
        seen.add(placement.ok ? placement.rung : placement.failure.code);
        if (first < 0) expect(placement).toMatchObject({ ok: false, failure: { code: "HUNK_MISSING" } });
        else if (first < 2 && counts[first] !== 1)
          expect(placement).toMatchObject({ ok: false, failure: { code: "HUNK_AMBIGUOUS" } });
        else if (first < 2) expect(placement).toMatchObject({ ok: true, rung: ["exact", "trailing-blanks"][first] });
        // By indentation only uniform shifts count, which may be fewer than the places that look alike.
        else if (placement.ok) expect(placement.rung).toBe("indentation");
      }),
      { numRuns: 600 * scale },
    );
    expect([...seen].sort()).toEqual(["HUNK_AMBIGUOUS", "HUNK_MISSING", "exact", "indentation", "trailing-blanks"]);
  });
});

test("the place of an open hunk is the same whether it is narrowed line by line or looked for anew", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "  a", "    b", "\ta", "a ", "", "a — b"), { minLength: 1, maxLength: 12 });
  const part = fc.array(fc.tuple(fc.constantFrom(" ", " ", "-", "+"), fc.nat()), { minLength: 1, maxLength: 5 });
  let found = 0;
  fc.assert(
    fc.property(lines, fc.nat(), fc.constantFrom("", "  ", "\t"), part, (text, at, indent, signs) => {
      const file = fileText(Buffer.from(text.map((line) => `${line}\n`).join("")));
      let row = at % text.length;
      const written = signs.map(([sign, other]) => {
        const line = sign === "+" || other % 9 === 0 ? "new" : (text[row++] ?? "gone").replace("—", "-");
        return hunkLine(sign + indent + line);
      });
      const locator = createLocator();
      for (let count = 1; count <= written.length; count++) {
        const draft: UpdateDraft = { kind: "update", path: "f", anchors: [], lines: written.slice(0, count), endOfFile: false };
        const place = locator.tentative(draft, file, 0);
        expect(place).toBe(createLocator().tentative(draft, file, 0));
        if (place > 0) found++;
      }
    }),
    { numRuns: 400 * scale },
  );
  expect(found).toBeGreaterThan(100 * scale);
});
