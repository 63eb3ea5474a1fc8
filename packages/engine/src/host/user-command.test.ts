/** A person's own commands with real shells: no keyboard, and nothing is left running. */
import os from "node:os";
import { describe, expect, it } from "vitest";
import { processIdentity } from "./process.ts";
import { createUserCommands } from "./user-command.ts";

function start(line: string) {
  const commands = createUserCommands(os.tmpdir());
  const controller = new AbortController();
  let output = "";
  let wake = (): void => {};
  const end = commands.run(line, {
    signal: controller.signal,
    onOutput(text) {
      output += text;
      wake();
    },
  });
  return {
    ...{ commands, end, stop: () => controller.abort(), output: () => output },
    async until(text: string) {
      while (!output.includes(text)) await new Promise<void>((resolve) => void (wake = resolve));
    },
  };
}

/**
 * Says that it is ready, and sleeps. One program does both: between an `echo` of the shell and the `sleep` behind it a signal would reach a
 * shell that has begun neither to wait nor to run something.
 */
const sleeper = `"${process.execPath}" -e 'console.log(process.ppid, "ready"); setTimeout(() => {}, 60_000)'; echo never`;

const gone = async (pid: number): Promise<void> => {
  while (processIdentity(pid) !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("a person's own command", () => {
  it("gives both streams and its status", async () => {
    const run = start("echo out; echo err >&2; exit 3");
    expect(await run.end).toEqual({ status: 3 });
    expect(run.output().split("\n").sort()).toEqual(["", "err", "out"]);
  });

  it("has no keyboard, no terminal to draw on and none to ask", async () => {
    const run = start('cat; echo "$TERM"; test -t 1 || echo "no screen"; (: </dev/tty) 2>/dev/null || echo "no terminal"');
    expect(await run.end).toEqual({ status: 0 });
    expect(run.output()).toBe("dumb\nno screen\nno terminal\n");
  });

  it.each([
    ["a plain one by SIGINT", sleeper, "SIGINT"],
    ["one that hears only SIGTERM", "trap '' INT; echo $$ ready; sleep 60 & wait", "SIGTERM"],
    ["one that hears nothing", "trap '' INT TERM; echo $$ ready; while :; do sleep 60; done", "SIGKILL"],
  ])("is stopped with all it started: %s", async (_name, line, signal) => {
    const run = start(line);
    await run.until("ready");
    const pid = Number.parseInt(run.output(), 10);
    run.stop();
    expect(await run.end).toEqual({ signal });
    await gone(pid);
  });

  it("ends with the session", async () => {
    const run = start(sleeper);
    await run.until("ready");
    await run.commands.close();
    await gone(Number.parseInt(run.output(), 10));
    expect(await run.end).toEqual({ signal: "SIGINT" });
  });
});
