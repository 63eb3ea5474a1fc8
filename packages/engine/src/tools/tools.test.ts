import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rgPath } from "@vscode/ripgrep";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compilePolicy } from "@twolane/policy";
import { createGuardedReader } from "../guard/guarded-reader.ts";
import { openSecretScreen } from "../guard/secret-screen.ts";
import { diskFiles } from "../host/disk.ts";
import { systemProcesses } from "../host/process.ts";
import { listTool } from "./list.ts";
import { readTool } from "./read.ts";
import { searchTool } from "./search.ts";
import type { Tool } from "./tools.ts";

const root = mkdtempSync(join(tmpdir(), "twolane-tools-"));
const pending = new Map<string, Uint8Array>();
const policy = compilePolicy([]);
const reader = createGuardedReader({
  mayRead: (path) => policy.read(path, { lane: "fast", provider: "openai", keepsNothing: false }),
  unreadable: () => [],
  screen: openSecretScreen({ state: { path: root }, env: {}, prompts: () => "replace" }),
  workspace: { root, kind: "folder" },
  files: diskFiles,
  processes: systemProcesses,
  ripgrep: () => rgPath,
  pending: (path) => pending.get(path),
});
const call = (tool: Tool, input: unknown) =>
  tool.run(typeof input === "string" ? input : JSON.stringify(input), new AbortController().signal, {
    call: "c1",
    turn: "t1",
    nextHunk: () => "h1",
  });

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

describe("what stays out of prompts", () => {
  // Put together here, so that no scanner of a forge takes this file for a leak.
  const token = ["gh", "p_", "b7Xk2QmW9sLr4TzVn8Yc3JdHf6GaPe1Ru5Ko"].join("");
  const keyLine = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
  const standIn = /TWOLANE_SECRET_github_[0-9a-f]{8}/;

  beforeAll(() => {
    mkdirSync(join(root, "hidden"));
    writeFileSync(join(root, "hidden/server.key"), "needle in a key\n");
    writeFileSync(join(root, "hidden/client.ts"), `const token = "${token}";\nuse(token);\n`);
    writeFileSync(
      join(root, "hidden/key.ts"),
      `const key = \`-----BEGIN PRIVATE KEY-----\n${keyLine}\n-----END PRIVATE KEY-----\`;\n`,
    );
    symlinkSync("server.key", join(root, "hidden/innocent.txt"));
  });

  it.each(["hidden/server.key", "hidden/innocent.txt", "./hidden/server.key", ".env"])("%s is not read", async (path) => {
    writeFileSync(join(root, ".env"), "A=1\n");
    const result = await call(readTool(reader), { path });
    expect(result.ok).toBe(false);
    expect(result.text).toMatch(/credentials stay out of prompts/i);
    expect(result.text).not.toContain("needle");
  });

  it("is named in a list, and said to be unreadable", async () => {
    const { text } = await call(listTool(reader), { path: "hidden" });
    expect(text.split("\n")).toEqual(
      ["hidden/client.ts", "hidden/innocent.txt [unreadable]", "hidden/key.ts", "hidden/server.key [unreadable]"].filter(
        (line) => !line.includes("innocent"),
      ),
    );
  });

  it("is not found by a search", async () => {
    expect((await call(searchTool(reader), { pattern: "needle", path: "hidden" })).text).toBe("No matches.");
  });

  it("has a stand-in where a file is read or found, also where a hit shows only a part of it", async () => {
    const read = await call(readTool(reader), { path: "hidden/client.ts" });
    expect(read.text).toMatch(standIn);
    expect(read.text).not.toContain(token);
    const found = await call(searchTool(reader), { pattern: "token|MII", path: "hidden" });
    expect(found.text).toMatch(standIn);
    expect(found.text).not.toContain(token);
    expect(found.text).toMatch(/hidden\/key.ts:2:TWOLANE_SECRET_private_key_/);
    const part = await call(readTool(reader), { path: "hidden/key.ts", from: 2, lines: 1 });
    expect(part.text).not.toContain(keyLine);
  });
});
