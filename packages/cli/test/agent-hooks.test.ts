/** Hooks of a session as a person meets them: with the built command, shells of their own and a scripted model. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, git, openSandbox } from "./command.ts";

let sandbox: Sandbox;
let sim: Sim | undefined;

beforeEach(() => {
  sandbox = openSandbox();
  git(sandbox.folder, "init", "-q");
  sandbox.write("a.txt", "one\ntwo\n");
  sandbox.write("b.txt", "one\ntwo\n");
});
afterEach(async () => {
  await sim?.close();
  sim = undefined;
  sandbox.remove();
});

const log = (): string => join(sandbox.folder, "..", "log");
/** What each hook was told, in the order in which they ended. */
const told = (): Record<string, unknown>[] =>
  existsSync(log())
    ? readFileSync(log(), "utf8")
        .trim()
        .split("\n")
        .map((line): Record<string, unknown> => JSON.parse(line))
    : [];
const events = (): unknown[] => told().map((one) => one["hook_event_name"]);
const sorted = (words: readonly unknown[]): string[] => words.map(String).sort();
/** Notes what it is told, then does something. */
const hook = (then = "exit 0"): string => `(cat; echo) >> ${log()}; ${then}`;

type Hooks = Record<string, readonly { readonly matcher?: string; readonly command: string; readonly timeout?: number }[]>;
const file = (hooks: Hooks): string =>
  JSON.stringify({
    hooks: Object.fromEntries(
      Object.entries(hooks).map(([event, list]) => [
        event,
        list.map(({ matcher, ...one }) => ({ ...(matcher !== undefined && { matcher }), hooks: [{ type: "command", ...one }] })),
      ]),
    ),
  });
const mine = (hooks: Hooks): void => sandbox.write("../config/twolane/hooks.json", file(hooks));

async function serve(...answers: ScenarioInput["answers"]): Promise<Record<string, string>> {
  await sim?.close();
  sim = await startSim({ port: 0, scenario: { answers } });
  return { TWOLANE_SIM_URL: sim.url };
}
const ask = (env: Record<string, string>, ...more: string[]) =>
  sandbox.run(["run", ...more, "-m", "sim/scripted", "go"], { env });
const said = (): string => JSON.stringify(sim?.requests.map(({ body }) => body));

const read = { call: { name: "read", arguments: { path: "a.txt" } } };
const patch = (path: string) => `*** Begin Patch\n*** Update File: ${path}\n@@\n-two\n+TWO\n*** End Patch\n`;
const edits = (...paths: string[]) => paths.map((path) => ({ call: { name: ["edit"], input: patch(path) } }));

describe("before a tool", () => {
  it("a hook sees the call in the words that it knows, and may refuse it", async () => {
    mine({ PreToolUse: [{ matcher: "Read", command: hook("echo not this file >&2; exit 2") }] });
    const run = await ask(await serve({ reply: [read, { text: "Done." }] }));
    expect(run.status).toBe(0);
    expect(told()).toMatchObject([
      {
        hook_event_name: "PreToolUse",
        tool_name: "Read",
        tool_input: { file_path: join(sandbox.folder, "a.txt") },
        cwd: sandbox.folder,
      },
    ]);
    expect(existsSync(String(told()[0]?.["transcript_path"]))).toBe(true);
    expect(said()).toContain("A hook of the person refused this call: not this file");
  });

  it("one that is about another tool costs nothing, one that fails or hangs warns and holds nothing", async () => {
    mine({
      PreToolUse: [
        { matcher: "Bash", command: hook() },
        { matcher: "Read", command: "echo broken >&2; exit 1" },
        { matcher: "Read", command: "sleep 60", timeout: 0.3 },
      ],
    });
    const run = await ask(await serve({ reply: [read, { text: "Done." }] }));
    expect([run.status, told()]).toEqual([0, []]);
    expect(run.stdout).toContain("ended with status 1: broken");
    expect(run.stdout).toContain("did not end in time");
    expect(said()).toContain("one");
    expect(said()).not.toContain("refused this call");
  });

  it("may change the call, and add to what comes of it", async () => {
    const own = { permissionDecision: "allow", updatedInput: { file_path: "b.txt" }, additionalContext: "mind the gap" };
    sandbox.write("b.txt", "other content\n");
    mine({ PreToolUse: [{ matcher: "Read", command: `cat >/dev/null; echo '${JSON.stringify({ hookSpecificOutput: own })}'` }] });
    await ask(await serve({ reply: [read, { text: "Done." }] }));
    expect(said()).toContain("other content");
    expect(said()).toContain("mind the gap");
  });

  it("may want a yes, which nobody gives without a terminal", async () => {
    const own = { permissionDecision: "ask", permissionDecisionReason: "look at it" };
    mine({ PreToolUse: [{ matcher: "Read", command: `cat >/dev/null; echo '${JSON.stringify({ hookSpecificOutput: own })}'` }] });
    const run = await ask(await serve({ reply: [read, { text: "Done." }] }));
    expect([run.status, run.stdout]).toEqual([3, expect.stringContaining("held: Read {")]);
  });
});

