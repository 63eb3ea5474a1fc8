/** Frames in a terminal emulator of each kind, with random sizes in between: what is final is there once, what is live once below. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EmulatedReflow, type Emulator, openEmulator } from "../../test/emulator.ts";
import { displayWidth } from "../views/text.ts";
import { type Reflow, reflowOf } from "./reflow.ts";
import { createRenderer, type Frame, type Renderer } from "./renderer.ts";

const runs = 15 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

interface Stage {
  readonly emulator: Emulator;
  readonly renderer: Renderer;
  /** What was written since the last call. */
  written(): string;
  show(frame: Partial<Frame>): Promise<void>;
  resize(cols: number, rows: number): Promise<void>;
}

function stage(options: { cols: number; rows: number; reflow?: EmulatedReflow; synchronized?: boolean }): Stage {
  const emulator = openEmulator(options);
  const { reflow = "all", synchronized = false } = options;
  const kinds: Readonly<Record<EmulatedReflow, Reflow>> = { all: "all", "not-cursor": "xterm.js", none: "none" };
  let pending = "";
  const renderer = createRenderer({
    write: (text) => void (pending += text),
    size: { columns: options.cols, rows: options.rows },
    reflow: () => kinds[reflow],
    synchronized: () => synchronized,
  });
  const written = (): string => {
    const text = pending;
    pending = "";
    return text;
  };
  return {
    emulator,
    renderer,
    written,
    async show(frame) {
      renderer.frame({ final: [], live: [], cursor: undefined, ...frame });
      await emulator.feed(written());
    },
    async resize(cols, rows) {
      await emulator.resize(cols, rows);
      renderer.resize({ columns: cols, rows });
    },
  };
}

