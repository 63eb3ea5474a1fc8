/** What terminals send, whole and cut at every byte, and that nothing else comes of it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyBytes } from "../../test/key-bytes.ts";
import { createDecoder, escapeMs, type KeyEvent } from "./decoder.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const escMs = 10;

const key = (name: string): KeyEvent => ({ kind: "key", key: name });
const text = (typed: string): KeyEvent => ({ kind: "text", text: typed });
const paste = (pasted: string): KeyEvent => ({ kind: "paste", text: pasted });
const other: KeyEvent = { kind: "report", report: "other" };
const cursor = (row: number, column: number): KeyEvent => ({ kind: "report", report: "cursor", row, column });

/** Sequences that end by themselves. */
const known: readonly (readonly [string, ...KeyEvent[]])[] = [
  ["\r", key("enter")],
  ["\n", key("ctrl-j")],
  ["\t", key("tab")],
  ["\u007f", key("backspace")],
  ["\b", key("ctrl-h")],
  ["\u0000", key("ctrl-space")],
  ["\u0003", key("ctrl-c")],
  ["\u001f", key("ctrl-_")],
  ["\u001c", key("ctrl-\\")],
  ["\u001ba", key("alt-a")],
  ["\u001bA", key("alt-shift-a")],
  ["\u001b<", key("alt-<")],
  ["\u001bé", key("alt-é")],
  ["\u001b字", key("alt-字")],
  ["\u001b\r", key("alt-enter")],
  ["\u001b\u007f", key("alt-backspace")],
  ["\u001b\u0006", key("ctrl-alt-f")],
  ["\u001b\u0003", key("esc"), key("ctrl-c")],
  ["\u001b\u001ba", key("esc"), key("alt-a")],
  ["\u001b ", key("alt-space")],
  ["\u001b[A", key("up")],
  ["\u001bOA", key("up")],
  ["\u001b\u001b[A", key("alt-up")],
  ["\u001b\u001bOA", key("alt-up")],
  // Esc, and what the terminal says by itself in the same moment.
  ["\u001b\u001b[0n", key("esc"), { kind: "report", report: "done" }],
  ["\u001b\u001b[I", key("esc"), { kind: "focus" }],
  ["\u001b\u001b[200~x\u001b[201~", key("esc"), paste("x")],
  ["\u001b[1;5C", key("ctrl-right")],
  ["\u001b[1;3D", key("alt-left")],
  ["\u001b[1;6A", key("ctrl-shift-up")],
  ["\u001b[1;9A", key("super-up")],
  ["\u001b[1;2P", key("shift-f1")],
  ["\u001b[1;69C", key("ctrl-right")],
  ["\u001bO5C", key("ctrl-right")],
  ["\u001bOa", key("ctrl-up")],
  ["\u001b[a", key("shift-up")],
  ["\u001b[H", key("home")],
  ["\u001bOF", key("end")],
  ["\u001b[1~", key("home")],
  ["\u001b[3~", key("delete")],
  ["\u001b[3;5~", key("ctrl-delete")],
  ["\u001b[3$", key("shift-delete")],
  ["\u001b[3^", key("ctrl-delete")],
  ["\u001b[5~", key("pageup")],
  ["\u001b[15~", key("f5")],
  ["\u001b[24;2~", key("shift-f12")],
  ["\u001bOP", key("f1")],
  ["\u001b[[A", key("f1")],
  ["\u001b[13~", key("f3")],
  ["\u001b[1;2R", key("shift-f3")],
  ["\u001b[Z", key("shift-tab")],
  ["\u001b\u001b[Z", key("alt-shift-tab")],
  ["\u001bOM", key("enter")],
  ["\u001bOp\u001bOk", text("0"), text("+")],
  ["\u001bOé", key("alt-shift-o"), text("é")],
  // The kitty keyboard protocol.
  ["\u001b[27u", key("esc")],
  ["\u001b[27;1:1u", key("esc")],
  ["\u001b[27;1:3u"],
  ["\u001b[97;5u", key("ctrl-a")],
  ["\u001b[99;5:1u", key("ctrl-c")],
  ["\u001b[99;5:2u", key("ctrl-c")],
  ["\u001b[99;5:3u"],
  ["\u001b[99;69u", key("ctrl-c")],
  ["\u001b[1089::99;5u", key("ctrl-c")],
  ["\u001b[99:67;6u", key("ctrl-shift-c")],
  ["\u001b[97;3u", key("alt-a")],
  ["\u001b[97;4u", key("alt-shift-a")],
  ["\u001b[44:60;4u", key("alt-<")],
  ["\u001b[44;4u", key("alt-<")],
  ["\u001b[45:95;6u", key("ctrl-_")],
  ["\u001b[47;5u", key("ctrl-_")],
  ["\u001b[32;5u", key("ctrl-space")],
  ["\u001b[32;2u", text(" ")],
  ["\u001b[97:65;2u", text("A")],
  ["\u001b[49;2u", text("!")],
  ["\u001b[13;2u", key("shift-enter")],
  ["\u001b[13;3u", key("alt-enter")],
  ["\u001b[9;2u", key("shift-tab")],
  ["\u001b[9;5u", key("ctrl-tab")],
  ["\u001b[127;5u", key("ctrl-backspace")],
  ["\u001b[127;2u", key("backspace")],
  ["\u001b[105;5u", key("tab")],
  ["\u001b[109;5u", key("enter")],
  ["\u001b[91;5u", key("esc")],
  ["\u001b[57399u\u001b[57413u", text("0"), text("+")],
  ["\u001b[57414u", key("enter")],
  ["\u001b[57419;5u", key("ctrl-up")],
  ["\u001b[57376u", key("f13")],
  ["\u001b[57441;2u"],
  ["\u001b[1;5:3A"],
  ["\u001b[3;1:3~"],
  // xterm's modifyOtherKeys.
  ["\u001b[27;5;99~", key("ctrl-c")],
  ["\u001b[27;2;13~", key("shift-enter")],
  ["\u001b[27;6;9~", key("ctrl-shift-tab")],
  // What is no key.
  ["\u001b[I\u001b[O", { kind: "focus" }, { kind: "blur" }],
  ["\u001b[<0;10;20M\u001b[<0;10;20m"],
  ["\u001b[M !!"],
  ["\u001b[32;10;20M"],
  ["\u001b[?1u", { kind: "report", report: "keyboard", flags: 1 }],
  ["\u001b[?2026;2$y", { kind: "report", report: "mode", mode: 2026, state: 2 }],
  ["\u001b[?62;22c", { kind: "report", report: "attributes" }],
  ["\u001b[>41;354;0c", other],
  ["\u001b[12;40R", cursor(12, 40)],
  ["\u001b[1;1R", cursor(1, 1)],
  ["\u001b[?12;40R", cursor(12, 40)],
  ["\u001bP>|kitty(0.32.2)\u001b\\", { kind: "report", report: "version", text: "kitty(0.32.2)" }],
  ["\u001b]11;rgb:ffff/ffff/ffff\u001b\\", other],
  ["\u001b]11;rgb:ffff/ffff/ffff\u0007", other],
  ["\u001b_Gi=1;OK\u001b\\", other],
  ["\u001b[48;24;80;480;800t", other],
  ["\u001b[?997;1n", other],
  ["\u001b[0n", { kind: "report", report: "done" }],
  // Text and pastes.
  ["größe 字 👩‍👩‍👧", text("größe 字 👩‍👩‍👧")],
  ["\u001b[200~\u001b[201~", paste("")],
  ["\u001b[200~a\rb\r\nc\nd\u001b[201~", paste("a\nb\nc\nd")],
  ["\u001b[200~\u0003\u001b\u001b[A\u001b[20\u001b[201~x", paste("\u0003\u001b\u001b[A\u001b[20"), text("x")],
  ["\u001b[201~"],
];