describe("before a file is edited", () => {
  it("a hook is asked once, before anything of it lands, and holds up no other file's verdict", async () => {
    mine({ PreToolUse: [{ matcher: "Edit", command: hook(`grep -q a.txt ${log()} && exit 0`) }] });
    const run = await ask(await serve({ reply: [...edits("a.txt", "a.txt".replace("a", "b")), { text: "Done." }] }));
    expect(run.status).toBe(0);
    expect(told().map((one) => one["tool_input"])).toEqual([
      { file_path: join(sandbox.folder, "a.txt") },
      { file_path: join(sandbox.folder, "b.txt") },
    ]);
    expect([sandbox.read("a.txt"), sandbox.read("b.txt")]).toEqual(["one\nTWO\n", "one\nTWO\n"]);
  });

  it("may refuse it, and then nothing is written", async () => {
    mine({
      PreToolUse: [{ matcher: "Edit|Write", command: 'if grep -q a.txt; then echo "a.txt is generated" >&2; exit 2; fi' }],
    });
    const run = await ask(await serve({ reply: [...edits("a.txt", "b.txt"), { text: "Done." }] }));
    expect(run.stdout).toContain("a.txt is generated");
    expect([sandbox.read("a.txt"), sandbox.read("b.txt")]).toEqual(["one\ntwo\n", "one\nTWO\n"]);
    expect(run.status).not.toBe(0);
  });

  it("a stop does not wait for it", async () => {
    mine({ PreToolUse: [{ matcher: "Edit", command: hook("sleep 60") }] });
    const env = await serve({ reply: [...edits("a.txt"), { text: "Done." }] });
    const running = sandbox.start(["run", "--json", "-m", "sim/scripted", "go"], { env });
    await running.until('"hunk.closed"');
    const began = performance.now();
    running.process.kill("SIGINT");
    expect((await running.done).status).toBe(130);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(sandbox.read("a.txt")).toBe("one\ntwo\n");
  });
});

describe("after it", () => {
  it("hooks are told, and nobody waits before the end", async () => {
    mine({
      SessionStart: [{ command: hook() }],
      PostToolUse: [{ command: hook("sleep 0.2") }],
      Stop: [{ command: hook() }],
      SessionEnd: [{ command: hook() }],
    });
    const run = await ask(
      await serve({ reply: [read, ...edits("b.txt"), { text: "word ".repeat(40) }], pace: { tokensPerSecond: 200 } }),
    );
    expect(run.status).toBe(0);
    expect(sorted(events())).toEqual(["PostToolUse", "PostToolUse", "SessionEnd", "SessionStart", "Stop"]);
    expect(events().at(-1)).toBe("SessionEnd");
    const after = told().filter((one) => one["hook_event_name"] === "PostToolUse");
    expect(sorted(after.map((one) => one["tool_name"]))).toEqual(["Edit", "Read"]);
  });

  it("a hook at the end may find that it is not done, and is told that it was heard", async () => {
    mine({ Stop: [{ command: hook(`grep -q '"stop_hook_active":true' ${log()} && exit 0; echo now the tests >&2; exit 2`) }] });
    const run = await ask(
      await serve({ when: { prompt: "tests" }, reply: [{ text: "Done again." }] }, { reply: [{ text: "Done." }] }),
    );
    expect(run.status).toBe(0);
    expect(said()).toContain("now the tests");
    expect(run.stdout).toContain("Done again.");
    expect(events()).toEqual(["Stop", "Stop"]);
  });
});

