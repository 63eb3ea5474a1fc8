/** What a person without a model can do from the screen alone: look at a replay, name a server, see what is missing. */
import { startSim } from "@twolane/responses/sim";
import { expect, it } from "vitest";
import { openSandbox } from "./command.ts";
import { openScreen } from "./pty.ts";

it("leads from no model to a replay, to what a key is needed for, and to a server", async () => {
  const sandbox = openSandbox();
  const sim = await startSim({ port: 0 });
  const screen = openScreen({ cwd: sandbox.folder, env: sandbox.env, args: ["-m", "instant"], cols: 100 });
  const send = (line: string): void => {
    screen.write(line);
    screen.press("enter");
  };
  try {
    await screen.until("fast · instant");
    send("make it faster");
    await screen.until("/model in the terminal, takes one");
    send("/model");
    await screen.until("replay your last commit");
    screen.press(...Array.from({ length: 12 }, () => "down"), "enter");
    await screen.until("A sample commit lands again");
    screen.press("ctrl-c");
    await screen.until("Stopped");
    screen.press("ctrl-c", "ctrl-c");
    await screen.until("twolane demo ended with 0");
    send("/model cerebras");
    await screen.until("Or type it: /model cerebras KEY");
    screen.write("/model cerebras csk-never-shown");
    await screen.until("/model cerebras •••••••••••••••");
    screen.press("ctrl-c");
    send(`${sim.url}/v1`);
    await screen.until("answers from the next request on");
    send("hello");
    await screen.until("[scripted] This is a simulated model");
    screen.press("ctrl-c", "ctrl-c");
    expect((await screen.exited).status).toBe(0);
    expect(screen.scrollback().join("\n")).not.toContain("csk-");
  } finally {
    screen.kill();
    await sim.close();
    sandbox.remove();
  }
});
