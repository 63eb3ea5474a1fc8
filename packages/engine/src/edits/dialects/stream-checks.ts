/** For the tests of every dialect: one text, cut in every way, has to say the same. */
import fc from "fast-check";
import { expect } from "vitest";
import type { DialectParser, HunkDraft, ParserEvent } from "../edits.ts";

export type MakeParser = () => DialectParser;

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

/** Name, text, its drafts in short, and what is said of the parts that cannot be read. */
export type Case = readonly [name: string, text: string, drafts: readonly string[], malformed?: readonly RegExp[]];

/** The cases of a table with their names, for `test.each`. */
export function named(cases: readonly Case[]): [string, Case][] {
  return cases.map((one) => [one[0], one]);
}

export function checkCase(make: MakeParser, [, text, expected, malformed = []]: Case): void {
  expect(briefs(make, text)).toEqual(expected);
  const found = reasons(make, text);
  expect(found).toHaveLength(malformed.length);
  malformed.forEach((pattern, at) => expect(found[at]).toMatch(pattern));
  if (text.length < longText) checkStreaming(make, text);
}

/** Longer texts are not cut at every place. */
const longText = 1000;

/** Everything that a parser says about these pieces, without open hunks, neighbouring prose joined. */
export function said(make: MakeParser, pieces: readonly string[], complete = true): ParserEvent[] {
  const parser = make();
  // Copies, so that a draft which changes after it was said is found out.
  const copies = (some: readonly ParserEvent[]) =>
    structuredClone(some.filter(({ type }) => type !== "open" && type !== "lines"));
  const events = pieces.flatMap((piece) => copies(parser.push(piece)));
  events.push(...copies(parser.end(complete)));
  const joined: ParserEvent[] = [];
  for (const event of events) {
    const last = joined.at(-1);
    if (event.type === "prose" && last?.type === "prose")
      joined[joined.length - 1] = { type: "prose", text: last.text + event.text };
    else joined.push(event);
  }
  return joined;
}

function drafts(make: MakeParser, text: string, complete = true): HunkDraft[] {
  return said(make, [text], complete).flatMap((event) => (event.type === "hunk" ? [event.draft] : []));
}

export function reasons(make: MakeParser, text: string): string[] {
  return said(make, [text]).flatMap((event) => (event.type === "malformed" ? [event.reason] : []));
}

export function prose(make: MakeParser, text: string): string {
  return said(make, [text])
    .map((event) => (event.type === "prose" ? event.text : ""))
    .join("");
}

/** A draft in short: what the tables of cases are written in. */
export function brief(draft: HunkDraft): string {
  switch (draft.kind) {
    case "update": {
      const marks = { keep: " ", remove: "-", add: "+" };
      const lines = draft.lines.map((line) => marks[line.op] + line.text);
      const anchors = draft.anchors.map((anchor) => `@${anchor}`);
      const rest = [
        draft.line === undefined ? "" : `:${draft.line}`,
        draft.endOfFile ? "$" : "",
        draft.noFinalNewline === true ? "!" : "",
      ].join("");
      return [draft.path + rest, ...anchors, ...lines].join("|");
    }
    case "substitute":
      return `${draft.path}: ${JSON.stringify(draft.oldText)} → ${JSON.stringify(draft.newText)}${draft.everywhere ? " all" : ""}`;
    case "create":
      return `${draft.overwrite ? "put" : "new"} ${draft.path} ${JSON.stringify(draft.content)}`;
    case "rewrite":
      return `rewrite ${draft.path} ${JSON.stringify(draft.content)}`;
    case "delete":
      return `delete ${draft.path}`;
    case "move":
      return `move ${draft.path} → ${draft.to}`;
  }
}

export const briefs = (make: MakeParser, text: string): string[] => drafts(make, text).map(brief);

/**
 * One character at a time, cut in two everywhere, and cut at random: the same events. Broken off anywhere: the first of
 * the whole stream's drafts and no others.
 */
function checkStreaming(make: MakeParser, text: string): void {
  const whole = said(make, [text]);
  const all = whole.flatMap((event) => (event.type === "hunk" ? [event.draft] : []));
  expect(said(make, text.split(""))).toEqual(whole);
  for (let at = 0; at <= text.length; at += 1) {
    const [head, tail] = [text.slice(0, at), text.slice(at)];
    expect(said(make, [head, tail]), `cut at ${at}`).toEqual(whole);
    for (const pieces of [[head], head.split("")]) {
      const kept = said(make, pieces, false).flatMap((event) => (event.type === "hunk" ? [event.draft] : []));
      expect(kept, `broken off at ${at}`).toEqual(all.slice(0, kept.length));
    }
  }
  const cuts = fc.array(fc.nat(text.length), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, (places) => {
      expect(said(make, cutAt(text, places))).toEqual(whole);
    }),
    { numRuns: 10 * scale },
  );
}

/** Pieces of real patches in random order: never throws, and says the same however it is cut. */
export function checkGarbage(make: MakeParser, cases: readonly Case[]): void {
  const lines = cases.flatMap(([, text]) => text.slice(0, longText).split(/(?<=[\n{}":,@*<>=+-])/));
  const garbage = fc.array(
    fc.oneof(fc.constantFrom(...lines), fc.string({ maxLength: 5 }), fc.constantFrom("\n", "\r\n", "\\", '"', "\u0000")),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(garbage, fc.array(fc.nat(200), { maxLength: 8 }), (parts, places) => {
      const text = parts.join("");
      const whole = said(make, [text]);
      expect(said(make, cutAt(text, places))).toEqual(whole);
      expect(said(make, text.split(""))).toEqual(whole);
      const all = whole.flatMap((event) => (event.type === "hunk" ? [event.draft] : []));
      const broken = text.slice(0, places[0] ?? 0);
      const kept = drafts(make, broken, false);
      expect(kept).toEqual(all.slice(0, kept.length));
    }),
    { numRuns: 150 * scale },
  );
}

function cutAt(text: string, places: readonly number[]): string[] {
  const cuts = [0, ...places.map((at) => Math.min(at, text.length)).sort((a, b) => a - b), text.length];
  return cuts.slice(1).map((end, index) => text.slice(cuts[index], end));
}
