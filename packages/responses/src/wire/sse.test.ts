import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SseParser } from "./sse.ts";

const runs = 100 * Number(process.env.TWOLANE_TEST_SCALE ?? 1);

interface Parsed {
  readonly data: string;
  readonly name: string;
}

function parse(chunks: readonly Uint8Array[], maxEventLength?: number): { events: Parsed[]; ok: boolean } {
  const events: Parsed[] = [];
  const parser = new SseParser({
    onEvent: (data, name) => events.push({ data, name }),
    ...(maxEventLength !== undefined && { maxEventLength }),
  });
  const ok = chunks.map((chunk) => parser.push(chunk)).every(Boolean);
  return { events, ok };
}

const bytes = (text: string): Buffer => Buffer.from(text, "utf8");
const parseText = (text: string): Parsed[] => parse([bytes(text)]).events;

describe("one event", () => {
  test.each([
    ["a name and data", "event: e\ndata: d\n\n", [{ data: "d", name: "e" }]],
    ["no space behind the colon", "data:d\n\n", [{ data: "d", name: "" }]],
    ["only one space is taken off", "data:  d\n\n", [{ data: " d", name: "" }]],
    ["several lines of data", "data: a\ndata\ndata: b\n\n", [{ data: "a\n\nb", name: "" }]],
    ["empty data", "data:\n\n", [{ data: "", name: "" }]],
    ["a comment", ": keep\n\ndata: d\n: more\n\n", [{ data: "d", name: "" }]],
    ["other fields", "id: 1\nretry: 5\nfoo: x\ndata: d\n\n", [{ data: "d", name: "" }]],
    ["a name without data", "event: e\n\ndata: d\n\n", [{ data: "d", name: "" }]],
    ["a colon in the data", 'data: {"a":"b:c"}\n\n', [{ data: '{"a":"b:c"}', name: "" }]],
    ["CRLF", "data: a\r\ndata: b\r\n\r\n", [{ data: "a\nb", name: "" }]],
    ["CR", "data: a\rdata: b\r\r", [{ data: "a\nb", name: "" }]],
    ["mixed ends of lines", "data: a\r\ndata: b\rdata: c\n\r\n", [{ data: "a\nb\nc", name: "" }]],
    ["a byte order mark", "\ufeffdata: d\n\n", [{ data: "d", name: "" }]],
    ["a byte order mark only at the start", "data: d\n\n\ufeffdata: e\n\n", [{ data: "d", name: "" }]],
    ["no blank line behind it", "data: d\n", []],
  ])("%s", (_name, text, events) => {
    expect(parseText(text)).toEqual(events);
  });
});

test("a stream cut at every byte gives the same events, and a prefix of them when it ends there", () => {
  const whole = bytes("\ufeffevent: eins\r\ndata: größe 🚀\r\n\r\n: still here\rdata: a\rdata: b\r\rdata: é\n\ndata: last\n\n");
  const all = parse([whole]).events;
  expect(all).toHaveLength(4);
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const [head, tail] = [whole.subarray(0, cut), whole.subarray(cut)];
    expect(parse([head, tail]).events).toEqual(all);
    const before = parse([head]).events;
    expect(before).toEqual(all.slice(0, before.length));
    expect(before.length === all.length).toBe(cut === whole.length);
  }
});

test("any events survive any line ends and any cuts", () => {
  const line = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => text.replaceAll(/[\r\n\ufeff]/g, "_"));
  const end = fc.constantFrom("\n", "\r\n", "\r");
  const event = fc.record({ lines: fc.array(line, { minLength: 1, maxLength: 3 }), name: line, end, comment: fc.boolean() });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 6 }), fc.array(fc.nat(400), { maxLength: 20 }), (events, cuts) => {
      const text = events.map(({ lines, name, end: eol, comment }) => {
        const fields = [`event: ${name}`, ...(comment ? [":x"] : []), ...lines.map((one) => `data: ${one}`)];
        return `${fields.join(eol)}${eol}${eol}`;
      });
      // After an event that ends with CR, an LF at the start of the next one would belong to it; none of them starts so.
      const whole = bytes(text.join(""));
      const places = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
      const chunks = places.slice(1).map((place, index) => whole.subarray(places[index], place));
      expect(parse(chunks).events).toEqual(events.map(({ lines, name }) => ({ data: lines.join("\n"), name })));
    }),
    { numRuns: runs },
  );
});

test("arbitrary bytes never throw", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (chunks) => {
      expect(parse(chunks).ok).toBe(true);
    }),
    { numRuns: runs },
  );
});

describe("an event that is too long", () => {
  test("in one line, also when it never ends", () => {
    expect(parse([bytes("data: 12345"), bytes("678901234567890")], 20)).toEqual({ events: [], ok: false });
  });
  test("over several lines", () => {
    expect(parse([bytes("data: 1234567890\n"), bytes("data: 1234567890\n"), bytes("data: 1\n\n")], 20)).toEqual({
      events: [],
      ok: false,
    });
  });
  test("delivers nothing further", () => {
    const { events, ok } = parse([bytes(`data: ok\n\ndata: ${"x".repeat(30)}\n\ndata: late\n\n`), bytes("data: later\n\n")], 20);
    expect({ events, ok }).toEqual({ events: [{ data: "ok", name: "" }], ok: false });
  });
});