function decode(chunks: readonly Buffer[], gap = 1): KeyEvent[] {
  const decoder = createDecoder({ escMs });
  const events: KeyEvent[] = [];
  let now = 0;
  for (const chunk of chunks) {
    now += gap;
    events.push(...decoder.timeout(now), ...decoder.push(chunk, now));
  }
  return joined([...events, ...decoder.timeout(now + 10_000)]);
}

/** Text comes in as many events as it was cut into. */
function joined(events: readonly KeyEvent[]): KeyEvent[] {
  const result: KeyEvent[] = [];
  for (const event of events) {
    const last = result.at(-1);
    if (event.kind === "text" && last?.kind === "text") result[result.length - 1] = text(last.text + event.text);
    else result.push(event);
  }
  return result;
}

describe("known sequences", () => {
  test.each(known.map(([input, ...events]) => ({ input, events })))("$input", ({ input, events }) => {
    const bytes = Buffer.from(input);
    expect(decode([bytes])).toEqual(joined(events));
    for (let cut = 1; cut < bytes.length; cut++)
      expect(decode([bytes.subarray(0, cut), bytes.subarray(cut)], escMs - 1), `cut at ${cut}`).toEqual(joined(events));
    expect(decode(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(joined(events));
  });

  test("a terminal's keys come back by their names, in either protocol", () => {
    const names = ["up", "home", "f1", "f3", "f5", "delete", "pageup", "enter", "tab", "backspace", "esc", "a", "x"];
    const prefixes = ["", "ctrl-", "alt-", "shift-", "ctrl-alt-", "ctrl-shift-", "alt-shift-"];
    for (const kittyFlags of [0, 5])
      for (const name of names)
        for (const prefix of prefixes) {
          // Not to be told apart in legacy terminals, or text.
          if (name.length === 1 && (prefix === "" || prefix === "shift-")) continue;
          const legacy = kittyFlags === 0 && (name.length === 1 || /^(enter|tab|backspace|esc)$/.test(name));
          if (legacy && !/^(alt-)?$|^shift-tab$/.test(prefix + (prefix === "shift-" ? name : ""))) continue;
          if (`${prefix}${name}` === "shift-backspace" || `${prefix}${name}` === "alt-esc") continue;
          const bytes = Buffer.from(keyBytes(prefix + name, { kittyFlags, applicationCursorKeys: false }));
          expect(decode([bytes]), `${prefix}${name} ${kittyFlags}`).toEqual([key(prefix + name)]);
        }
  });
});

describe("a lone ESC", () => {
  test("is the key after its time, and not before", () => {
    const decoder = createDecoder({ escMs });
    expect(decoder.deadline()).toBeUndefined();
    expect(decoder.push(Buffer.from("\u001b"), 100)).toEqual([]);
    expect(decoder.deadline()).toBe(110);
    expect(decoder.timeout(109)).toEqual([]);
    expect(decoder.timeout(110)).toEqual([key("esc")]);
    expect(decoder.deadline()).toBeUndefined();
    expect(decoder.push(Buffer.from("[A"), 120)).toEqual([text("[A")]);
  });

  test.each([
    ["\u001b\u001b", [key("esc"), key("esc")]],
    ["\u001b[", [key("alt-[")]],
    ["\u001bO", [key("alt-shift-o")]],
    ["\u001b]", [key("alt-]")]],
    ["\u001b\u001b[", [key("esc"), key("alt-[")]],
  ])("%j is what a person can have typed", (input, events) => {
    const decoder = createDecoder({ escMs });
    decoder.push(Buffer.from(input), 0);
    expect(decoder.deadline()).toBe(escMs);
    expect(decoder.timeout(escMs)).toEqual(events);
  });

  test("is a cut sequence where Esc has one of its own", () => {
    const decoder = createDecoder({ escMs });
    decoder.push(Buffer.from("\u001b[?1u"), 0);
    expect(decoder.push(Buffer.from("\u001b[27u"), 1)).toEqual([key("esc")]);
    expect(decoder.deadline()).toBeUndefined();
    decoder.push(Buffer.from("\u001b"), 2);
    expect(decoder.timeout(2 + escMs)).toEqual([]);
    expect(decoder.push(Buffer.from("[A"), 80)).toEqual([key("up")]);
  });

  test("a sequence that has begun waits longer and is never text", () => {
    const decoder = createDecoder({ escMs });
    decoder.push(Buffer.from("\u001b]11;rgb:ff"), 0);
    expect(decoder.timeout(500)).toEqual([]);
    expect(decoder.timeout(1000)).toEqual([]);
    expect(decoder.push(Buffer.from("x"), 1001)).toEqual([text("x")]);
  });

  test("over a network it waits longer", () => {
    expect(escapeMs({})).toBe(10);
    expect(escapeMs({ SSH_TTY: "/dev/pts/1" })).toBe(100);
    expect(escapeMs({ SSH_CONNECTION: "a b" })).toBe(100);
  });
});

describe("pastes", () => {
  const pasted = `${Array.from({ length: 5000 }, (_, line) => `line ${line} größe 字 \u001b[20`).join("\n")}\n`;
  const bytes = Buffer.from(`\u001b[200~${pasted.replaceAll("\n", "\r")}\u001b[201~after`);

  test.each([1, 7, 1024, 65_536])("5,000 lines in pieces of %i bytes", (size) => {
    const decoder = createDecoder({ escMs });
    const events: KeyEvent[] = [];
    for (let at = 0; at < bytes.length; at += size) events.push(...decoder.push(bytes.subarray(at, at + size), at));
    expect(joined(events)).toEqual([paste(pasted), text("after")]);
  });

  test("cost grows with their size, not faster", () => {
    const time = (count: number): number =>
      leastCpuMs(1, () => {
        const decoder = createDecoder({ escMs });
        decoder.push(Buffer.from("\u001b[200~"), 0);
        for (let at = 0; at < count; at++) decoder.push(Buffer.from("x\u001b[20"), 0);
        decoder.push(Buffer.from("\u001b[201~"), 0);
      });
    time(2000);
    expect(time(40_000)).toBeLessThan(100 * Math.max(1, time(4000)));
  });

  test("whose end is lost is ended by Ctrl-C", () => {
    const decoder = createDecoder({ escMs });
    decoder.push(Buffer.from("\u001b[200~lost\u001b[2"), 0);
    expect(decoder.push(Buffer.of(3), 400)).toEqual([]);
    expect(decoder.push(Buffer.of(3), 1000)).toEqual([paste("lost\u001b[2\u0003"), key("ctrl-c")]);
  });
});

describe("anything", () => {
  const typed = fc.string({ unit: fc.constantFrom("a", "Z", "~", "[", "é", "字", "👍", " "), minLength: 1, maxLength: 8 });
  // What ends by itself and does not swallow what follows.
  const sequences = fc.constantFrom(...known.filter(([input]) => !/\u001b\u001ba|Oé|^größe|x$/.test(input)));
  const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 });
  const cutUp = (bytes: Buffer, sizes: readonly number[]): Buffer[] => {
    const chunks: Buffer[] = [];
    let at = 0;
    for (const size of sizes) {
      chunks.push(bytes.subarray(at, at + size));
      at += size;
    }
    return [...chunks, bytes.subarray(at)];
  };

  test("is the same however it is cut, and no typed text is lost", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(typed, sequences), { maxLength: 12 }), cuts, (parts, sizes) => {
        const bytes = Buffer.from(parts.map((part) => (typeof part === "string" ? part : part[0])).join(""));
        const expected = parts.flatMap((part) => {
          if (typeof part === "string") return [text(part)];
          const [, ...events] = part;
          return events;
        });
        expect(decode(cutUp(bytes, sizes))).toEqual(joined(expected));
      }),
      { numRuns: 300 * scale },
    );
  });

  test("never throws, never says control characters, and comes to rest", () => {
    const byte = fc.oneof(fc.constantFrom(0x1b, 0x5b, 0x3b, 0x3a, 0x4f, 0x5d, 0x7e, 0x75, 0x31, 0x9b, 0xc3), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 60 }), cuts, (bytes, sizes) => {
        const decoder = createDecoder({ escMs });
        const chunks = cutUp(Buffer.from(bytes), sizes);
        const events = chunks.flatMap((chunk, index) => [...decoder.push(chunk, index * 7), ...decoder.timeout(index * 7 + 12)]);
        for (const event of events) if (event.kind === "text") expect(event.text).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
        decoder.timeout(1e9);
        decoder.timeout(2e9);
        expect(decoder.deadline()).toBeUndefined();
      }),
      { numRuns: 500 * scale },
    );
  });
});