describe("before a prompt", () => {
  it("a hook adds what the model is to know", async () => {
    mine({ UserPromptSubmit: [{ command: hook("echo the branch is frozen") }] });
    const run = await ask(await serve({ reply: [{ text: "Done." }] }));
    expect([run.status, told()[0]?.["prompt"]]).toEqual([0, "go"]);
    expect(said()).toContain("the branch is frozen");
  });

  it("may keep it back", async () => {
    mine({ UserPromptSubmit: [{ command: hook("echo no prompts on Fridays >&2; exit 2") }] });
    const run = await ask(await serve({ reply: [{ text: "Done." }] }));
    expect([run.status, run.stdout + run.stderr]).toEqual([6, expect.stringContaining("no prompts on Fridays")]);
    expect(said()).not.toContain('go"');
  });
});

describe("hooks of a repository", () => {
  const theirs = (): void => sandbox.write(".twolane/hooks.json", file({ PreToolUse: [{ command: hook("exit 2") }] }));

  it("run when it is trusted and somebody has said yes to exactly these", async () => {
    theirs();
    await ask(await serve({ reply: [read, { text: "Done." }] }), "--trust");
    expect(told()).toEqual([]);
    expect(await sandbox.run(["agent-hooks", "list"])).toMatchObject({
      stdout: expect.stringContaining("the workspace is not trusted"),
    });
    await sandbox.run(["trust"]);
    expect(await sandbox.run(["agent-hooks", "list"])).toMatchObject({
      status: 3,
      stdout: expect.stringContaining("your yes is missing"),
    });
    expect((await sandbox.run(["agent-hooks", "approve", ".twolane/hooks.json"])).status).toBe(0);
    await ask(await serve({ reply: [read, { text: "Done." }] }));
    expect(events()).toEqual(["PreToolUse"]);
    sandbox.write(".twolane/hooks.json", file({ PreToolUse: [{ command: hook("true") }] }));
    await sandbox.run(["trust"]);
    expect((await sandbox.run(["agent-hooks", "list", "--json"])).stdout).toContain('"stage":"waits"');
  });

  it("in Claude Code's settings are read only when the person says so in their own file", async () => {
    sandbox.write(".claude/settings.json", file({ PreToolUse: [{ command: hook() }] }));
    await sandbox.run(["trust"]);
    expect((await sandbox.run(["agent-hooks", "list"])).stdout).toContain("No hooks are named");
    sandbox.write("../config/twolane/hooks.json", '{"claude": true}');
    expect((await sandbox.run(["agent-hooks", "list"])).stdout).toContain(
      ".claude/settings.json · does not run: your yes is missing",
    );
    await sandbox.run(["agent-hooks", "approve", ".claude/settings.json"]);
    await ask(await serve({ reply: [read, { text: "Done." }] }));
    expect(events()).toEqual(["PreToolUse"]);
  });

  it("see none of what looks like a secret", async () => {
    mine({ Stop: [{ command: `env | cut -d= -f1 > ${log()}` }] });
    const env = await serve({ reply: [{ text: "Done." }] });
    await ask({ ...env, SOME_API_KEY: "made-up" });
    const names = readFileSync(log(), "utf8").split("\n");
    expect(names).toContain("CLAUDE_PROJECT_DIR");
    expect(names).not.toContain("SOME_API_KEY");
    writeFileSync(log(), "");
  });
});
