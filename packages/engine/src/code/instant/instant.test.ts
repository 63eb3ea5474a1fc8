import { build } from "esbuild";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { gitApply, makeWorkspace, readTree } from "../../../test/instant-harness.ts";
import type { ConversationItem, ModelEvent, ModelRun, ModelSession } from "../../models/models.ts";
import { createInstantSession } from "./instant.ts";
import type { InstantRequest, PlanState, WorkerMessage } from "./requests.ts";
import { isAble } from "./typescript-choice.ts";
import { type InstantWorkerEvents, threadSpawner } from "./worker-thread.ts";

const here = fileURLToPath(import.meta.url);
const workerPath = join(mkdtempSync(join(tmpdir(), "instant-worker-")), "instant-worker.cjs");

beforeAll(async () => {
  const entry = join(here, "../worker.ts");
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: "node",
    format: "cjs",
    outfile: workerPath,
    conditions: ["source"],
    logLevel: "error",
  });
});

const tiny = {
  "tsconfig.json": JSON.stringify({ compilerOptions: { lib: ["es2015"], types: [], noEmit: true } }),
  "a.ts": "export const old = 1;\n",
  "b.ts": 'import { old } from "./a";\nold;\n',
};

function open(workspaceRoot: string, trusted = false): ModelSession {
  return createInstantSession({ workspaceRoot, trusted, allows: () => true, spawn: threadSpawner(workerPath, here) });
}

interface Heard {
  readonly events: ModelEvent[];
  readonly run: ModelRun;
  readonly ended: Promise<readonly ModelEvent[]>;
}

function respond(session: ModelSession, items: readonly ConversationItem[]): Heard {
  const events: ModelEvent[] = [];
  let run: ModelRun | undefined;
  const ended = new Promise<readonly ModelEvent[]>((resolve) => {
    run = session.respond({ items, tools: [] }, (event) => {
      events.push(event);
      if (event.kind === "ended") resolve(events);
    });
  });
  if (run === undefined) throw new Error("respond returned nothing");
  expect(events).toEqual([]);
  return { events, run, ended };
}

const user = (text: string): ConversationItem => ({ kind: "user", text });
const output = (call: string): ConversationItem => ({ kind: "output", call, text: "landed", freeform: true });
const patchOf = (events: readonly ModelEvent[]): string =>
  events.flatMap((event) => (event.kind === "call.delta" ? [event.text] : [])).join("");
const kinds = (events: readonly ModelEvent[]): string[] => events.map(({ kind }) => kind);

describe("with its thread", () => {
  test("streams an edit call, then says what is on disk", async () => {
    const root = makeWorkspace(tiny);
    const session = open(root);
    session.prewarm();
    const items = [user("rename old to fresh")];
    const events = await respond(session, items).ended;
    expect(kinds(events)).toEqual(["requested", "started", "call.started", "call.delta", "call.delta", "item", "ended"]);
    expect(events[2]).toEqual({ kind: "call.started", call: "instant-1", tool: "edit", freeform: true });
    expect(events[5]).toMatchObject({
      kind: "item",
      item: { kind: "call", call: "instant-1", input: patchOf(events), freeform: true },
    });
    expect(events[6]).toEqual({ kind: "ended", ending: "completed" });

    gitApply(root, patchOf(events));
    const after = await respond(session, [...items, output("instant-1")]).ended;
    expect(after).toContainEqual({ kind: "text", text: "Renamed old → fresh: 3 places in 2 files." });
    expect(after.at(-1)).toEqual({ kind: "ended", ending: "completed" });
    expect(readTree(root)["b.ts"]).toBe('import { fresh } from "./a";\nfresh;\n');

    const again = await respond(session, [user("rename fresh to newer")]).ended;
    gitApply(root, patchOf(again));
    expect(readTree(root)["a.ts"]).toBe("export const newer = 1;\n");
    await session.close();
  });

  test("plans once more when a file was changed meanwhile, then says what is left", async () => {
    const root = makeWorkspace(tiny);
    const session = open(root);
    const items = [user("rename old to fresh")];
    await respond(session, items).ended;
    writeFileSync(join(root, "b.ts"), 'import { old } from "./a";\n\n\nconsole.log(old);\n');
    const replanned = await respond(session, [...items, output("instant-1")]).ended;
    gitApply(root, patchOf(replanned));
    expect(readTree(root)).toMatchObject({
      "a.ts": "export const fresh = 1;\n",
      "b.ts": 'import { fresh } from "./a";\n\n\nconsole.log(fresh);\n',
    });
    writeFileSync(join(root, "b.ts"), "something else\n");
    const said = await respond(session, [...items, output("instant-2")]).ended;
    expect(said).toContainEqual({
      kind: "text",
      text: "Renamed old → fresh: 3 places in 2 files. Not as planned on disk: b.ts.",
    });
    await session.close();
  });

  test("a plan that nobody wrote is said to be none", async () => {
    const session = open(makeWorkspace(tiny));
    await respond(session, [user("rename old to fresh")]).ended;
    const said = await respond(session, [user("rename old to fresh"), output("instant-1")]).ended;
    expect(said).toContainEqual({
      kind: "text",
      text: "Renamed old → fresh: 3 places in 2 files. Nothing of it is on disk yet.",
    });
    await session.close();
  });

  test("stop ends the answer at once, and the next one works", async () => {
    const session = open(makeWorkspace(tiny));
    const { run, events } = respond(session, [user("rename old to fresh")]);
    await new Promise((resolve) => setImmediate(resolve));
    run.stop();
    expect(kinds(events)).toEqual(["requested", "started", "ended"]);
    expect(events.at(-1)).toEqual({ kind: "ended", ending: "interrupted" });
    run.stop();
    expect(run.steer("go on")).toBe(false);
    const next = await respond(session, [user("rename old to fresh")]).ended;
    expect(next.at(-1)).toEqual({ kind: "ended", ending: "completed" });
    expect(events).toHaveLength(3);
    await session.close();
  });

  test("the workspace's own TypeScript is loaded only when it is trusted", async () => {
    const fake = {
      "node_modules/typescript/package.json": '{ "name": "typescript", "main": "index.js" }',
      "node_modules/typescript/index.js": 'throw new Error(require("node:fs").writeFileSync(__dirname + "/ran", ""));',
    };
    for (const trusted of [false, true]) {
      const root = makeWorkspace({ ...tiny, ...fake });
      const session = open(root, trusted);
      const events = await respond(session, [user("rename old to fresh")]).ended;
      expect(events.at(-1)).toEqual({ kind: "ended", ending: "completed" });
      expect("node_modules/typescript/ran" in readTree(root)).toBe(trusted);
      await session.close();
    }
  });

  test("a thread that cannot start is one line", async () => {
    const session = createInstantSession({
      workspaceRoot: makeWorkspace(tiny),
      allows: () => true,
      trusted: false,
      spawn: threadSpawner(workerPath, "/nowhere/at/all.js"),
    });
    const events = await respond(session, [user("rename old to fresh")]).ended;
    expect(events.at(-1)).toMatchObject({
      kind: "ended",
      ending: "failed",
      failure: { code: "TOOL_FAILED", message: expect.stringMatching(/^The language service failed: Cannot find module/) },
    });
    await session.close();
  });
});

