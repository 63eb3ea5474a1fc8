/** The demo, without a terminal and in one, on a repository and where there is none. */
import { afterEach, describe, expect, it } from "vitest";
import { type Sandbox, git, openSandbox } from "./command.ts";
import { openScreen } from "./pty.ts";

let sandbox: Sandbox;
afterEach(() => sandbox.remove());

const text = (word: string): string => Array.from({ length: 40 }, (_, n) => `${word} line ${n} of the file\n`).join("");

function repository(): void {
  sandbox = openSandbox();
  git(sandbox.folder, "init", "-q");
  for (const name of ["a.txt", "b.txt", "c.txt"]) sandbox.write(name, text("old"));
  git(sandbox.folder, "add", "-A");
  git(sandbox.folder, "commit", "-qm", "first");
  for (const name of ["a.txt", "b.txt", "c.txt"])
    sandbox.write(name, text("old").replace("line 5 ", "line five ").replace("line 30 ", "line thirty "));
  git(sandbox.folder, "commit", "-qam", "Numbers as words");
}

describe("twolane demo", () => {
  it("plays the last commit of the repository, proves each claim on disk, and leaves the repository as it was", async () => {
    repository();
    const before = sandbox.hash();
    const { status, stdout } = await sandbox.run(["demo"]);
    expect(stdout).toContain('"Numbers as words"; only the pace is simulated');
    expect(stdout.match(/✓/g)).toHaveLength(6);
    expect(stdout).not.toContain("✗");
    expect(status).toBe(0);
    expect(sandbox.hash()).toBe(before);
  });

  it("brings a project along where there is none", async () => {
    sandbox = openSandbox();
    const { status, stdout } = await sandbox.run(["demo"]);
    expect(stdout).toContain("a small project that comes along");
    expect([status, stdout.includes("✗")]).toEqual([0, false]);
  });

  it("names a commit that is not there, and a pace that is none", async () => {
    repository();
    expect((await sandbox.run(["demo", "--commit", "nope"])).status).toBe(2);
    expect((await sandbox.run(["demo", "--pace", "fast"])).status).toBe(2);
  });

  it("guides through the loop in a terminal", async () => {
    repository();
    const screen = openScreen({ cwd: sandbox.folder, env: sandbox.env, args: ["demo", "--pace", "65"], cols: 110 });
    try {
      await screen.until("Press Ctrl-C now");
      screen.press("ctrl-c");
      await screen.until("type /continue");
      screen.write("/pace 300");
      screen.press("enter");
      screen.write("/continue");
      screen.press("enter");
      await screen.until("skip c.txt");
      screen.write("skip c.txt");
      screen.press("enter");
      await screen.until("is at its end");
      await screen.until("Press Tab");
      screen.press("tab");
      await screen.until("Review");
      await new Promise((resolve) => setTimeout(resolve, 350));
      screen.press("n");
      await screen.until("/undo session");
      screen.press("esc");
      await new Promise((resolve) => setTimeout(resolve, 350));
      screen.write("/undo session");
      screen.press("enter");
      await screen.until("That is the loop");
      screen.press("ctrl-c", "ctrl-c");
      expect((await screen.exited).status).toBe(0);
    } finally {
      screen.kill();
    }
  });
});
