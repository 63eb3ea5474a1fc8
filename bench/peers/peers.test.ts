/** The parts of `bench:peers` that need no rival: arguments, table and verdict, the process tree, what npm and the servers say. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { mainAsk } from "./asks.ts";
import { Collected, reasonOf } from "./bench.ts";
import { busyReason } from "./busy.ts";
import { startGemini, wanted } from "./gemini-server.ts";
import { processorMs } from "./headless.ts";
import { complaintOf, install } from "./install.ts";
import { parseOptions } from "./plan.ts";
import {
  endTree,
  markVariable,
  memoryMb,
  parentIn,
  residentIn,
  runningTree,
  sumMb,
  treeOf,
  watchMemory,
} from "./process-tree.ts";
import { rivals } from "./rivals.ts";
import { texts, tokensOf } from "./scenario.ts";
import { type Column, type PeerRow, cellText, markdown, median, placeOf, verdictOf } from "./table.ts";

describe("arguments", () => {
  const known = ["codex", "pi"];
  const parsed = (...words: string[]) => parseOptions(words, known);

  it("takes sections and rivals in any order, and all of them when none is named", () => {
    expect(parsed("pi", "headless", "--json", "out.json", "--anyway")).toMatchObject({
      ok: true,
      options: { sections: ["headless"], rivals: ["pi"], json: "out.json", anyway: true, samples: 5 },
    });
    expect(parsed()).toMatchObject({
      ok: true,
      options: { sections: ["headless", "interactive"], rivals: known, anyway: false },
    });
  });

  it("says in a line what is wrong", () => {
    expect(parsed("kodex")).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^there is no kodex; there are headless, .*codex/),
    });
    expect(parsed("--json")).toEqual({ ok: false, message: "--json needs a value" });
    expect(parsed("--json", "--anyway")).toEqual({ ok: false, message: "--json needs a value" });
    for (const bad of ["0", "-1", "x", "1.5"]) expect(parsed("--samples", bad).ok).toBe(false);
  });
});

const column = (name: string, role: Column["role"], wire: Column["wire"]): Column => ({
  name,
  title: name,
  version: "1",
  wire,
  role,
});
const columns = [
  column("floor", "floor", "WebSocket"),
  column("twolane", "ours", "WebSocket"),
  column("twolane-messages", "ours", "Messages"),
  column("codex", "rival", "WebSocket"),
  column("claude", "rival", "Messages"),
  column("gemini", "rival", "Gemini"),
];
const row = (cells: PeerRow["cells"], unit: PeerRow["unit"] = "ms"): PeerRow => ({ key: "round", what: "round", unit, cells });
const cell = (...values: number[]) => ({ values });

describe("verdict", () => {
  it("is first when every rival is slower beyond the rule", () => {
    expect(verdictOf(row({ twolane: cell(1), codex: cell(40), claude: cell(11) }), columns)).toBe("**first**");
  });

  it("names who is ahead and by how much", () => {
    const verdict = verdictOf(row({ twolane: cell(50, 60, 70), codex: cell(30), claude: cell(400) }), columns);
    expect(verdict).toBe("**not first**: behind codex by 30.0 ms (2.00 ×)");
  });

  it("holds a rival against ours on its own wire, and Gemini's against Messages", () => {
    const cells = { twolane: cell(1), "twolane-messages": cell(20), codex: cell(5), claude: cell(10), gemini: cell(30) };
    expect(verdictOf(row(cells), columns)).toBe("**not first**: behind claude by 10.0 ms (2.00 ×)");
  });

  it("takes ours on another wire where its own has no number", () => {
    const silent = { values: [], note: "stops here" };
    expect(verdictOf(row({ twolane: silent, "twolane-messages": cell(2), codex: cell(9) }), columns)).toBe("**first**");
    expect(verdictOf(row({ twolane: silent, codex: cell(9) }), columns)).toBe("ours was not measured");
  });

  it("does not count what could not be measured", () => {
    expect(verdictOf(row({ twolane: cell(1), codex: { values: [], note: "not driven" } }), columns)).toBe("no rival to compare");
  });

  it("puts who waits for the end behind who does not, whatever the numbers say", () => {
    const late = { values: [1], isLate: true };
    expect(placeOf(cell(500), late, "ms")).toBe("ahead");
    expect(placeOf(late, cell(500), "ms")).toBe("behind");
    expect(verdictOf(row({ twolane: late, codex: cell(500) }), columns)).toContain("codex, which does not wait for the end");
  });

  it("calls level what is within a tenth or 0.3 ms, and is the same seen from the other side beyond it", () => {
    expect(placeOf(cell(1.2), cell(1), "ms")).toBe("level");
    expect(placeOf(cell(1.2), cell(1), "KB")).toBe("behind");
    expect(placeOf(cell(105), cell(100), "ms")).toBe("level");
    const size = fc.double({ min: 0.1, max: 10_000, noNaN: true });
    fc.assert(
      fc.property(size, size, (one, other) => {
        const opposite = { ahead: "behind", behind: "ahead", level: "level" } as const;
        const seen = placeOf(cell(one), cell(other), "ms");
        // A tenth of the one is not a tenth of the other: between the two rules one side may still say level.
        if (Math.abs(one - other) <= 0.1 * Math.max(one, other)) return;
        expect(placeOf(cell(other), cell(one), "ms")).toBe(opposite[seen]);
      }),
    );
  });
});

describe("table", () => {
  it("says value, worst, n, and the reason where there is no value", () => {
    expect(cellText({ values: [1, 3, 2], worst: 9 })).toBe("2.00 (9.00), n 3");
    expect(cellText({ values: [14], isLate: true })).toBe("waits for the end, then 14.0, n 1");
    expect(cellText({ values: [], note: "no request within 15 s" })).toBe("no request within 15 s");
    expect(cellText({ values: [2000], note: "then it hung" })).toBe("2,000, n 1; then it hung");
    expect(cellText(undefined)).toBe("–");
  });

  it("has one line a row, warnings and the missing, and its cells cannot break it", () => {
    const text = markdown({
      ...{ machine: "m", at: "now", warnings: ["busy"], columns },
      rows: [row({ twolane: cell(1), codex: { values: [], note: "a|b" }, "twolane-messages": cell(2) })],
      missing: [{ name: "qwen", reason: "no registry" }],
    });
    expect(text).toContain("**busy**");
    expect(text).toContain("a\\|b");
    expect(text).toContain("- qwen: no registry");
    expect(text.match(/^\| round, ms/gm)).toHaveLength(2);
  });

  it("takes the middle", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([1, 2])).toBe(1.5);
    expect(median([])).toBeNaN();
  });

  it("collects values, the worst of all, and notes beside values", () => {
    const collected = new Collected([{ key: "echo", what: "echo", unit: "ms" }]);
    collected.add("echo", "pi", { value: 2, worst: 5 });
    collected.add("echo", "pi", { value: 3, worst: 4 });
    collected.note("echo", "pi", "then it hung");
    expect(collected.rows()[0]?.cells["pi"]).toEqual({ values: [2, 3], worst: 5, note: "then it hung" });
    expect(reasonOf(new Error(`${"x".repeat(200)}\nmore`))).toHaveLength(91);
  });
});

describe("process tree", () => {
  const mark = `test-${process.pid}`;
  afterEach(() => endTree(mark));

  it("holds children of children and marked ones that went off on their own", () => {
    const entry = (pid: number, parent: number, isMarked = false) => ({ pid, parent, isMarked });
    expect(treeOf([entry(5, 4), entry(2, 1, true), entry(4, 2), entry(9, 1), entry(7, 1, true)])).toEqual([2, 4, 5, 7]);
    expect(treeOf([])).toEqual([]);
  });

  it("reads a stat line whose name has brackets and spaces", () => {
    expect(parentIn("12 (a) b (c)) S 7 12 12 0")).toBe(7);
  });

  it("counts a program's file once, and what processes have of their own always", () => {
    const status = "VmRSS:\t 90 kB\nRssAnon:\t 40 kB\nRssFile:\t 50 kB\nRssShmem:\t 0 kB\n";
    expect(residentIn(status, "node")).toEqual({ program: "node", ownKb: 40, fileKb: 50 });
    expect(sumMb([residentIn(status, "node"), residentIn(status, "node"), residentIn(status, "git")])).toBeCloseTo(0.22);
    expect(residentIn("", "gone")).toEqual({ program: "gone", ownKb: 0, fileKb: 0 });
  });

  it.runIf(process.platform === "linux")("finds, weighs and ends what a shell has left behind", async () => {
    const env = { PATH: process.env["PATH"] ?? "", [markVariable]: mark };
    const shell = spawn("sh", ["-c", "(sleep 60 & sleep 60 &) ; exec true"], { env, stdio: "ignore" });
    const watch = watchMemory(mark);
    await new Promise((resolve) => void shell.once("close", resolve));
    for (let round = 0; round < 200 && runningTree(mark).length < 2; round++) await pause(10);
    expect(runningTree(mark)).toHaveLength(2);
    expect(memoryMb(runningTree(mark))).toBeGreaterThan(0.05);
    await pause(120);
    expect(watch.stop()).toBeGreaterThan(0.05);
    await endTree(mark);
    expect(runningTree(mark)).toEqual([]);
  });

  it("reads what the shell's clock says", () => {
    expect(processorMs("a complaint\n0.120 0.034\n")).toBeCloseTo(154);
    expect(processorMs("")).toBeNaN();
  });
});

describe("installing", () => {
  it("says in a line what npm complained of", () => {
    const said = [
      "npm error code ECONNREFUSED",
      "npm error errno ECONNREFUSED",
      "npm error FetchError: request to the registry failed",
      "npm error A complete log of this run can be found in: somewhere",
    ].join("\n");
    expect(complaintOf(said, "otherwise")).toBe("code ECONNREFUSED: FetchError: request to the registry failed");
    expect(complaintOf("", "Command failed\nmore")).toBe("Command failed");
  });

  it("does not reject where there is no pin", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-install-"));
    expect(await install(join(folder, "none"), join(folder, "into"))).toMatchObject({
      ok: false,
      reason: expect.stringContaining("ENOENT"),
    });
    rmSync(folder, { recursive: true });
  });

  it("knows an exact version of every rival", () => {
    for (const { name, version } of rivals)
      expect({ name, version }).toMatchObject({ version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  });
});

describe("a busy machine", () => {
  it("is told by what others use now, and by the load of the last minute", () => {
    expect(busyReason({ load: 0.1, used: 0.02 })).toBeUndefined();
    expect(busyReason({ load: 0.1, used: 0.5 })).toBe("other programs take 50 % of the processor time");
    expect(busyReason({ load: 3, used: 0.02 })).toContain("3.00");
  });
});

describe("Gemini's wire", () => {
  const reader = { name: "gemini", tool: "read_file", reads: (file: string, lines: number) => ({ file, lines }) };
  const asked = (prompt: string, read: number) => ({
    contents: [
      { role: "user", parts: [{ text: "about the folder" }] },
      { role: "user", parts: [{ text: prompt }] },
      ...Array.from({ length: read }, () => [
        { role: "model", parts: [{}] },
        { role: "user", parts: [{ functionResponse: {} }] },
      ]).flat(),
    ],
  });

  it("calls until the reads are done, then talks", () => {
    const call = { functionCall: { name: "read_file", args: { file: "f", lines: 4 } } };
    expect(wanted(asked("bench:reads:gemini:20", 3), { file: "f", reader })).toEqual({ call, waitMs: 50 });
    expect(wanted(asked("bench:reads:gemini:20", 20), { file: "f", reader })).toEqual({ text: texts.short });
    expect(wanted(asked("bench:burst", 0), { file: "f", reader })).toEqual({ text: texts.burst });
    expect(wanted({}, { file: "f", reader })).toEqual({ text: texts.short });
  });

  it("streams the whole text, and keeps when it was asked and when it had ended", async () => {
    const server = await startGemini("f", reader);
    const from = performance.now();
    const body = JSON.stringify({ ...asked("bench:burst", 0), tools: [{ functionDeclarations: [] }] });
    const response = await fetch(`${server.url}/v1beta/models/any:streamGenerateContent?alt=sse`, { method: "POST", body });
    const text = await response.text();
    expect(text.split("\n").filter((line) => line.startsWith("data: "))).toHaveLength(tokensOf(texts.burst).length + 1);
    const ask = await mainAsk(server, from, 100);
    expect(ask.endedAt).toBeGreaterThan(ask.at);
    expect(ask.bytes).toBe(Buffer.byteLength(body));
    const broken = fetch(`${server.url}/v1beta/models/any:streamGenerateContent`, { method: "POST", body: "{" });
    await expect(broken).rejects.toThrow("fetch failed");
    await server.close();
  });

  it("says how long it waited in vain", async () => {
    await expect(mainAsk({ asksSince: () => [] }, performance.now() - 2000, 1000)).rejects.toThrow("no request within 1 s");
  });
});
