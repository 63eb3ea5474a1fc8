/** `twolane trust` as a person runs it. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { startSim } from "@twolane/responses/sim";
import { needs } from "../../../tools/needs.ts";
import { type Sandbox, openSandbox } from "./command.ts";
import { openScreen } from "./pty.ts";

let sandbox: Sandbox;
beforeEach(() => void (sandbox = openSandbox()));
afterEach(() => sandbox.remove());

it("is given, shown, asked again when the configuration changes, and taken back", async () => {
  fs.mkdirSync(path.join(sandbox.folder, ".twolane"));
  sandbox.write(".twolane/policy.yaml", "version: 1\n");
  expect(await sandbox.run(["trust", "--show"])).toMatchObject({ status: 3, stdout: expect.stringContaining("Not trusted: ") });
  const given = await sandbox.run(["trust"]);
  expect(given).toMatchObject({ status: 0, stdout: expect.stringContaining("  .twolane/policy.yaml\n") });
  expect(await sandbox.run(["trust", "--show"])).toMatchObject({ status: 0, stdout: expect.stringContaining("Trusted since ") });
  sandbox.write(".npmrc", "script-shell=./x\n");
  const changed = await sandbox.run(["trust", "--show"]);
  expect(changed).toMatchObject({ status: 3, stdout: expect.stringContaining("  .npmrc\n") });
  expect(changed.stdout).not.toContain("policy.yaml");
  expect((await sandbox.run(["trust"])).stdout).toContain("Changed since it was trusted last:\n  .npmrc\n");
  expect((await sandbox.run(["trust", "--revoke"])).status).toBe(0);
  const shown = JSON.parse((await sandbox.run(["trust", "--show", "--json"])).stdout);
  expect(shown).toMatchObject({ type: "trust", kind: "new" });
});

it("says what is wrong in one line", async () => {
  expect(await sandbox.run(["trust", "--show", "--revoke"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("exclude each other"),
  });
  const inside = await sandbox.run(["trust"], { env: { XDG_STATE_HOME: path.join(sandbox.folder, "state") } });
  expect(inside).toMatchObject({ status: 1, stderr: expect.stringContaining("could trust itself") });
});

it("is given, shown and taken back in a session", async () => {
  const lines = ["/trust show", "/trust", "/trust show", "/trust revoke", "/trust x", "/quit"];
  const { stdout } = await sandbox.run(["--plain", "-m", "instant"], { input: `${lines.join("\n")}\n` });
  const heads = stdout.split("\n").filter((line) => /^(?:Not trusted|Trusted|\/trust, )/.test(line));
  expect(heads.map((line) => line.replace(/[:\d].*/, ""))).toEqual([
    "Not trusted",
    "Trusted",
    "Trusted since ",
    "Not trusted",
    "/trust, /trust show or /trust revoke.",
  ]);
  expect((await sandbox.run(["trust", "--show"])).status).toBe(3);
});

const hasSandbox = needs("bwrap", { for: "sandboxed commands", get: "apt-get install bubblewrap" });

it.skipIf(!hasSandbox)("is asked for when a model first wants a command, by a key of its own, and counts at once", async () => {
  sandbox.write(".twolane/policy.yaml", 'version: 1\ncommands:\n  - allow: ["tee **"]\n');
  const reply = ["one.txt", "two.txt"].map((name) => ({
    call: { name: "run", arguments: { command: `echo ran | tee ${name}` } },
  }));
  const sim = await startSim({ scenario: { answers: [{ reply: [...reply, { text: "Both ran." }] }] } });
  const env = { ...sandbox.env, TWOLANE_SIM_URL: sim.url };
  const screen = openScreen({ cwd: sandbox.folder, env, args: ["-m", "sim/scripted"], cols: 120, rows: 40 });
  try {
    await screen.until("fast");
    screen.write("run it\r");
    await screen.until("This workspace is not trusted, so nothing of it is run (trust)");
    expect(fs.existsSync(path.join(sandbox.folder, "one.txt"))).toBe(false);
    screen.press("tab");
    await screen.until("t trust this workspace");
    screen.press("t");
    // The rule of the project counts from now on as well: neither command is asked about again.
    await screen.until((now) => now.scrollback().join("\n").includes("Both ran."));
    for (const name of ["one.txt", "two.txt"]) expect(sandbox.read(name)).toBe("ran\n");
  } finally {
    screen.kill();
    await sim.close();
  }
  expect((await sandbox.run(["trust", "--show"])).status).toBe(0);
});
