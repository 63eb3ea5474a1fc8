/** The real files and their twin in memory keep the same promises. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Result } from "@twolane/protocol";
import { afterAll, describe, expect, it } from "vitest";
import { diskFiles } from "./disk.ts";
import type { Files } from "./files.ts";
import { memoryFiles } from "./memory-files.ts";

const made: string[] = [];
afterAll(() => {
  for (const folder of made) fs.rmSync(folder, { recursive: true });
});

function realFiles(content: Record<string, string>): { files: Files; root: string; write: (name: string, text: string) => void } {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-files-")));
  made.push(root);
  const write = (name: string, text: string): void => fs.writeFileSync(path.join(root, name), text);
  for (const [name, text] of Object.entries(content)) write(name, text);
  return { files: diskFiles, root, write };
}

function filesInMemory(content: Record<string, string>): ReturnType<typeof realFiles> {
  const root = "/memory";
  const { files, disk } = memoryFiles(
    Object.fromEntries(Object.entries(content).map(([name, text]) => [path.join(root, name), text])),
  );
  const write = (name: string, text: string): void => {
    const file = disk.get(path.join(root, name));
    if (file) file.bytes = Buffer.from(text);
  };
  return { files, root, write };
}

function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.failure.code);
  return result.value;
}

const codeOf = (result: Result<unknown>): string => (result.ok ? "ok" : result.failure.code);

describe.each([
  ["on disk", realFiles],
  ["in memory", filesInMemory],
] as const)("files %s", (_where, open) => {
  it("replaces what is as expected, and shows what was replaced", async () => {
    const { files, root } = open({ a: "old" });
    const name = path.join(root, "a");
    const before = must(await files.read(name));
    const staged = must(await files.stage(name, { bytes: Buffer.from("new"), temp: ".temp", like: before }));
    const replaced = must(staged.replace(before));
    expect(Buffer.from(replaced.read() ?? []).toString()).toBe("old");
    replaced.close();
    const after = must(await files.read(name));
    expect([Buffer.from(after.bytes).toString(), after.identity, after.mode]).toEqual(["new", staged.identity, before.mode]);
    expect(codeOf(await files.read(path.join(root, ".temp")))).toBe("FILE_MISSING");
  });

  it("does nothing to a file that somebody changed", async () => {
    const { files, root, write } = open({ a: "old" });
    const name = path.join(root, "a");
    const before = must(await files.read(name));
    const staged = must(await files.stage(name, { bytes: Buffer.from("new"), temp: ".temp" }));
    write("a", "typed");
    expect([codeOf(staged.replace(before)), codeOf(files.remove(name, before))]).toEqual(["FILE_CHANGED", "FILE_CHANGED"]);
    staged.discard();
    expect(Buffer.from(must(await files.read(name)).bytes).toString()).toBe("typed");
  });

  it("never replaces where a new file was wanted", async () => {
    const { files, root } = open({ a: "old" });
    const staged = must(await files.stage(path.join(root, "a"), { bytes: Buffer.from("new"), temp: ".temp" }));
    expect(codeOf(staged.replace(undefined))).toBe("FILE_EXISTS");
    expect(files.discard(path.join(root, ".temp"))).toBe(true);
    expect(files.discard(path.join(root, ".temp"))).toBe(false);
  });

  it("makes the folders that are missing, and removes empty ones only", async () => {
    const { files, root } = open({ a: "" });
    const [outer = "", inner = ""] = must(files.makeFolders(path.join(root, "x/y")));
    expect([outer, inner]).toEqual([path.join(root, "x"), path.join(root, "x/y")]);
    expect(must(files.makeFolders(inner))).toEqual([]);
    expect([files.removeFolder(outer), files.removeFolder(inner), files.removeFolder(outer)]).toEqual([false, true, true]);
  });

  it("removes what is as expected", async () => {
    const { files, root } = open({ a: "old" });
    const name = path.join(root, "a");
    must(files.remove(name, must(await files.read(name)))).close();
    expect(codeOf(await files.read(name))).toBe("FILE_MISSING");
  });
});

describe("what is no regular file", () => {
  it("is not read, and a pipe does not hang", async () => {
    const { files, root } = realFiles({});
    fs.mkdirSync(path.join(root, "folder"));
    expect([codeOf(await files.read(path.join(root, "folder"))), codeOf(await files.read("/dev/null"))]).toEqual([
      "FILE_IS_DIRECTORY",
      "FILE_UNREADABLE",
    ]);
  });
});
