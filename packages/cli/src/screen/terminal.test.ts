/** The device in a real pty: what it takes, asks and hears, and that the terminal is as it was on every way out. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openScreen, type Screen, type ScreenOptions } from "../../test/pty.ts";
import { canDraw, notification, popKeyboard, pushKeyboard, questions } from "./terminal-sequences.ts";

let folder = "";
const program = (): string => path.join(folder, "program.mjs");
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "twolane-terminal-"));
  await build({
    entryPoints: [fileURLToPath(new URL("../../test/screen-program.ts", import.meta.url))],
    ...{ outfile: program(), bundle: true, platform: "node", format: "esm", logLevel: "error" },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const open: Screen[] = [];
afterEach(() => {
  for (const screen of open.splice(0)) screen.kill();
});

interface Start extends Partial<ScreenOptions> {
  readonly typedAhead?: string;
  readonly stay?: boolean;
}

/** Until the program has drawn and knows what the terminal can do. */
async function start(options: Start = {}): Promise<Screen> {
  const screen = openScreen({
    command: process.execPath,
    args: [program(), options.typedAhead ?? "", ...(options.stay ? ["stay"] : [])],
    ...{ cwd: folder, env: { PATH: process.env["PATH"] ?? "" }, cols: 60, rows: 20 },
    ...options,
  });
  open.push(screen);
  await screen.until("status");
  if (options.keyboard !== "legacy") await screen.until(({ modes }) => modes().kittyFlags === 5);
  return screen;
}

const asItWas = {
  bracketedPaste: false,
  kittyFlags: 0,
  cursorVisible: true,
  focusReports: false,
  autowrap: true,
  synchronizedOutput: false,
};

describe("the device", () => {
  test("takes the terminal, knows what it can, hears keys, pastes and sizes", async () => {
    const screen = await start();
    expect(screen.modes()).toMatchObject({ bracketedPaste: true, kittyFlags: 5, focusReports: true, alternateScreen: false });
    screen.press("ctrl-c");
    await screen.until("key ctrl-c");
    screen.press("esc");
    await screen.until("key esc");
    screen.write("größe");
    await screen.until("text größe");
    screen.paste("a\nb".repeat(5000));
    await screen.until("paste 15000");
    await screen.resize(50, 15);
    await screen.until("status 50x15 true all");
    expect(screen.logicalLines().filter((line) => line.startsWith("stream"))).toHaveLength(1);
    expect(screen.lines()[screen.cursor().row]).toBe("› größe");
  });

  test("a lone ESC of a terminal that has nothing better is the key after its time", async () => {
    const screen = await start({ keyboard: "legacy" });
    screen.press("esc");
    await screen.until("key esc");
    screen.write("\u001b");
    screen.write("[A");
    await screen.until("key up");
  });

  test("what was typed before comes first", async () => {
    const screen = await start({ typedAhead: "gr\u00f6|\u00dfe\u001b[1;|5A" });
    await screen.until("key ctrl-up");
    expect(screen.lines().filter((line) => /^(text|key)/.test(line))).toEqual(["text grö", "text ße", "key ctrl-up"]);
  });

  test("calls a person, with nothing in it that a terminal would obey", async () => {
    const screen = await start();
    screen.write("n");
    await screen.until(() => screen.calls().notes.length > 0);
    expect(screen.calls()).toEqual({ bells: 1, notes: ["twolane: needs␛you"] });
  });

  test("a terminal that takes nothing for a while gets all final lines and the newest picture", async () => {
    const screen = await start();
    screen.pause();
    screen.write("f");
    for (const key of "abc") screen.write(key);
    await stall();
    screen.resume();
    await screen.until("› fabc");
    const flood = screen.scrollback().filter((line) => line.startsWith("flood"));
    // The emulator keeps 20,000 rows.
    expect(flood.length).toBeGreaterThan(19_900);
    expect(flood).toEqual(flood.map((_, index) => `flood ${20_000 - flood.length + index}`));
  });

  test("a terminal that takes nothing at all does not hold up the end", async () => {
    const screen = await start();
    screen.pause();
    screen.write("f");
    await stall();
    screen.kill("SIGTERM");
    expect((await screen.exited).status).toBe(40);
  });
});

/** A network that takes nothing for this time. */
const stall = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

