import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Hunk, HunkOperation } from "@twolane/protocol";
import { afterEach, expect, it, vi } from "vitest";
import { WorkspacePaths } from "./paths.ts";

const made: string[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
});

function workspace(...names: readonly string[]) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "twolane-paths-"));
  made.push(root);
  const write = (name: string): void => fs.writeFileSync(path.join(root, name), "");
  names.forEach(write);
  return { root, write, remove: (name: string) => fs.rmSync(path.join(root, name)) };
}

function landed(operation: HunkOperation, name: string, movedTo?: string) {
  const hunk: Hunk = {
    ...{ id: "h1", turn: "t1", operation, path: name, line: 1, linesAdded: 1, linesRemoved: 0 },
    ...(movedTo !== undefined && { movedTo }),
  };
  return { type: "hunk.landed", hunk, rung: "exact", merged: false, dryRun: false } as const;
}

it("knows at once what came and went, and what was worked with after the list is made anew", async () => {
  const { root, write, remove } = workspace("price-a.ts", "price-b.ts", "price-c.ts");
  const files = new WorkspacePaths(root);
  const match = async (): Promise<readonly string[]> => (await files.paths()).match("price", 10);
  expect(await match()).toEqual(["price-a.ts", "price-b.ts", "price-c.ts"]);
  files.observe(landed("update", "price-c.ts"));
  write("price-new.ts");
  files.observe(landed("create", "price-new.ts"));
  remove("price-a.ts");
  files.observe(landed("delete", "price-a.ts"));
  expect(await match()).toEqual(["price-new.ts", "price-c.ts", "price-b.ts"]);
  remove("price-b.ts");
  write("price-moved.ts");
  files.observe(landed("move", "price-b.ts", "price-moved.ts"));
  remove("price-new.ts");
  files.observe({ type: "hunk.rejected", hunk: "h1", path: "price-new.ts" });
  expect(await match()).toEqual(["price-moved.ts", "price-c.ts"]);
  write("price-other.ts");
  const later = performance.now() + 60_000;
  vi.spyOn(performance, "now").mockImplementation(() => later);
  await match();
  await vi.waitFor(async () => expect(await match()).toEqual(["price-moved.ts", "price-c.ts", "price-other.ts"]));
});
