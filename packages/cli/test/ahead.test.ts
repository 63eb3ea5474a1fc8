/** The turn before Enter, in a real pty: while one types the screen says what Enter would do, and the disk stays as it is until then. */
import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { openSandbox } from "./command.ts";
import { openScreen } from "./pty.ts";

it("says how many hunks in how many files, and lands them with Enter", async () => {
  const sandbox = openSandbox();
  const [a, b] = ["export const old = 1;\n", 'import { old } from "./a";\nexport const b = old;\n'];
  sandbox.write("a.ts", a);
  sandbox.write("b.ts", b);
  const text = (name: string): string => fs.readFileSync(path.join(sandbox.folder, name), "utf8");
  const screen = openScreen({ cwd: sandbox.folder, env: sandbox.env, args: ["-m", "instant"], cols: 100 });
  try {
    await screen.until("fast · instant");
    screen.write("rename old to fresh");
    await screen.until("Enter: 2 hunks in 2 files", { timeout: 20_000 });
    expect([text("a.ts"), text("b.ts")]).toEqual([a, b]);
    screen.write("er");
    await screen.until((now) => !now.lines().join("\n").includes("Enter: 2 hunks in 2 files"));
    await screen.until("Enter: 2 hunks in 2 files");
    screen.press("enter");
    await screen.until(() => text("b.ts").includes("fresher"));
    expect(text("a.ts")).toBe("export const fresher = 1;\n");
    await screen.until((now) => !now.lines().join("\n").includes("Enter: 2 hunks"));
  } finally {
    screen.kill();
    sandbox.remove();
  }
}, 60_000);
