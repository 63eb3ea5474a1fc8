/** What is typed before the command is loaded: it shows at once, and nothing of it is lost. */
import { afterEach, describe, expect, it } from "vitest";
import { openSandbox } from "./command.ts";
import { type Screen, openScreen } from "./pty.ts";

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

function open(typed: string): Screen {
  const sandbox = openSandbox();
  sandbox.write("a.txt", "one\n");
  const screen = openScreen({ cwd: sandbox.folder, env: sandbox.env, args: ["-m", "instant"] });
  ended.push(
    () => screen.kill(),
    () => sandbox.remove(),
  );
  screen.write(typed);
  return screen;
}

/** A drawn screen is full of escape sequences. */
const beforeTheScreen = (screen: Screen): string =>
  Buffer.concat(screen.raw().map(({ bytes }) => bytes))
    .toString()
    .split("\u001b")[0] ?? "";

describe("typed while the command still loads", () => {
  it.each(["x", "ж", "漢"])("%s shows before the screen is drawn", async (key) => {
    const screen = open(key);
    await screen.until("fast · instant");
    expect(beforeTheScreen(screen)).toContain(`\r› ${key}`);
  });

  it.each([
    ["longer than a line", "word ".repeat(40), "word".repeat(40)],
    ["what moves the cursor", "ac\u001b[Db\u001b[C", "abc"],
  ])("%s shows with the screen, and is all there", async (_, text, wanted) => {
    const screen = open(text);
    await screen.until("fast · instant");
    expect(beforeTheScreen(screen).split("› ")[1]).toBe("");
    screen.write("END");
    await screen.until("END");
    expect(screen.lines().join("").replaceAll(/\s+/g, "")).toContain(`${wanted}END`);
  });
});
