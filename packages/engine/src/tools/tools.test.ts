import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rgPath } from "@vscode/ripgrep";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createGuardedReader } from "../guard/guarded-reader.ts";
import { diskFiles } from "../host/disk.ts";
import { systemProcesses } from "../host/process.ts";
import { listTool } from "./list.ts";
import { readTool } from "./read.ts";
import { searchTool } from "./search.ts";
import type { Tool } from "./tools.ts";

const root = mkdtempSync(join(tmpdir(), "twolane-tools-"));
const pending = new Map<string, Uint8Array>();
const reader = createGuardedReader({
  workspace: { root, kind: "folder" },
  files: diskFiles,
  processes: systemProcesses,
  ripgrep: () => rgPath,
  pending: (path) => pending.get(path),
});
const call = (tool: Tool, input: unknown) =>
  tool.run(typeof input === "string" ? input : JSON.stringify(input), new AbortController().signal, "c1");

beforeAll(() => {
  mkdirSync(join(root, "src"));
  mkdirSync(join(root, ".git"));
  writeFileSync(join(root, ".git/config"), "[core]\n");
  writeFileSync(join(root, "src/a.ts"), "export const a = 1;\nexport const b = 2;\n");
  writeFileSync(join(root, "long.txt"), Array.from({ length: 5000 }, (_, index) => `line ${index + 1}\n`).join(""));
  writeFileSync(join(root, "wide.txt"), "é".repeat(100_000));
  writeFileSync(join(root, "binary"), Buffer.from([1, 0, 2]));
  symlinkSync("/etc", join(root, "out"));
});
afterAll(() => rmSync(root, { recursive: true }));

describe("read", () => {
  const read = readTool(reader);

  it("gives the lines as they are, behind a line with path, range and hash", async () => {
    const result = await call(read, { path: "src/a.ts" });
    expect(result.text).toMatch(/^src\/a\.ts lines 1-2 of 2 sha256:[0-9a-f]{12}\nexport const a = 1;\nexport const b = 2;$/);
  });

  it("cuts long files with a clear mark, and goes on where it is told", async () => {
    const first = await call(read, { path: "long.txt" });
    expect(first.text.endsWith("line 2000\n[cut here; go on with from=2001]")).toBe(true);
    const next = await call(read, { path: "long.txt", from: 2001, lines: 2 });
    expect(next.text.split("\n").slice(1)).toEqual(["line 2001", "line 2002", "[cut here; go on with from=2003]"]);
  });

  it("cuts a single line that is too long between characters", async () => {
    const result = await call(read, { path: "wide.txt" });
    expect(result.text.endsWith("é\n[the rest of this line is left out]")).toBe(true);
  });

  it("sees what landing holds back", async () => {
    pending.set("src/a.ts", Buffer.from("later\n"));
    expect((await call(read, { path: "src/a.ts" })).text).toContain("later");
    pending.clear();
  });

  it.each([
    ["not json", "not valid JSON"],
    ["[]", "must be a JSON object"],
    [{}, "`path` is missing"],
    [{ path: "none.ts" }, "does not exist"],
    [{ path: "src" }, "is a folder"],
    [{ path: "binary" }, "binary"],
    [{ path: "../up" }, "climbs out"],
    [{ path: "out/passwd" }, "leads out of the workspace"],
    [{ path: ".git/config" }, ".git"],
  ])("refuses %j in a sentence", async (input, words) => {
    const result = await call(read, input);
    expect(result.ok).toBe(false);
    expect(result.text).toContain(words);
  });
});

describe("list and search", () => {
  it("list files below a folder or by glob", async () => {
    expect((await call(listTool(reader), {})).text).toBe("binary\nlong.txt\nsrc/a.ts\nwide.txt");
    expect((await call(listTool(reader), { path: "src/" })).text).toBe("src/a.ts");
    expect((await call(listTool(reader), { glob: "*.ts" })).text).toBe("src/a.ts");
    expect((await call(listTool(reader), { path: "out" })).ok).toBe(false);
  });

  it("find lines, with file and number", async () => {
    const search = searchTool(reader);
    expect((await call(search, { pattern: "const [ab]" })).text).toBe(
      "src/a.ts:1:export const a = 1;\nsrc/a.ts:2:export const b = 2;",
    );
    expect((await call(search, { pattern: "nowhere" })).text).toBe("No matches.");
    expect((await call(search, { pattern: "line", path: "long.txt" })).text).toContain("[cut at 200 matches");
    expect((await call(search, { pattern: "(" })).text).toContain("regex parse error");
    expect((await call(search, { pattern: "--version" })).text).toBe("No matches.");
  });
});
