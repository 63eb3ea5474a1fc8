import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { emptyHistory, historyOf, remember } from "../state/history.ts";
import { openHistoryFile } from "./history-file.ts";

const folder = mkdtempSync(path.join(tmpdir(), "twolane-history-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const place = (): string => path.join(folder, `state-${files++}`, "prompts.jsonl");
const mode = (name: string): number => statSync(name).mode & 0o777;

describe("the history", () => {
  it("has each prompt once, the newest last, at most a thousand", () => {
    const once = ["a", "b", "a"].reduce(remember, emptyHistory);
    expect(once.entries).toEqual(["b", "a"]);
    expect(historyOf(["a", "b", "a", "c"]).entries).toEqual(["b", "a", "c"]);
    const many = Array.from({ length: 1500 }, (_, index) => `prompt ${index}`);
    expect(many.reduce(remember, emptyHistory).entries).toEqual(many.slice(500));
    expect(historyOf(many).entries).toEqual(many.slice(500));
  });

  it("does not keep what begins with a blank, nor what is empty", () => {
    expect(["", " secret", "\n"].reduce(remember, historyOf(["a"])).entries).toEqual(["a"]);
  });
});

describe("the history's file", () => {
  it("keeps prompts of several lines, for its owner only", () => {
    const file = place();
    const history = openHistoryFile(file);
    expect(history.read()).toEqual([]);
    const prompts = ["one", 'two\nlines "quoted" \\n', "drei 👩‍👩‍👧\u2028"];
    prompts.forEach((prompt) => history.add(prompt));
    expect(history.read()).toEqual(prompts);
    expect(openHistoryFile(file).read()).toEqual(prompts);
    expect(mode(file)).toBe(0o600);
    expect(mode(path.dirname(file))).toBe(0o700);
    chmodSync(file, 0o644);
    history.add("four");
    expect(mode(file)).toBe(0o600);
  });

  it("leaves out a line that was cut off, and the next one is whole", () => {
    const file = place();
    openHistoryFile(file).add("one");
    const bytes = readFileSync(file);
    for (let length = 0; length < bytes.length; length++) {
      writeFileSync(file, bytes.subarray(0, length));
      openHistoryFile(file).add("two");
      expect(openHistoryFile(file).read().at(-1)).toBe("two");
      expect(["one", "two"]).toEqual(expect.arrayContaining([...openHistoryFile(file).read()]));
    }
    writeFileSync(file, '{"no":"text"}\n12\n"three"\n');
    expect(openHistoryFile(file).read()).toEqual(["three"]);
  });

  it("stays small, with the newest prompts, and keeps no huge one", () => {
    const file = place();
    const history = openHistoryFile(file);
    for (let index = 0; index < 100; index++) history.add(`${index} ${"x".repeat(30_000)}`);
    history.add("y".repeat(100_000));
    expect(statSync(file).size).toBeLessThanOrEqual(1024 * 1024);
    const numbers = history.read().map((entry) => Number.parseInt(entry, 10));
    expect(numbers.length).toBeGreaterThan(10);
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => 100 - numbers.length + index));
    expect(mode(file)).toBe(0o600);
    expect(readdirSync(path.dirname(file))).toEqual(["prompts.jsonl"]);
  });

  it("gives the newest thousand", () => {
    const file = place();
    mkdirSync(path.dirname(file));
    writeFileSync(file, Array.from({ length: 1200 }, (_, index) => `"${index}"\n`).join(""));
    expect(openHistoryFile(file).read()).toEqual(Array.from({ length: 1000 }, (_, index) => String(index + 200)));
  });

  it("never fails", () => {
    const file = path.join(folder, "a-file", "prompts.jsonl");
    writeFileSync(path.dirname(file), "");
    openHistoryFile(file).add("one");
    expect(openHistoryFile(file).read()).toEqual([]);
  });

  it("loses nothing of what terminals write at the same moment, while it is made shorter", async () => {
    const file = place();
    openHistoryFile(file).add("first");
    appendFileSync(file, `${JSON.stringify("x".repeat(4000))}\n`.repeat(200));
    const module = pathToFileURL(path.join(import.meta.dirname, "history-file.ts")).href;
    const loader = pathToFileURL(path.resolve(import.meta.dirname, "../../../../tools/typescript.mjs")).href;
    const script = (name: string): string => `
      const { openHistoryFile } = await import(${JSON.stringify(module)});
      const history = openHistoryFile(${JSON.stringify(file)});
      const added = [];
      // What one terminal moves to the new file may be missing for a moment.
      const comes = (entry) => Array.from({ length: 300 }).some(() => history.read().includes(entry));
      for (let index = 0; index < 150; index++) {
        added.push("${name}" + index + "x".repeat(4000));
        history.add(added.at(-1));
        const earlier = added.at(-4);
        if (earlier !== undefined && !comes(earlier)) {
          console.error("${name} lost", index - 3);
          process.exitCode = 1;
        }
      }`;
    const terminals = ["a", "b", "c"].map((name) =>
      spawn(process.execPath, ["--import", loader, "--input-type=module", "-e", script(name)], { stdio: "inherit" }),
    );
    const statuses = await Promise.all(terminals.map(async (terminal) => (await once(terminal, "close"))[0]));
    expect(statuses).toEqual([0, 0, 0]);
    expect(statSync(file).size).toBeLessThanOrEqual(1024 * 1024 + 3 * 4100);
    expect(readdirSync(path.dirname(file))).toEqual(["prompts.jsonl"]);
  });
});