describe("frames", () => {
  test("final lines stand above, the live region below, the cursor in it", async () => {
    const { emulator, show } = stage({ cols: 20, rows: 6 });
    await show({ live: ["› ", "status"], cursor: { row: 0, column: 2 } });
    await show({ final: ["one", "two"], live: ["stream", "› hi", "status"], cursor: { row: 1, column: 4 } });
    expect(emulator.lines()).toEqual(["one", "two", "stream", "› hi", "status", ""]);
    expect(emulator.cursor()).toEqual({ row: 3, column: 4 });
    expect(emulator.modes()).toMatchObject({ cursorVisible: true, autowrap: true });
    await show({ live: ["› hi", "status"] });
    expect(emulator.lines()).toEqual(["one", "two", "› hi", "status", "", ""]);
    expect(emulator.modes().cursorVisible).toBe(false);
    await show({ final: ["three", "four", "five"], live: ["status"], cursor: { row: 0, column: 0 } });
    expect(emulator.scrollback()).toEqual(["one", "two", "three", "four", "five", "status"]);
  });

  test("only what changed is written, in one piece", async () => {
    const { written, renderer, show } = stage({ cols: 40, rows: 10, synchronized: true });
    const frame = { final: [], live: ["stream", "› h", "status"], cursor: { row: 1, column: 3 } };
    await show(frame);
    renderer.frame(frame);
    expect(written()).toBe("");
    renderer.frame({ ...frame, live: ["stream", "› hi", "status"], cursor: { row: 1, column: 4 } });
    expect(written()).toBe("\u001b[?2026h\u001b[?7l\r› hi\u001b[K\u001b[?7h\r\u001b[4C\u001b[?2026l".replace("› hi", "› hi "));
    renderer.frame({ ...frame, live: ["stream", "› hi", "status"], cursor: { row: 1, column: 3 } });
    expect(written().length).toBeLessThan(60);
  });

  test("more lines than fit show their end, wider ones are clipped, control characters are none", async () => {
    const { emulator, show } = stage({ cols: 8, rows: 4 });
    await show({ live: ["a", "b", "c", "d\u001b[2J", "0123456789"], cursor: { row: 4, column: 30 } });
    expect(emulator.lines()).toEqual(["c", "d␛[2J", "0123456…", ""]);
    expect(emulator.cursor()).toEqual({ row: 2, column: 7 });
  });

  test("a terminal that counts clusters differently keeps the columns", async () => {
    const { emulator, show } = stage({ cols: 30, rows: 4 });
    // Two cells for us, one for the emulator.
    expect(displayWidth("क्ष")).toBe(2);
    await show({ live: ["xxxx|xxxx"] });
    await show({ live: ["aक्ष|b"], cursor: { row: 0, column: 5 } });
    expect(emulator.lines()[0]).toBe("aक्ष |b");
    expect(emulator.cursor().column).toBe(5);
  });

  test("the redraw key puts the screen into the scrollback and loses nothing", async () => {
    const { emulator, renderer, written, show } = stage({ cols: 20, rows: 5 });
    await show({ final: ["one", "two", "three"], live: ["live"], cursor: { row: 0, column: 4 } });
    renderer.clear();
    await emulator.feed(written());
    await show({ live: ["live"], cursor: { row: 0, column: 4 } });
    expect(emulator.lines()).toEqual(["live", "", "", "", ""]);
    expect(emulator.scrollback().filter((line) => line !== "")).toEqual(["one", "two", "three", "live"]);
  });

  test("others may write in between", async () => {
    const { emulator, renderer, written, show } = stage({ cols: 20, rows: 8 });
    await show({ final: ["one"], live: ["live", "status"] });
    renderer.leave();
    await emulator.feed(`${written()}shell\r\n`);
    expect(emulator.modes().cursorVisible).toBe(true);
    await show({ live: ["live", "status"], cursor: { row: 0, column: 0 } });
    expect(emulator.lines().slice(0, 5)).toEqual(["one", "shell", "live", "status", ""]);
    await emulator.feed("\r\n\nstopped\r\n");
    renderer.restart();
    await show({ live: ["again"] });
    expect(emulator.lines()).toEqual(["one", "shell", "live", "status", "stopped", "again", "", ""]);
  });

  test("the end leaves the last lines and a clean line for the shell", async () => {
    const { emulator, renderer, written, show } = stage({ cols: 20, rows: 6, synchronized: true });
    await show({ final: ["one"], live: ["live", "status"] });
    renderer.finish(["the end"]);
    await emulator.feed(written());
    expect(emulator.lines()).toEqual(["one", "the end", "", "", "", ""]);
    expect(emulator.cursor()).toEqual({ row: 2, column: 0 });
    expect(emulator.modes()).toMatchObject({ cursorVisible: true, autowrap: true, synchronizedOutput: false });
  });

  test.each([
    [{ TMUX: "x", TERM: "screen-256color", TERM_PROGRAM: "tmux" }, undefined, "all"],
    [{ TERM: "screen.xterm-256color" }, undefined, "none"],
    [{ TERM: "linux" }, undefined, "none"],
    [{ TERM: "xterm-256color", TERM_PROGRAM: "vscode" }, undefined, "xterm.js"],
    [{ TERM: "xterm-256color", XTERM_VERSION: "XTerm(388)" }, undefined, "none"],
    [{ TERM: "xterm-256color" }, "XTerm(388)", "none"],
    [{ TERM: "xterm-256color", XTERM_VERSION: "XTerm(388)" }, "kitty(0.32)", "all"],
    [{ TERM: "xterm-256color" }, undefined, "all"],
  ] as const)("%j that says it is %s wraps %s", (env, version, reflow) => expect(reflowOf(env, version)).toBe(reflow));
});

/** Letters of final lines, so that they are told from live ones, which have others. */
const finalLetters = fc.constantFrom("F", "0", "1", "7", "字", "x", "👍");
const liveLetters = fc.constantFrom("l", ".", "か", "-", "e\u0301");
const lengths = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 250 }));
const textOf = (letters: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(fc.array(letters, { minLength: 1, maxLength: 3 }), lengths)
    .map(([unit, length]) => unit.join("").repeat(length / unit.length));

type Step =
  | {
      readonly kind: "frame";
      readonly final: readonly string[];
      readonly live: readonly string[];
      readonly cursor: readonly [number, number] | undefined;
    }
  | { readonly kind: "resize"; readonly cols: number; readonly rows: number };

const frames: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("frame"),
  final: fc.array(textOf(finalLetters), { maxLength: 4 }),
  live: fc.array(textOf(liveLetters), { minLength: 1, maxLength: 6 }),
  cursor: fc.option(fc.tuple(fc.nat(5), fc.nat(200)), { nil: undefined }),
});
interface Size {
  readonly cols: number;
  readonly rows: number;
}
const size = { cols: fc.integer({ min: 20, max: 200 }), rows: fc.integer({ min: 5, max: 60 }) };
const resizes: fc.Arbitrary<Step> = fc.record({ kind: fc.constant("resize"), ...size });