describe("the terminal is as it was", () => {
  test("after the normal end, with the last lines and a clean line for the shell", async () => {
    const screen = await start();
    screen.write("q");
    expect(await screen.exited).toEqual({ status: 0, signal: undefined });
    expect(screen.modes()).toMatchObject(asItWas);
    expect(screen.lines().filter((line) => line !== "")).toEqual(["text q", "bye", "closed"]);
  });

  test.each([
    ["x", 7, "status"],
    ["t", 1, "Error: thrown"],
    ["r", 1, "Error: rejected"],
  ])("after %s", async (key, status, text) => {
    const screen = await start();
    screen.write(key);
    expect((await screen.exited).status).toBe(status);
    expect(screen.modes()).toMatchObject(asItWas);
    // The picture stands, and what follows begins below it.
    const lines = screen.scrollback();
    expect(lines.findIndex((line) => line.includes(text))).toBeGreaterThanOrEqual(
      lines.findIndex((line) => line.startsWith("status")),
    );
    expect(lines.join("\n")).toContain(text);
  });

  test.each(["SIGTERM", "SIGHUP", "SIGQUIT"] as const)("after %s", async (signal) => {
    const screen = await start();
    screen.kill(signal);
    expect((await screen.exited).status).toBe(40);
    expect(screen.modes()).toMatchObject(asItWas);
  });

  test("after a signal to a program that does not end by itself", async () => {
    const screen = await start({ stay: true });
    screen.kill("SIGTERM");
    await screen.until(({ modes }) => !modes().bracketedPaste);
    expect((await screen.exited).signal).toBe(15);
    expect(screen.modes()).toMatchObject(asItWas);
  });

  test("when what we asked of it was still on its way", async () => {
    const screen = await start({ keyboard: "legacy", stay: true });
    const received = (): string => Buffer.concat(screen.raw().map(({ bytes }) => bytes)).toString();
    screen.pause();
    screen.write("f");
    await stall();
    // Only now it says that it knows the keyboard protocol; what it is asked for then waits behind the flood.
    screen.write("\u001b[?0u");
    await stall();
    screen.kill("SIGTERM");
    screen.resume();
    expect((await screen.exited).signal).toBe(15);
    expect(received()).toContain(pushKeyboard);
    expect(received().lastIndexOf(popKeyboard)).toBeGreaterThan(received().lastIndexOf(pushKeyboard));
    expect(screen.modes()).toMatchObject(asItWas);
  });

  test("while another program has it", async () => {
    const screen = await start();
    screen.write("l");
    await screen.until(({ modes }) => !modes().bracketedPaste);
    await screen.until("back");
    expect(screen.modes()).toMatchObject({ bracketedPaste: true });
    await screen.until(({ modes }) => modes().kittyFlags === 5);
  });

  test("in the background, and ours again in the foreground", async () => {
    const screen = openScreen({
      ...{ command: "/bin/bash", args: ["--norc", "--noediting", "-i"], cwd: folder, cols: 60, rows: 20 },
      env: { PATH: process.env["PATH"] ?? "", PS1: "shell> " },
    });
    open.push(screen);
    await screen.until("shell>");
    screen.write(`${process.execPath} program.mjs\r`);
    await screen.until(({ modes }) => modes().kittyFlags === 5);
    for (let round = 0; round < 2; round++) {
      screen.press("ctrl-z");
      await screen.until(({ lines }) => /Stopped[^]*shell>$/.test(lines().join("\n").trimEnd()));
      expect(screen.modes()).toMatchObject(asItWas);
      expect(screen.lines().filter((line) => line.startsWith("stream"))).toHaveLength(0);
      screen.write("stty -a | grep -o ' icanon'; fg\r");
      await screen.until(" icanon");
      await screen.until(
        ({ modes, lines }) => modes().kittyFlags === 5 && lines().filter((line) => line === "resumed").length > round,
      );
    }
    screen.write("q");
    await screen.until("closed");
    screen.write("exit\r");
    await screen.exited;
  });

  test("when the system does not put it into the background, it goes on", async () => {
    const screen = await start();
    screen.press("ctrl-z");
    await screen.until("resumed");
    await screen.until(({ modes }) => modes().kittyFlags === 5);
    screen.write("a");
    await screen.until("text a");
  });
});

describe("sequences", () => {
  test("a dumb terminal, or none, is not drawn on", () => {
    expect(canDraw({ TERM: "xterm-256color" }, { input: true, output: true })).toBe(true);
    expect(canDraw({ TERM: "xterm-256color" }, { input: true, output: false })).toBe(false);
    expect(canDraw({ TERM: "xterm-256color" }, { input: false, output: true })).toBe(false);
    expect(canDraw({ TERM: "dumb" }, { input: true, output: true })).toBe(false);
    expect(canDraw({}, { input: true, output: true })).toBe(false);
  });

  test("a terminal that would print a question is not asked it", () => {
    expect(questions({ TERM: "linux" })).toBe("");
    expect(questions({ TERM: "xterm-256color", TERM_PROGRAM: "Apple_Terminal" })).not.toContain("$p");
    expect(questions({ TERM: "xterm-256color" })).toMatch(/\$p.*\u001b\[c$/s);
  });

  test("a notification gets through a multiplexer", () => {
    expect(notification("x", {})).toBe("\u001b]9;twolane: x\u0007\u0007");
    expect(notification("x", { TMUX: "1" })).toBe("\u001bPtmux;\u001b\u001b]9;twolane: x\u0007\u001b\\\u0007");
    expect(notification("x", { STY: "1" })).toBe("\u001bP\u001b]9;twolane: x\u0007\u001b\\\u0007");
  });
});
