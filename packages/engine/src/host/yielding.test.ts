import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import os from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { lacks } from "../../../../tools/needs.ts";
import { childrenOf } from "./process-table.ts";
import { yieldToOthers } from "./yielding.ts";

const started: number[] = [];
afterEach(() => {
  for (const pid of started.splice(0)) process.kill(-pid, "SIGKILL");
});

function start(script: string): number {
  const child = spawn("sh", ["-c", script], { detached: true, stdio: "ignore" });
  if (child.pid === undefined) throw new Error("it did not start");
  started.push(child.pid);
  yieldToOthers(child);
  return child.pid;
}

/** E.g. `/autogroup-7 nice 10`; empty where sessions are not weighed. */
function weightOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/autogroup`, "utf8").trim();
  } catch {
    return "";
  }
}
const weighs =
  weightOf(process.pid) !== "" || lacks("autogroups", { for: "weights of sessions", get: "a Linux with CONFIG_SCHED_AUTOGROUP" });

it.skipIf(process.platform === "win32")("has a low priority", () => {
  expect(os.getPriority(start("sleep 20"))).toBe(10);
});

it.runIf(weighs)("has little weight as a session, and so has a session that begins in it", async () => {
  const before = weightOf(process.pid);
  const pid = start("setsid sleep 20 & wait");
  const inner = (): number | undefined => childrenOf(pid)[0];
  const isReached = (): boolean => weightOf(inner()) !== weightOf(pid) && weightOf(inner()).endsWith("nice 10");
  for (let patience = 200; patience > 0 && !isReached(); patience--) await pause(10);
  expect(weightOf(pid)).toMatch(/nice 10$/);
  expect(isReached()).toBe(true);
  expect(weightOf(process.pid)).toBe(before);
  process.kill(inner() ?? 0, "SIGKILL");
});
