/** The session in a real pty: what a person does while a simulated, scripted model writes, at several paces. */
import { chmodSync, readFileSync, readdirSync, statSync, utimesSync } from "node:fs";
import { type Sim, startSim } from "@twolane/responses/sim";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, git, openSandbox } from "./command.ts";
import type { EmulatorOptions } from "./emulator.ts";
import { type Screen, binary, openScreen } from "./pty.ts";

const files = 8;
const old = (n: number): string => `export const value${n} = "old";\n`;
const fresh = (n: number): string => `export const value${n} = "fresh-${n}";\n`;
const editOf = (count: number): string =>
  `*** Begin Patch\n${Array.from({ length: count }, (_, n) => `*** Update File: src/f${n}.ts\n@@\n-${old(n)}+${fresh(n)}`).join("")}*** End Patch\n`;

const identity = { GIT_AUTHOR_NAME: "test", GIT_COMMITTER_NAME: "test", EMAIL: "test@example.org" };

let sim: Sim;
let sandbox: Sandbox;
const open: Screen[] = [];

beforeAll(async () => {
  const write = (tokensPerSecond: number) => ({
    when: { prompt: `^write at ${tokensPerSecond}\\b` },
    reply: [{ text: "I change the values. " }, { call: { name: ["edit"], input: editOf(files) } }, { text: "All done." }],
    pace: { tokensPerSecond, ttftMs: 20 },
  });
  sim = await startSim({
    port: 0,
    scenario: {
      answers: [
        ...[20, 200, 1000, 4000].map(write),
        {
          when: { prompt: "plan the values$|Carry out the plan" },
          reply: [{ call: { name: ["edit"], input: editOf(2) } }, { text: "So." }],
        },
        { when: { prompt: "Go on where" }, reply: [{ text: "Going on." }] },
        { when: { prompt: "talk" }, reply: [{ repeat: 400, steps: [{ text: "word " }] }], pace: { tokensPerSecond: 200 } },
        { when: { prompt: "[^\\n]*$" }, reply: [{ text: "Understood: $0" }] },
      ],
    },
  });
});
afterAll(() => sim.close());
afterEach(() => {
  for (const screen of open.splice(0)) screen.kill();
  sandbox.remove();
});

interface StartOptions extends EmulatorOptions {
  /** A folder that comes first in PATH. */
  readonly path?: string;
  readonly cache?: string;
}

function start(args: readonly string[] = [], { path, cache, ...options }: StartOptions = {}): Screen {
  const PATH = [...(path === undefined ? [] : [path]), sandbox.env["PATH"]].join(":");
  const env = { ...sandbox.env, ...identity, TWOLANE_SIM_URL: sim.url, PATH, ...(cache && { XDG_CACHE_HOME: cache }) };
  const screen = openScreen({ cwd: sandbox.folder, env, args: ["-m", "sim/scripted", ...args], ...options });
  open.push(screen);
  return screen;
}

function prepare(): void {
  sandbox = openSandbox();
  for (let n = 0; n < files; n++) sandbox.write(`src/f${n}.ts`, old(n));
  git(sandbox.folder, "init", "-q");
  git(sandbox.folder, "add", "-A");
  git(sandbox.folder, "commit", "-qm", "first");
}

const landed = (n: number): boolean => sandbox.read(`src/f${n}.ts`) === fresh(n);
const landedCount = (): number => Array.from({ length: files }, (_, n) => n).filter(landed).length;
const shows =
  (text: string) =>
  (screen: Screen): boolean =>
    screen.scrollback().join("\n").includes(text);

