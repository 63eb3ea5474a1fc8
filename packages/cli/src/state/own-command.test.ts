/** What a command of the person's own writes: bounded, its end always there, and harmless on the screen. */
import { describe, expect, it } from "vitest";
import { harmlessOutput } from "../views/command-view.ts";
import { createStyle } from "../views/style.ts";
import { endOutput, needsTerminal, startCommand, takeOutput } from "./own-command.ts";

/** All lines that are printed, and how many are not. */
function printed(...chunks: readonly string[]) {
  let command = startCommand("x", 0);
  const lines: string[] = [];
  for (const chunk of chunks) {
    const taken = takeOutput(command, chunk);
    ({ command } = taken);
    lines.push(...taken.lines);
  }
  const end = endOutput(command);
  return { lines: [...lines, ...end.lines], omitted: end.omitted, command };
}

const numbers = (from: number, to: number): string => Array.from({ length: to - from + 1 }, (_, n) => `${from + n}\n`).join("");

describe("the output of a person's own command", () => {
  it("is the same lines however it is cut", () => {
    const text = "one\n\ntwo\r\nthree";
    const whole = ["one", "", "two", "three"];
    expect(printed(text).lines).toEqual(whole);
    expect(printed(...text.split("")).lines).toEqual(whole);
  });

  it("shows what a progress bar shows at its end", () => {
    expect(printed("10 %\r", "20 %\r30 %", "\rdone\n").lines).toEqual(["done"]);
    expect(takeOutput(startCommand("x", 0), "10 %\r20 %").command.pending).toBe("20 %");
  });

  it("is shown from its beginning and its end, and says how much is not", () => {
    const { lines, omitted } = printed(numbers(1, 600), numbers(601, 100_000));
    expect(lines.slice(0, 1000)).toEqual(numbers(1, 1000).trimEnd().split("\n"));
    expect(lines.slice(1000)).toEqual(numbers(99_971, 100_000).trimEnd().split("\n"));
    expect(omitted).toBe(100_000 - lines.length);
    expect(printed(numbers(1, 1020)).lines).toHaveLength(1020);
    expect(printed(numbers(1, 1020)).omitted).toBe(0);
    expect(printed(numbers(1, 1000), "end").lines.at(-1)).toBe("end");
  });

  it("takes bounded memory and time, also without a line feed", () => {
    const { command, lines } = printed(...Array.from({ length: 2000 }, () => "x".repeat(65_536)));
    expect(command.pending.length + command.tail.length).toBeLessThan(20_000);
    expect(lines.join("").length).toBeLessThan(300_000);
  });

  it("keeps its colours and nothing else that a terminal would obey", () => {
    const evil =
      "\u001b[31mred\u001b[0m\u001b[2J\u001b]0;title\u0007\u001b[?1049h\u001bc\u001bP1;2q\u001b\\\u009b5nx\u0008y\u0007";
    const colour = createStyle({ FORCE_COLOR: "1" }, true);
    expect(harmlessOutput(evil, colour)).toBe("\u001b[31mred\u001b[0my␇\u001b[0m");
    expect(harmlessOutput(evil, createStyle({ NO_COLOR: "1" }, true))).toBe("redy␇");
    expect(harmlessOutput("half \u001b[3", colour)).toBe("half ");
  });

  it("is not there for programs that fill the screen", () => {
    for (const line of ["twolane demo", "vim a.ts", "git log | less", "sudo /usr/bin/top", "EDITOR=x man ls", "cd src; nvim"])
      expect([line, needsTerminal(line)]).toEqual([line, true]);
    for (const line of ["git status", "twolane undo", "echo vim", "npm test", "grep -r less .", ""])
      expect([line, needsTerminal(line)]).toEqual([line, false]);
  });
});
