/** Hooks as they are written, what each is told, and what follows from how it ends. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hookTool, toolInput } from "./hook-input.ts";
import { type HookEnd, type HookSaid, saidBy, together } from "./hook-outcome.ts";
import { matches, readHooks } from "./hooks-file.ts";

const read = (value: unknown) =>
  readHooks({ owner: "project", file: "f", text: typeof value === "string" ? value : JSON.stringify(value) });
const command = (words: string, more: object = {}) => ({ type: "command", command: words, ...more });

describe("the file", () => {
  it("has the shape that others have", () => {
    const { entries, faults, wantsClaude } = read({
      permissions: { allow: ["Bash(ls)"] },
      claude: true,
      hooks: {
        PreToolUse: [
          { matcher: "Edit|Write", hooks: [command("a", { timeout: 5 }), command("b")] },
          { matcher: "*", hooks: [command("c")] },
        ],
        Stop: [{ hooks: [command("d")] }],
      },
    });
    expect(entries).toEqual([
      { event: "PreToolUse", matcher: "Edit|Write", command: "a", timeoutMs: 5000 },
      { event: "PreToolUse", matcher: "Edit|Write", command: "b", timeoutMs: 60_000 },
      { event: "PreToolUse", command: "c", timeoutMs: 60_000 },
      { event: "Stop", command: "d", timeoutMs: 60_000 },
    ]);
    expect([faults, wantsClaude]).toEqual([[], true]);
  });

  it("says what of it is not run", () => {
    const { entries, faults } = read({
      hooks: {
        Notification: [{ hooks: [command("a")] }],
        Stop: [{ hooks: [{ type: "prompt", prompt: "x" }, command(""), command("a", { timeout: -1 })] }],
        PreToolUse: [{ matcher: "(", hooks: [command("a")] }, 7],
      },
    });
    expect(entries).toEqual([]);
    expect(faults).toHaveLength(5);
    expect(read("{ nonsense").faults[0]).toMatch(/^line 1/);
  });

  it("is another one with any other command, and the same whatever else it says", () => {
    const one = read({ hooks: { Stop: [{ hooks: [command("a")] }] } }).hash;
    expect(read({ model: "x", hooks: { Stop: [{ hooks: [command("a")] }] } }).hash).toBe(one);
    expect(read({ hooks: { Stop: [{ hooks: [command("a ")] }] } }).hash).not.toBe(one);
    expect(read({ hooks: { SessionEnd: [{ hooks: [command("a")] }] } }).hash).not.toBe(one);
  });

  it("is read or told, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((hooks) => JSON.stringify({ hooks })),
        ),
        (text) => void read(text),
      ),
    );
  });

  it("matches whole names", () => {
    const entry = (matcher: string) => read({ hooks: { PreToolUse: [{ matcher, hooks: [command("a")] }] } }).entries[0]!;
    expect(["Edit", "Write", "MultiEdit"].map((name) => matches(entry("Edit|Write"), name))).toEqual([true, true, false]);
    expect(matches(entry("mcp__github__.*"), "mcp__github__create_issue")).toBe(true);
    expect(matches(entry("*"), "anything")).toBe(true);
  });
});

describe("a call", () => {
  it("is told in the words that hooks know", () => {
    const tool = (name: string, input: object) => hookTool(name, JSON.stringify(input), "/w");
    expect(tool("run", { command: "npm test", timeout: 5 })).toEqual({
      name: "Bash",
      input: { command: "npm test", timeout: 5000 },
    });
    expect(tool("run", { argv: ["ls", "-l"] })).toEqual({ name: "Bash", input: { command: "ls -l" } });
    expect(tool("read", { path: "src/a.ts", limit: 3 })).toEqual({ name: "Read", input: { limit: 3, file_path: "/w/src/a.ts" } });
    expect(tool("search", { pattern: "x", path: "src" })).toEqual({ name: "Grep", input: { pattern: "x", path: "/w/src" } });
    expect(tool("mcp__a__b", { c: 1 })).toEqual({ name: "mcp__a__b", input: { c: 1 } });
    expect(hookTool("run", "no json", "/w")).toEqual({ name: "Bash", input: { command: "" } });
  });

  it("that a hook has changed is put back into ours", () => {
    expect(toolInput("run", '{"argv":["rm"],"network":true}', { command: "ls", timeout: 2000 })).toBe(
      '{"network":true,"command":"ls","timeout":2}',
    );
    expect(toolInput("read", "{}", { file_path: "/w/b" })).toBe('{"path":"/w/b"}');
    expect(toolInput("run", "{}", { other: 1 })).toBeUndefined();
    expect(toolInput("mcp__a__b", '{"x":1}', { y: 2 })).toBe('{"y":2}');
  });
});

describe("what a hook says", () => {
  const exited = (status: number, stdout = "", stderr = ""): HookEnd => ({ kind: "exited", status, stdout, stderr });

  it("by its exit status", () => {
    expect(saidBy(exited(0, "fine"))).toEqual({});
    expect(saidBy(exited(2, "", "not that\n"))).toEqual({ decision: "block", reason: "not that" });
    expect(saidBy(exited(1, "", "oops\nmore"))).toEqual({ warning: "ended with status 1: oops" });
    expect(saidBy({ kind: "timeout" }).warning).toContain("in time");
    expect(saidBy(exited(0, "now is noon"), { takesPlainText: true })).toEqual({ context: "now is noon" });
  });

  it("in JSON", () => {
    const own = { permissionDecision: "deny", permissionDecisionReason: "no", additionalContext: "c", updatedInput: { a: 1 } };
    expect(saidBy(exited(0, JSON.stringify({ hookSpecificOutput: own })))).toEqual({
      decision: "block",
      reason: "no",
      context: "c",
      input: { a: 1 },
    });
    expect(saidBy(exited(0, '{"decision":"block","reason":"r"}'))).toEqual({ decision: "block", reason: "r" });
    expect(saidBy(exited(0, '{"continue":false,"stopReason":"s"}'))).toEqual({ decision: "block", reason: "s" });
    expect(saidBy(exited(0, "{ nonsense")).warning).toBeDefined();
  });

  it("together is the strictest, in the order of the files, whoever was first", () => {
    const [deny, ask, allow]: HookSaid[] = [
      { decision: "block", reason: "d" },
      { decision: "ask", reason: "a" },
      { decision: "allow" },
    ];
    expect(together([allow!, ask!, deny!])).toEqual({ decision: "block", reason: "d" });
    expect(together([allow!, ask!])).toEqual({ decision: "ask", reason: "a" });
    expect(
      together([
        { context: "1", input: { a: 1 } },
        { context: "2", input: { b: 1 } },
      ]),
    ).toEqual({ context: "1\n2", input: { a: 1 } });
    expect(together([])).toEqual({});
  });
});
