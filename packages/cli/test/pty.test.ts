/** The harness itself: that it shows what a terminal would show, and fails when something is not seen. */
import { tmpdir } from "node:os";
import { afterEach, expect, test } from "vitest";
import { openEmulator } from "./emulator.ts";
import { type Screen, type ScreenOptions, openScreen } from "./pty.ts";

const open: Screen[] = [];
afterEach(() => {
  for (const screen of open.splice(0)) screen.kill();
});

function shell(script: string, options: Partial<ScreenOptions> = {}): Screen {
  const screen = openScreen({
    command: "/bin/sh",
    args: ["-c", script],
    cwd: tmpdir(),
    env: { PATH: process.env["PATH"] ?? "" },
    ...options,
  });
  open.push(screen);
  return screen;
}

test("a program sees a terminal of the given size, its output is on the screen, its status is told", async () => {
  const screen = shell("stty size; echo $TERM ${NODE_EXTRA_CA_CERTS-none}; read -r line; echo got $line; read -r line; exit 3", {
    cols: 50,
    rows: 10,
    env: { NODE_EXTRA_CA_CERTS: "/nowhere", PATH: process.env["PATH"] ?? "" },
  });
  await screen.until("xterm-256color none");
  expect(screen.lines().slice(0, 2)).toEqual(["10 50", "xterm-256color none"]);
  screen.write("grün\r");
  await screen.until(/got grün/);
  // The kernel may drop output that was written just before the program ends: it ends when its output was seen.
  screen.write("\r");
  expect(await screen.exited).toEqual({ status: 3, signal: undefined });
  expect(Buffer.concat(screen.raw().map(({ bytes }) => bytes)).toString()).toContain("got grün\r\n");
});

test("what is not seen is an error that shows the screen", async () => {
  const screen = shell("echo here; read -r line");
  await screen.until("here");
  await expect(screen.until("there", { timeout: 50 })).rejects.toThrow(/not seen in 50 ms; wanted there; the screen:\nhere/);
  screen.kill("SIGTERM");
  await expect(screen.until("there")).rejects.toThrow(/ended/);
  expect((await screen.exited).signal).toBe(15);
});

test("queries are answered into the program's input", async () => {
  const screen = shell(`stty raw -echo; printf '\\033[>1u\\033[?u\\033[c'; dd bs=1 count=12 2>/dev/null | od -c`);
  await screen.until(/033\s+\[\s+\?\s+1\s+u\s+033\s+\[\s+\?\s+1/);
  expect(screen.modes().kittyFlags).toBe(1);
});

test("a resize reaches the program", async () => {
  const screen = shell("trap 'stty size; exit 0' WINCH; echo ready; while :; do read -r line || :; done");
  await screen.until("ready");
  await screen.resize(61, 17);
  await screen.until("17 61");
});

test("keys are encoded as the program has asked", async () => {
  const screen = shell(`stty raw -echo; echo ready; dd bs=1 count=8 2>/dev/null | od -An -tx1`);
  await screen.until("ready");
  screen.press("ctrl-c", "alt-enter", "shift-tab", "up");
  await screen.until("03 1b 0d 1b 5b 5a 1b 5b");
});

test.each([
  ["all", ["aaaaa", "bbbbb", "b", "x"]],
  ["none", ["aaaaa", "bbbbb", "x", ""]],
] as const)("reflow: %s", async (reflow, rows) => {
  const emulator = openEmulator({ cols: 10, rows: 4, reflow });
  await emulator.feed("aaaaa\r\nbbbbbb\r\nx");
  await emulator.resize(5, 4);
  expect(emulator.lines()).toEqual(rows);
});

test("a line with the cursor in it is not wrapped again by xterm.js", async () => {
  const emulator = openEmulator({ cols: 10, rows: 4, reflow: "not-cursor" });
  await emulator.feed("aaaaaa\r\nbbbbbb");
  await emulator.resize(5, 4);
  expect(emulator.lines()).toEqual(["aaaaa", "a", "bbbbb", ""]);
});

test("clusters take the cells of one character", async () => {
  const emulator = openEmulator();
  await emulator.feed("👩‍👩‍👧x 🇩🇪x ❤️x e\u0301x 字x");
  expect(emulator.cursor()).toEqual({ row: 0, column: 18 });
});

test("modes, bells and notes are seen", async () => {
  const emulator = openEmulator();
  await emulator.feed("\u001b[?2004h\u001b[?25l\u001b[?7l\u001b[?1004h\u001b[?2026h\u001b]9;hello\u0007\u0007");
  expect(emulator.modes()).toMatchObject({
    bracketedPaste: true,
    cursorVisible: false,
    autowrap: false,
    focusReports: true,
    synchronizedOutput: true,
  });
  expect(emulator.calls()).toEqual({ bells: 1, notes: ["hello"] });
});
