import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { openRefusedHosts } from "./refused-hosts.ts";

const home = mkdtempSync(join(tmpdir(), "twolane-refused-"));
afterEach(() => rmSync(home, { recursive: true, force: true }));

it("remembers hosts until their time, across starts, and forgets a damaged file", () => {
  const now = Date.now();
  const first = openRefusedHosts(home);
  first.set("a:443", now + 60_000);
  first.set("b:443", now - 1);
  expect(openRefusedHosts(home).get("a:443")).toBe(now + 60_000);
  expect(openRefusedHosts(home).get("b:443")).toBeUndefined();
  writeFileSync(join(home, "twolane/refused-upgrades.json"), "{half");
  expect(openRefusedHosts(home).get("a:443")).toBeUndefined();
});

it("costs nothing where it cannot be written", () => {
  const nowhere = openRefusedHosts("/proc/nowhere");
  nowhere.set("a:443", Date.now() + 1000);
  expect(nowhere.get("a:443")).toBeDefined();
});
