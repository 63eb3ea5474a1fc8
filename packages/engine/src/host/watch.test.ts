import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Watcher, watchFiles } from "./watch.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "twolane-watch-"));
let watcher: Watcher | undefined;
afterEach(() => watcher?.close());

describe("watching files", () => {
  it("tells once of a save in place, and of one that gives the name to a new file; of no other file", async () => {
    const file = path.join(folder, "a.txt");
    fs.writeFileSync(file, "one");
    const told: string[] = [];
    let wake = (): void => {};
    watcher = watchFiles((changed) => {
      told.push(path.basename(changed));
      wake();
    });
    const next = (): Promise<void> => new Promise((resolve) => void (wake = resolve));
    watcher.follow(file);
    let seen = next();
    fs.writeFileSync(path.join(folder, "b.txt"), "other");
    fs.writeFileSync(file, "two");
    await seen;
    seen = next();
    fs.writeFileSync(`${file}.new`, "three");
    fs.renameSync(`${file}.new`, file);
    await seen;
    expect(told).toEqual(["a.txt", "a.txt"]);
  });

  it("does not mind a folder that is not there", () => {
    watcher = watchFiles(() => {});
    watcher.follow(path.join(folder, "missing", "a.txt"));
  });
});