describe.each(["all", "not-cursor", "none"] as const)("random frames and sizes where the terminal wraps %s", (reflow) => {
  test("lose nothing, leave nothing behind, keep the cursor", async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(size), fc.array(fc.oneof(frames, frames, resizes), { maxLength: 14 }), async (start, steps) => {
        await play({ start, steps, reflow });
      }),
      { numRuns: runs, endOnFailure: true },
    );
  });
});

const bare = (line: string): string => line.replaceAll(" ", "");

interface Expected {
  readonly finals: string[];
  live: readonly string[];
  cursor: Frame["cursor"];
  /** The terminal has become so small that it has put live lines into the scrollback, where nobody can take them back. */
  overflowed: boolean;
}

async function play({ start, steps, reflow }: { start: Size; steps: readonly Step[]; reflow: EmulatedReflow }): Promise<void> {
  const { emulator, show, resize } = stage({ ...start, reflow });
  const expected: Expected = { finals: [], live: [""], cursor: undefined, overflowed: false };
  const redraw = async (final: readonly string[]): Promise<void> => {
    await show({ final, live: expected.live, cursor: expected.cursor });
    // As the renderer fits them in, without its help.
    const dropped = Math.max(0, expected.live.length - Math.max(1, emulator.rows() - 1));
    expected.live = expected.live.slice(dropped).map((line) => clipped(line, emulator.cols()));
    const { cursor } = expected;
    expected.cursor = cursor && { row: Math.max(0, cursor.row - dropped), column: Math.min(cursor.column, emulator.cols() - 1) };
  };
  for (const step of steps) {
    if (step.kind === "frame") {
      const live = step.live.map((line) => clipped(line, emulator.cols()));
      const row = Math.min(step.cursor?.[0] ?? 0, live.length - 1);
      expected.live = step.live;
      expected.cursor = step.cursor && { row, column: Math.min(step.cursor[1], displayWidth(live[row] ?? "")) };
      const final = step.final.map((line, index) => `F${expected.finals.length + index}|${line}`);
      expected.finals.push(...final);
      await redraw(final);
    } else {
      const change = async (cols: number, rows: number): Promise<void> => {
        await resize(cols, rows);
        const hidden = emulator.scrollback().slice(0, -rows);
        // No final line is empty, so an empty row there is a live one as well.
        expected.overflowed ||= hidden.some((row) => /[-l.かe]/.test(row) || bare(row) === "");
        await redraw([]);
      };
      // VS Code changes one at a time.
      if (reflow === "not-cursor") await change(step.cols, emulator.rows());
      await change(step.cols, step.rows);
    }
    check(emulator, expected, reflow);
  }
}

function check(emulator: Emulator, { finals, live, cursor, overflowed }: Expected, reflow: EmulatedReflow): void {
  const ids = (text: string): string[] => text.match(/F\d+\|/g) ?? [];
  expect(ids(emulator.scrollback().join(""))).toEqual(ids(finals.join("")));
  const lines = emulator.logicalLines().map(bare);
  if (reflow === "none") {
    // Its rows keep what a smaller width has hidden, so only what is seen can be compared.
    const rows = withoutBlanksAtEnd(emulator.lines().map(bare));
    const seen = withoutBlanksAtEnd(live.map(bare));
    expect(rows.slice(rows.length - seen.length)).toEqual(seen);
  } else {
    const isFinal = (line: string): boolean => line.startsWith("F");
    expect(lines.filter(isFinal)).toEqual(finals.map(bare));
    const wanted = withoutBlanksAtEnd([...finals, ...live].map(bare));
    if (!overflowed) expect(withoutBlanksAtEnd(lines)).toEqual(wanted);
    else expect(withoutBlanksAtEnd(lines).slice(-1)).toEqual(wanted.slice(-1));
  }
  if (cursor === undefined) return;
  expect(bare(emulator.lines()[emulator.cursor().row] ?? "")).toBe(bare(live[cursor.row] ?? ""));
  expect(emulator.cursor().column).toBe(cursor.column);
}

function withoutBlanksAtEnd(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findLastIndex((line) => line !== "") + 1);
}

function clipped(line: string, width: number): string {
  if (displayWidth(line) <= width) return line;
  let text = "";
  for (const { segment } of new Intl.Segmenter("en").segment(line)) {
    if (displayWidth(text + segment) > width - 1) break;
    text += segment;
  }
  return `${text}…`;
}
