import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { takeLock } from "./lock-file.ts";
import { childEnvironment, isRunning, processIdentity, systemProcesses } from "./process.ts";

const node = (script: string, options = {}) =>
  systemProcesses.run({
    command: process.execPath,
    args: ["-e", script],
    cwd: os.tmpdir(),
    timeoutMs: 10_000,
    outputLimit: 1000,
    ...options,
  });

it("hands output over piece by piece, and others are heard between the pieces", async () => {
  let [piecesInOneGo, most, size] = [0, 0, 0];
  let isOver = false;
  const turn = (): void => {
    piecesInOneGo = 0;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const outcome = await systemProcesses.run({
    ...{ command: process.execPath, args: ["-e", "process.stdout.write('x'.repeat(4_000_000) + 'é')"], cwd: "/" },
    ...{ timeoutMs: 20_000, outputLimit: 10_000_000 },
    onOutput(piece) {
      size += piece.length;
      most = Math.max(most, ++piecesInOneGo);
    },
  });
  isOver = true;
  expect(outcome).toMatchObject({ kind: "exited", stdout: "", cut: false });
  expect(size).toBe(4_000_001);
  expect(most).toBeLessThanOrEqual(2);
});

describe("processes", () => {
  it("gives status and output, and cuts what is too much", async () => {
    expect(await node("process.stdout.write('out'); process.stderr.write('err'); process.exitCode = 3")).toEqual({
      kind: "exited",
      status: 3,
      stdout: "out",
      stderr: "err",
      cut: false,
    });
    const flood = await node("for (let i = 0; i < 1000; i++) process.stdout.write('0123456789')");
    expect(flood).toMatchObject({ kind: "exited", cut: true });
    expect(flood.kind === "exited" && flood.stdout.length).toBe(1000);
  });

  it("hands over the input", async () => {
    expect(await node("process.stdin.pipe(process.stdout)", { input: "hello" })).toMatchObject({ stdout: "hello" });
  });

  it("says that a program is not there", async () => {
    expect(await node("", { command: "/nowhere/program" })).toEqual({ kind: "missing", code: "ENOENT" });
  });

  it("kills the whole group when the time is over", async () => {
    const script =
      "const { spawn } = require('child_process'); const c = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }); process.stdout.write(String(c.pid)); setInterval(() => {}, 1000)";
    const outcome = await node(script, { timeoutMs: 700 });
    expect(outcome).toMatchObject({ kind: "killed", why: "timeout" });
    const grandchild = Number(outcome.kind === "killed" && outcome.stdout);
    expect(grandchild).toBeGreaterThan(0);
    // The output could only be closed because nobody held it any more.
    for (let wait = 0; wait < 100 && isRunning(processIdentity(grandchild) ?? ""); wait++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(processIdentity(grandchild) === undefined || fs.readFileSync(`/proc/${grandchild}/stat`, "utf8").includes(") Z")).toBe(
      true,
    );
  });

  it("stops when asked to", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    expect(await node("setInterval(() => {}, 1000)", { signal: stop.signal })).toMatchObject({ kind: "killed", why: "stopped" });
  });

  it("keeps our extra certificates to itself", () => {
    process.env["NODE_EXTRA_CA_CERTS"] ??= "/some/file";
    expect(Object.keys(childEnvironment({ A: "1" }))).toContain("A");
    expect(Object.keys(childEnvironment())).not.toContain("NODE_EXTRA_CA_CERTS");
  });
});

it.runIf(process.platform === "linux")(
  "counts a killed process as gone also while its parent has not asked for its end",
  async () => {
    const parent = spawn("sh", ["-c", "sleep 50 & echo $!; exec sleep 50"], { stdio: ["ignore", "pipe", "ignore"] });
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const child = Number(line.toString());
    const until = async (isSo: () => boolean): Promise<void> => {
      while (!isSo()) await new Promise((wake) => setTimeout(wake, 5));
    };
    // The shell would ask; what has taken its place never does.
    await until(() => fs.readFileSync(`/proc/${parent.pid}/comm`, "latin1") === "sleep\n");
    process.kill(child, "SIGKILL");
    await until(() => fs.readFileSync(`/proc/${child}/stat`, "latin1").includes(") Z "));
    expect(processIdentity(child)).toBeUndefined();
    parent.kill();
  },
);

describe("the lock", () => {
  const made: string[] = [];
  afterAll(() => {
    for (const place of made) fs.rmSync(place, { recursive: true });
  });
  const folder = (): string => {
    const place = fs.mkdtempSync(path.join(os.tmpdir(), "twolane-lock-"));
    made.push(place);
    return path.join(place, "lock");
  };

  it("is held by one at a time", async () => {
    const place = folder();
    let inside = 0;
    let most = 0;
    const visit = async (): Promise<void> => {
      const release = await takeLock(place);
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 1));
      inside--;
      release();
    };
    await Promise.all(Array.from({ length: 20 }, visit));
    expect(most).toBe(1);
    expect(fs.readdirSync(place)).toEqual(["free"]);
  });

  it("is taken from a process that is gone", async () => {
    const place = folder();
    fs.mkdirSync(place);
    fs.writeFileSync(path.join(place, "999999999@1-abcdef012345"), "");
    const release = await takeLock(place);
    release();
    expect(fs.readdirSync(place)).toEqual(["free"]);
  });

  it("is made anew where whoever made the folder died before it made the lock", async () => {
    const place = folder();
    fs.mkdirSync(place);
    (await takeLock(place))();
    expect(fs.readdirSync(place)).toEqual(["free"]);
  });
});
