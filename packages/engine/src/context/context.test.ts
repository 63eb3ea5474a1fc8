import { describe, expect, it } from "vitest";
import { pinnedTexts } from "./instructions.ts";
import { type ReadMention, attachMentions, mentionedPaths } from "./mentions.ts";

const reader = (files: Record<string, string>) => (path: string) => Promise.resolve(files[path]);
const places = { configFolder: "/config", folders: ["/w", "/w/pkg"] };

describe("pinned instructions", () => {
  it("are the lane's prompt alone where nobody wrote any", async () => {
    expect(await pinnedTexts(places, reader({}))).toHaveLength(1);
  });

  it("take one AGENTS file a folder, the override first, from the root down", async () => {
    const files = {
      "/config/AGENTS.md": "mine",
      "/w/AGENTS.md": "root",
      "/w/pkg/AGENTS.override.md": "leaf",
      "/w/pkg/AGENTS.md": "not this",
    };
    const [, agents] = await pinnedTexts(places, reader(files));
    expect(agents?.split("\n\n").slice(1)).toEqual(["mine", "root", "leaf"]);
  });

  it("are cut at 32 KiB together, between characters, and say so", async () => {
    const [, agents] = await pinnedTexts(places, reader({ "/w/AGENTS.md": "é".repeat(20_000), "/w/pkg/AGENTS.md": "never" }));
    expect(agents).toContain("[cut: project instructions are limited to 32768 bytes]");
    expect(agents).not.toContain("never");
    expect(agents).not.toContain("\uFFFD");
  });

  it("do not change from one start to the next", async () => {
    const files = { "/w/AGENTS.md": "root\n" };
    expect(await pinnedTexts(places, reader(files))).toEqual(await pinnedTexts(places, reader(files)));
  });
});

describe("files named in a prompt", () => {
  it.each([
    ["Refactor only src/auth/session.ts to remove it.", ["src/auth/session.ts"]],
    ["see `src/a.ts:12:3`, @lib/b.js and ./c.md!", ["src/a.ts", "lib/b.js", "c.md"]],
    ["rename a to b", []],
    ["look at https://example.org/x.ts and /etc/passwd and ../up.ts", []],
    ["src/a.ts src/a.ts", ["src/a.ts"]],
    [
      'read @"docs/my notes.md", @Makefile and @"./a b", not @"../c d" nor "e f.md"',
      ["docs/my notes.md", "Makefile", "a b", "f.md"],
    ],
  ])("%j names %j", (prompt, paths) => {
    expect(mentionedPaths(prompt)).toEqual(paths);
  });

  it("travel with it when they exist and fit", async () => {
    const files = new Map([
      ["a.ts", "let a;\n"],
      ["big.ts", "x".repeat(100_000)],
    ]);
    const read: ReadMention = (path) =>
      Promise.resolve(files.has(path) ? { path, text: files.get(path) ?? "", hash: "abc" } : undefined);
    expect(await attachMentions("fix a.ts and big.ts and none.ts", read)).toBe(
      'fix a.ts and big.ts and none.ts\n\n<file path="a.ts" lines="1-1 of 1" sha256="abc">\nlet a;\n</file>',
    );
  });
});