describe.each([20, 200, 1000, 4000])("at %i tokens a second", (pace) => {
  it("lands while it writes, stops and keeps what is done, goes on, reviews, leaves the terminal as it was", async () => {
    prepare();
    const screen = start();
    await screen.until("fast");
    screen.write(`write at ${pace}`);
    await screen.until(`write at ${pace}`);
    screen.press("enter");
    await screen.until(() => landed(0));
    // Sizes and a paste in the middle of it; the paste is no prompt.
    await screen.resize(60, 18);
    screen.paste(Array.from({ length: 5000 }, (_, n) => `pasted line ${n}`).join("\n"));
    await screen.resize(120, 40);
    if (pace < 4000) {
      screen.press("ctrl-c");
      await screen.until(shows("Stopped;"));
      const kept = landedCount();
      expect(kept).toBeGreaterThan(0);
      for (let n = 0; n < files; n++) expect([old(n), fresh(n)]).toContain(sandbox.read(`src/f${n}.ts`));
      await screen.until("[pasted 5,000 lines]");
      screen.press("ctrl-c");
      await screen.until((now) => !now.lines().join("\n").includes("[pasted"));
      screen.write("/continue");
      screen.press("enter");
      await screen.until("Going on.");
      expect(landedCount()).toBe(kept);
    } else {
      await screen.until("All done.");
      screen.press("ctrl-c");
      expect(landedCount()).toBe(files);
    }
    screen.press("tab");
    await screen.until("Review");
    await new Promise((resolve) => setTimeout(resolve, 350));
    screen.press("n");
    await screen.until(() => !landed(0));
    screen.press("esc");
    await screen.until((now) => !now.lines().join("\n").includes("Review "));
    screen.press("ctrl-c", "ctrl-c");
    expect((await screen.exited).status).toBe(0);
    expect(screen.scrollback().join("\n").trim()).toMatch(/twolane --continue goes on here\.$/);
    expect(screen.modes()).toMatchObject({ bracketedPaste: false, cursorVisible: true, kittyFlags: 0, alternateScreen: false });
  });
});