describe("with a port", () => {
  function withPort(answers: (message: WorkerMessage, events: InstantWorkerEvents) => void): ModelSession {
    return createInstantSession({
      workspaceRoot: "/w",
      allows: () => true,
      trusted: false,
      spawn: (_, events) => ({ send: (message) => queueMicrotask(() => answers(message, events)), end: () => undefined }),
    });
  }

  test("what it does not understand it refuses without a thread", async () => {
    const session = withPort(() => expect.unreachable());
    const events = await respond(session, [user("make it faster")]).ended;
    expect(events.at(-1)).toMatchObject({ kind: "ended", ending: "failed", failure: { code: "INSTANT_UNKNOWN" } });
  });

  test("a stop between two files ends the stream there", async () => {
    const session = withPort(({ id }, { onReply }) =>
      onReply({ id, task: "plan", answer: { kind: "plan", patches: ["one\n", "two\n"], summary: "", notes: [] } }),
    );
    const events: ModelEvent[] = [];
    await new Promise<void>((resolve) => {
      const run = session.respond({ items: [user("rename a to b")], tools: [] }, (event) => {
        events.push(event);
        if (event.kind === "call.delta") run.stop();
        if (event.kind === "ended") setImmediate(() => setImmediate(resolve));
      });
    });
    expect(kinds(events)).toEqual(["requested", "started", "call.started", "call.delta", "ended"]);
  });

  test("it reads what the person said, without what stands around it for models", async () => {
    const asked: InstantRequest[] = [];
    const session = withPort((message, { onReply }) => {
      if (message.task === "plan") asked.push(message.request);
      onReply({ id: message.id, task: "plan", answer: { kind: "nothing", text: "Done." } });
    });
    const text = "[The user undid your change.]\n\nrename a to b\n\n<file>";
    await respond(session, [{ kind: "user", text, own: { start: 31, end: 44 } }]).ended;
    expect(asked).toMatchObject([{ operation: "rename-symbol", name: "a", newName: "b" }]);
  });

  test("it plans again only once", async () => {
    const state: PlanState = { done: [], untouched: [], different: ["a.ts"] };
    let plans = 0;
    const session = withPort(({ id, task }, { onReply }) => {
      if (task === "plan") plans++;
      onReply(
        task === "check"
          ? { id, task, state }
          : { id, task: "plan", answer: { kind: "plan", patches: ["p"], summary: "Done.", notes: [] } },
      );
    });
    await respond(session, [user("rename a to b")]).ended;
    expect(patchOf(await respond(session, [output("instant-1")]).ended)).toBe("p");
    expect(await respond(session, [output("instant-2")]).ended).toContainEqual({
      kind: "text",
      text: "Done. Not as planned on disk: a.ts.",
    });
    expect(plans).toBe(2);
  });

  test("a thread that breaks is a failure, and a new one is started for the next request", async () => {
    let broken = true;
    const session = withPort(({ id }, { onReply, onGone }) =>
      broken ? onGone("It broke.") : onReply({ id, task: "plan", answer: { kind: "nothing", text: "Fine." } }),
    );
    const first = await respond(session, [user("rename a to b")]).ended;
    expect(first.at(-1)).toMatchObject({ ending: "failed", failure: { message: "It broke." } });
    broken = false;
    expect(await respond(session, [user("rename a to b")]).ended).toContainEqual({ kind: "text", text: "Fine." });
  });
});

test("which TypeScript is able", () => {
  const createLanguageService = () => expect.unreachable();
  expect(isAble({ version: "4.9.5", createLanguageService })).toBe(true);
  expect(isAble({ version: "6.0.3", createLanguageService })).toBe(true);
  expect(isAble({ version: "4.8.4", createLanguageService })).toBe(false);
  expect(isAble({ version: "7.0.2" })).toBe(false);
});