describe("the session in a terminal", () => {
  it("steers while it writes: the message is sent at once, once, and what stayed is told", async () => {
    prepare();
    const screen = start();
    await screen.until("fast");
    screen.write("talk to me");
    screen.press("enter");
    await screen.until("word word");
    screen.write("be brief");
    screen.press("enter");
    await screen.until(shows("Understood: be brief"));
    const asked = sim.requests.filter(({ body }) => JSON.stringify(body ?? "").includes("be brief"));
    expect(asked).toHaveLength(1);
  });

  it("stops with Esc where a lone ESC is a key, between the terminal's answers to frames", async () => {
    prepare();
    const screen = start([], { keyboard: "legacy" });
    await screen.until("fast");
    screen.write("talk to me\r");
    await screen.until("word word");
    screen.write("\u001b");
    await screen.until(shows("Stopped;"), { timeout: 1000 });
  });

  it("queues with Tab and sends it when the turn is over", async () => {
    prepare();
    const screen = start();
    await screen.until("fast");
    screen.write("write at 200");
    screen.press("enter");
    await screen.until(() => landed(0));
    screen.write("and then this");
    screen.press("tab");
    // It may be sent before anybody looks; it has been on the screen then.
    const drawn = (): string =>
      Buffer.concat(screen.raw().map(({ bytes }) => bytes))
        .toString()
        .replaceAll(/\u001b\[[0-9;]*m/g, "");
    await screen.until(() => drawn().includes("next:  and then this"));
    await screen.until(shows("Understood: and then this"));
    expect(landedCount()).toBe(files);
  });

  it("goes on after kill -9 with review, text and undo", async () => {
    prepare();
    const first = start();
    await first.until("fast");
    first.write("write at 200");
    first.press("enter");
    await first.until(() => landed(1));
    first.kill("SIGKILL");
    await first.exited;
    const kept = landedCount();
    const second = start(["--continue"]);
    await second.until("The last turn was cut off; /continue goes on with it.");
    second.write("what stands?");
    second.press("enter");
    await second.until(shows("Understood: "));
    expect(sim.requests.some(({ body }) => JSON.stringify(body ?? "").includes("was cut off. On disk from it"))).toBe(true);
    second.write("/undo t1");
    second.press("enter");
    await second.until(() => landedCount() === 0);
    expect(kept).toBeGreaterThan(1);
  });

  it("ends when the terminal goes away, also while it waits for a yes, and goes on with what was decided", async () => {
    prepare();
    const first = start(["--mode", "step"]);
    await first.until("fast step");
    first.write("write at 4000");
    first.press("enter");
    await first.until("h1 waits for you");
    first.write("/accept h1");
    first.press("enter");
    await first.until("h2 waits for you");
    first.write("half a thought");
    await first.until("half a thought");
    first.kill("SIGHUP");
    expect((await first.exited).status).toBe(0);
    const second = start(["--continue"]);
    await second.until(shows("resumed"));
    await second.until(/✓1 ◌\d/);
    second.press("up");
    await second.until("half a thought");
    second.press("ctrl-u");
    expect(second.lines().join("\n")).not.toContain("cut off");
    // What waited is gone with its prompt.
    second.write("/rewind");
    second.press("enter");
    await second.until("Back to before which prompt");
    second.press("enter");
    await second.until("conversation and files");
    second.press("enter");
    await second.until(() => landedCount() === 0);
    await second.until((now) => now.lines().at(-1)?.includes("◌") === false);
  });

  it("commits what is accepted, from the list to the log", async () => {
    prepare();
    const screen = start();
    await screen.until("fast");
    screen.write("write at 4000");
    screen.press("enter");
    await screen.until(shows("All done."));
    screen.write("/accept h1 h2");
    screen.press("enter");
    await screen.until(shows("h2 accepted"));
    screen.write("/commit");
    screen.press("enter");
    await screen.until("Enter commits 2 hunks");
    screen.press("enter");
    await screen.until(shows("2 hunks"));
    await screen.until(() => git(sandbox.folder, "log", "--format=%s", "-1").trim() !== "first");
    expect(git(sandbox.folder, "show", "--stat", "--format=%s").trim().split("\n")[0]).toBe("Write at 4000");
    expect(git(sandbox.folder, "status", "--porcelain").trim().split("\n")).toHaveLength(files - 2);
    await screen.until(`●${files - 2}`);
    screen.write("!git commit -qam rest");
    screen.press("enter");
    await screen.until(shows("are in your commit"));
    await screen.until((now) => now.lines().at(-1)?.includes("●") === false);
  });

  it("sees at once, with nothing running, what is committed by hand and who else is open here", async () => {
    prepare();
    const screen = start();
    await screen.until("›");
    screen.write("write at 4000\r");
    await screen.until("8 undecided");
    git(sandbox.folder, "checkout", "-qb", "topic/other");
    git(sandbox.folder, "commit", "-qam", "by hand");
    await screen.until(/h1–h8 are in your commit/, { timeout: 2000 });
    const other = start();
    await screen.until(/Another twolane is open in this folder/, { timeout: 4000 });
    await other.until(/Another twolane is open in this folder/);
    screen.write("/status\r");
    await screen.until(/folder +1 more twolane/);
    expect(
      screen
        .scrollback()
        .join("\n")
        .match(/Another twolane/g),
    ).toHaveLength(1);
  });

  it("goes back to before a prompt, and on again to the end of what was left: words and files", async () => {
    prepare();
    const screen = start();
    await screen.until("›");
    const take = async (...choices: readonly string[]): Promise<void> => {
      screen.write("/rewind\r");
      for (const choice of choices) {
        await screen.until(choice);
        screen.press("enter");
      }
    };
    screen.write("write at 4000\r");
    await screen.until("8 undecided");
    await take("8 hunks since", "as it was before that prompt");
    await screen.until("8 hunks taken back");
    expect(landedCount()).toBe(0);
    // The prompt stands on the line again; another one goes another way.
    screen.press("ctrl-u");
    screen.write("another way\r");
    await screen.until("Understood: another way");
    screen.write("/rewind\r");
    await screen.until(/on to the end of: write at 4000 .*left with 8 hunks/);
    screen.press("down", "enter");
    await screen.until("Take up again");
    screen.press("enter");
    await screen.until("8 hunks landed again");
    expect(landedCount()).toBe(8);
    await screen.until("●8");
    screen.write("what now\r");
    await screen.until("Understood: what now");
    const asked = JSON.stringify(sim.requests.at(-1)?.body ?? "");
    expect([asked.includes("write at 4000"), asked.includes("another way")]).toEqual([true, false]);
    screen.write("/rewind\r");
    await screen.until(/on to the end of: another way/);
  });

  it("carries a plan out: what the plan held is written again, and the commit is about what was asked", async () => {
    prepare();
    const screen = start();
    await screen.until("›");
    screen.write("/mode plan\r");
    await screen.until("fast plan");
    screen.write("plan the values\r");
    await screen.until("2 undecided");
    screen.press("tab");
    await screen.until("carries the plan out");
    screen.write("P");
    await screen.until(() => landedCount() === 2);
    await screen.until("●2");
    expect(screen.lines().at(-1)).not.toContain("◌");
    screen.write("/accept all\r");
    await screen.until("✓2");
    screen.write("/commit\r");
    await screen.until("Plan the values");
  });

  it("waits for a yes in step mode, one hunk after the other", async () => {
    prepare();
    const screen = start(["--mode", "step"]);
    await screen.until("fast step");
    screen.write("write at 4000");
    screen.press("enter");
    await screen.until("h1 waits for you");
    expect(landedCount()).toBe(0);
    screen.press("tab");
    await screen.until("Review");
    await new Promise((resolve) => setTimeout(resolve, 350));
    // Each answer goes to the next hunk, as fast as one types.
    for (const key of ["y", "n", "y"]) screen.press(key);
    await screen.until(() => landed(2));
    await screen.until("h4 waits for you");
    screen.press("ctrl-c");
    await screen.until(shows("Stopped;"));
    expect([0, 1, 2, 3].map(landed)).toEqual([true, false, true, false]);
    for (let n = 4; n <= files; n++) screen.press("y");
    await screen.until("nothing waits");
    screen.press("n", "n");
    await screen.until("Nothing waits for an answer");
    await screen.until(() => landedCount() === files - 1);
  });

  it("completes paths, runs a command of the person's, and answers aside", async () => {
    prepare();
    const screen = start();
    await screen.until("fast");
    screen.write("look at @f3");
    await screen.until("src/f3.ts");
    screen.press("tab");
    await screen.until("look at @src/f3.ts");
    screen.press("ctrl-c");
    for (const [line, said] of [
      ["/scope src", "Only src may change."],
      ["/scope nowhere", "Nothing is at nowhere yet"],
      ["/scope all", "All paths may change."],
      ["/mode step", "step from now on: each waits for a yes."],
    ] as const) {
      screen.write(line);
      await screen.until(line);
      screen.press("enter");
      await screen.until(said);
    }
    screen.write("!echo from the shell");
    screen.press("enter");
    await screen.until(shows("from the shell"));
    screen.write("/btw how are you");
    screen.press("enter");
    await screen.until(shows("Understood"));
  });

  it("runs a command of the person's beside the turn: output as it comes, Ctrl-C ends it, and it never outlives us", async () => {
    prepare();
    const screen = start();
    await screen.until("fast");
    screen.write("!echo first; sleep 60; echo never\r");
    await screen.until(/^ {2}first$/m);
    await screen.until(/running: echo first; sleep 60; echo never {2}\d\.\d s \(Ctrl-C stops it\)/);
    screen.press("ctrl-c");
    await screen.until("was ended by SIGINT");
    screen.write("!cat; exit 3\r");
    await screen.until(/cat; exit 3 ended with 3/);
    screen.write("!trap '' INT TERM; echo pid=$$; sleep 60\r");
    await screen.until(/pid=\d+$/m);
    const pid = Number(/pid=(\d+)$/m.exec(screen.lines().join("\n"))?.[1]);
    screen.press("ctrl-d");
    expect((await screen.exited).status).toBe(0);
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it("gives the terminal to a program that fills it, and takes it back", async () => {
    prepare();
    sandbox.write("bin/vim", '#!/bin/sh\necho "vim is up"\nread -r line\necho "typed into vim: $line"\nread -r again\n');
    chmodSync(`${sandbox.folder}/bin/vim`, 0o755);
    const screen = start(["--mode", "flow"], { path: `${sandbox.folder}/bin` });
    await screen.until("fast");
    screen.write("!vim notes\r");
    await screen.until("vim is up");
    expect(screen.modes()).toMatchObject({ bracketedPaste: false });
    screen.write("hello\r");
    await screen.until("typed into vim: hello");
    screen.write("\r");
    await screen.until("vim notes ended with 0");
    await screen.until(({ lines }) => lines().some((line) => line.startsWith("fast")));
    expect(screen.modes()).toMatchObject({ bracketedPaste: true });
  });

  it("has its screen again at once when it comes back from the background", async () => {
    prepare();
    const env = { ...sandbox.env, TWOLANE_SIM_URL: sim.url, PS1: "shell> " };
    const shell = openScreen({ command: "/bin/bash", args: ["--norc", "--noediting", "-i"], cwd: sandbox.folder, env });
    open.push(shell);
    await shell.until("shell>");
    shell.write(`'${process.execPath}' '${binary}' -m sim/scripted\r`);
    await shell.until("fast");
    shell.write("half a thought");
    await shell.until("› half a thought");
    shell.press("ctrl-z");
    await shell.until(({ lines }) => /Stopped[^]*shell>$/.test(lines().join("\n").trimEnd()));
    shell.write("clear; fg\r");
    await shell.until(({ lines }) => lines().includes("› half a thought") && lines().some((line) => line.startsWith("fast")));
    shell.press("ctrl-c", "ctrl-d");
    await shell.until(({ modes }) => !modes().bracketedPaste);
  });

  it("leaves a code cache that the next start takes", async () => {
    prepare();
    const cache = `${sandbox.folder}/../cache`;
    const once = async (): Promise<void> => {
      const screen = start([], { cache });
      await screen.until("fast");
      screen.press("ctrl-d");
      expect((await screen.exited).status).toBe(0);
    };
    for (let nth = 0; nth < 3; nth++) await once();
    const folder = `${cache}/twolane/code`;
    const [name = ""] = readdirSync(folder);
    // One that is refused is written anew.
    const anHourAgo = Date.now() / 1000 - 3600;
    utimesSync(`${folder}/${name}`, anHourAgo, anHourAgo);
    await once();
    expect(statSync(`${folder}/${name}`).mtimeMs / 1000).toBeCloseTo(anHourAgo, 0);
  });

  it("speaks line by line where there is no screen", async () => {
    prepare();
    const running = sandbox.start(["--plain", "-m", "sim/scripted"], { env: { ...identity, TWOLANE_SIM_URL: sim.url } });
    running.say("write at 4000");
    await running.until("All done.");
    running.say("/reject h1");
    await running.until("rejected");
    running.say("/status");
    await running.until("7 landed");
    running.say("?");
    await running.until("/rewind ");
    running.say("/help undo");
    await running.until("/undo [t2 | h3 … | session]: take back");
    running.say("!echo from the shell; exit 3");
    await running.until("exit 3 ended with 3");
    running.say("/accept h2");
    await running.until("h2 accepted");
    running.say("/commit");
    await running.until("An empty line commits 1 hunk");
    running.say("Make the second value fresh");
    await running.until("1 hunk\n");
    expect(git(sandbox.folder, "log", "--format=%B", "-1")).toMatch(/^Make the second value fresh\n\nAssisted-by: twolane:sim/);
    running.process.stdin?.end();
    expect((await running.done).status).toBe(0);
    expect(readFileSync(`${sandbox.folder}/src/f0.ts`, "utf8")).toBe(old(0));
  });
});
