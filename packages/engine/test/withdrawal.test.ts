import type { DialectName, EventBody, Hunk, HunkId, HunkLine, ModelCapabilities } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelKit } from "../src/assembly/model-kit.ts";
import type { EditForm } from "../src/edits/dialects/dialects.ts";
import { writeDrafts } from "../src/edits/dialects/write-drafts.ts";
import type { HunkDraft } from "../src/edits/edits.ts";
import type { Lander } from "../src/edits/landing/lander.ts";
import { createGuardedReader } from "../src/guard/guarded-reader.ts";
import { openSecretScreen } from "../src/guard/secret-screen.ts";
import { diskFiles } from "../src/host/disk.ts";
import { systemProcesses } from "../src/host/process.ts";
import { createLoop } from "../src/loop/loop.ts";
import { messagesOf } from "../src/models/chat/chat-request.ts";
import { turnsOf } from "../src/models/messages/messages-turns.ts";
import type { ConversationItem, ModelEvent, ModelRequest, ModelSession } from "../src/models/models.ts";
import { createRequest } from "../src/models/responses/wire-items.ts";
import type { ResolvedModel } from "../src/models/catalog.ts";
import type { Tool } from "../src/tools/tools.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

const ways: readonly { dialect: DialectName; editForm: EditForm }[] = [
  { dialect: "v4a", editForm: "freeform" },
  { dialect: "v4a", editForm: "json" },
  { dialect: "v4a", editForm: "message" },
  { dialect: "unified-diff", editForm: "json" },
  { dialect: "search-replace", editForm: "message" },
  { dialect: "str-replace", editForm: "json" },
  { dialect: "whole-file", editForm: "message" },
];

type Step =
  | { readonly do: "prompt" | "steer" | "queue"; readonly about: number }
  | { readonly do: "stop" | "continue" | "think" | "finish" }
  | { readonly do: "edit"; readonly hunks: number; readonly leans: boolean; readonly pieces: number; readonly whole: boolean }
  | { readonly do: "quote" | "reject"; readonly pick: number; readonly whole: boolean }
  | { readonly do: "read" | "search"; readonly pick: number }
  | { readonly do: "answer-read" };

const number = fc.nat({ max: 1000 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom("prompt" as const, "steer" as const, "queue" as const), about: number }),
  fc.record({
    do: fc.constantFrom("stop" as const, "continue" as const, "think" as const, "finish" as const, "finish" as const),
  }),
  fc.record({
    do: fc.constant("edit" as const),
    hunks: fc.integer({ min: 1, max: 3 }),
    leans: fc.boolean(),
    pieces: fc.integer({ min: 1, max: 5 }),
    whole: fc.boolean(),
  }),
  fc.record({ do: fc.constantFrom("quote" as const, "reject" as const, "reject" as const), pick: number, whole: fc.boolean() }),
  fc.record({ do: fc.constantFrom("read" as const, "search" as const), pick: number }),
  fc.constant<Step>({ do: "answer-read" }),
);

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** A session whose model, tools and review are in a test's hands; everything that asks, and every dialect, is the true thing. */
class Bench {
  readonly requests: ModelRequest[] = [];
  readonly closed = new Map<HunkId, readonly HunkLine[]>();
  readonly hunks: Hunk[] = [];
  readonly rejected = new Set<HunkId>();
  readonly tokens = new Map<HunkId, string>();
  private tell: ((event: ModelEvent) => void) | undefined;
  private readonly reads: (() => void)[] = [];
  private said = 0;
  /** Completes the edit that streams. */
  private later: () => void = () => {};
  private readonly way: (typeof ways)[number];
  private readonly loop: ReturnType<typeof createLoop>;

  constructor(way: (typeof ways)[number]) {
    this.way = way;
    const capabilities: ModelCapabilities = {
      ...{ dialect: way.dialect, editForm: way.editForm, tools: way.editForm !== "message", parallelCalls: true },
      ...{ stop: "disconnect", steer: false, contextWindow: 1000 },
    };
    const source: ModelSession = {
      ...{ model: "test/puppet", capabilities, prewarm() {}, close: () => Promise.resolve() },
      respond: (request, onEvent) => {
        this.requests.push({ ...request, items: [...request.items] });
        const tell = (event: ModelEvent): void => {
          if (this.tell !== tell) return;
          if (event.kind === "ended") this.tell = undefined;
          onEvent(event);
        };
        this.tell = tell;
        return { stop: () => tell({ kind: "ended", ending: "interrupted" }), steer: () => false };
      },
    };
    const workspace = { root: "/nowhere", kind: "folder" as const };
    const screen = openSecretScreen({ state: { path: "/nowhere" }, env: {}, prompts: () => "replace" });
    const reader = createGuardedReader({
      ...{ workspace, screen, mayRead: () => ({ decision: "allow" }), unreadable: () => [] },
      files: diskFiles,
      processes: systemProcesses,
      ripgrep: () => "rg",
      pending: () => undefined,
    });
    const kit = modelKit({ source, reads: false, reader, screen, calledFrom: "", openLander: (onEvent) => this.lander(onEvent) });
    const files = (text: string): Promise<string> => Promise.resolve(`${text}\n\n<file path="a.ts">\n${this.standing()}</file>`);
    this.loop = createLoop({
      ...{ ...kit, tools: [this.readTool()], pinned: ["rules"], attach: files },
      ...{ emit: (event) => this.take(event), now: () => 0 },
    });
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case "prompt":
      case "steer":
      case "queue":
        this.loop.send({ type: step.do, text: `please ${step.about}` });
        break;
      case "stop":
      case "continue":
        this.loop.send({ type: step.do });
        break;
      case "think":
        this.tell?.({
          kind: "item",
          item: { kind: "reasoning", replay: { type: "reasoning", summary: [{ text: this.standing() }] } },
        });
        break;
      case "finish":
        this.completeLater();
        this.tell?.({ kind: "ended", ending: "completed" });
        break;
      case "edit":
        await this.edit(step);
        break;
      case "quote":
        this.quote(step.pick, step.whole);
        break;
      case "read":
      case "search":
        this.call(step.do, step.do === "read" ? { path: "a.ts" } : { pattern: this.lineOf(this.pick(step.pick)) });
        break;
      case "answer-read":
        this.reads.shift()?.();
        break;
      case "reject":
        this.reject(step.pick);
        break;
    }
    await turn();
  }

  /** Hunks that were rejected and whose text is in what was asked for since, or would be asked for now, as both wires say it. */
  leaks(since: number): readonly HunkId[] {
    return [...this.requests.slice(since), { items: this.loop.items }].flatMap(({ items }) => {
      const said = JSON.stringify([
        createRequest({ items, tools: [] }, resolved),
        messagesOf(items, "reasoning"),
        turnsOf(items).map(({ messages }) => messages()),
      ]);
      return [...this.rejected].filter((hunk) => said.includes(this.tokens.get(hunk) ?? ""));
    });
  }

  private take(event: EventBody): void {
    if (event.type !== "hunk.closed") return;
    this.closed.set(event.hunk.id, event.lines);
    const token = /token_\d+_/.exec(
      event.lines
        .filter(({ op }) => op === "add")
        .map(({ text }) => text)
        .join(" "),
    )?.[0];
    this.tokens.set(event.hunk.id, token ?? "no token");
  }

  private lander(onEvent: (event: EventBody) => void): Lander {
    let stopped = false;
    return {
      ...{
        open: () => Promise.resolve(),
        locate: () => 0,
        foresee: () => undefined,
        pending: () => undefined,
        decide: () => false,
        release() {},
        endCall() {},
      },
      ...{
        exclusive: async (action: () => Promise<unknown>) => void (await action()),
        finish: () => Promise.resolve(),
        stop: () => void (stopped = true),
      },
      land: (id, turnId, draft) => {
        const hunk: Hunk = { id, turn: turnId, operation: "update", path: draft.path, line: 3, linesRemoved: 1, linesAdded: 2 };
        if (stopped)
          return Promise.resolve({
            ...{ state: "failed", hunk, candidates: [], excerpt: this.standing() },
            failure: { code: "STOPPED", message: "", cure: "" },
          });
        this.hunks.push(hunk);
        onEvent({ type: "hunk.landed", hunk, rung: "exact", merged: false, dryRun: false });
        return Promise.resolve({ state: "landed", hunk, rung: "exact", merged: false, hash: "" });
      },
    };
  }

  /** The file as it is: what landed and was not rejected. */
  private standing(): string {
    const lines = this.hunks.filter(({ id }) => !this.rejected.has(id)).map((hunk) => `  ${this.lineOf(hunk)}\n`);
    return `before();\n${lines.join("")}return;\n`;
  }

  private readTool(): Tool {
    return {
      definition: { name: "read", description: "", freeform: false, parameters: {} },
      describe: () => "read",
      // It reads at once and answers when the test says so: meanwhile what it has read may be rejected.
      run: (input, signal) => {
        const text = `a.ts lines 1-9\n${this.standing()}`;
        return new Promise((resolve) => {
          const answer = (): void =>
            resolve({
              ok: true,
              text: `${text}${input.includes("pattern") ? text.replaceAll(/^/gm, "a.ts:7:") : ""}`,
              summary: "",
            });
          this.reads.push(answer);
          signal.addEventListener("abort", answer);
        });
      },
    };
  }

  private pick(index: number): Hunk | undefined {
    return this.hunks[index % Math.max(1, this.hunks.length)];
  }

  private lineOf(hunk: Hunk | undefined): string {
    return (
      (hunk &&
        this.closed
          .get(hunk.id)
          ?.find(({ op, text }) => op === "add" && text.includes("token_"))
          ?.text.trim()) ??
      "nothing"
    );
  }

  private async edit({ hunks, leans, pieces, whole }: Extract<Step, { do: "edit" }>): Promise<void> {
    if (this.tell === undefined) return;
    const { dialect, editForm } = this.way;
    const onto = leans ? this.lineOf(this.hunks.find(({ id }) => !this.rejected.has(id))) : "before();";
    const drafts = Array.from({ length: dialect === "str-replace" ? 1 : hunks }, () => this.draft(++this.said, onto));
    const text = `${editForm === "message" ? "Look.\n\n" : ""}${writeDrafts(dialect, editForm, drafts)}`;
    const call = `c${this.said}`;
    const size = Math.ceil(text.length / pieces);
    const cuts = Array.from({ length: pieces }, (_, index) => text.slice(index * size, (index + 1) * size));
    if (editForm !== "message") this.tell?.({ kind: "call.started", call, tool: "edit", freeform: editForm === "freeform" });
    for (const piece of cuts)
      this.tell?.(editForm === "message" ? { kind: "text", text: piece } : { kind: "call.delta", call, text: piece });
    await turn();
    this.later = () => this.complete(text, call);
    // Else what comes next may be a stop, a steer or a rejection.
    if (whole) this.completeLater();
  }

  private completeLater(): void {
    this.later();
    this.later = () => {};
  }

  private complete(text: string, call: string): void {
    if (this.way.editForm === "message") {
      const replay = { type: "message", role: "assistant", content: [{ type: "output_text", text }] };
      return this.tell?.({ kind: "item", item: { kind: "assistant", text, replay } });
    }
    const freeform = this.way.editForm === "freeform";
    const replay = { type: "function_call", call_id: call, name: "edit", arguments: text };
    this.tell?.({ kind: "item", item: { kind: "call", call, tool: "edit", input: text, freeform, replay } });
  }

  private draft(count: number, onto: string): HunkDraft {
    const fresh = [`const name = "token_${count}_\\t";`, "}", `shared(${count % 2});`];
    const path = `a${this.way.dialect === "whole-file" ? count : ""}.ts`;
    if (this.way.dialect === "whole-file") return { kind: "rewrite", path, content: `${onto}\n${fresh.join("\n")}\n` };
    if (this.way.dialect === "str-replace")
      return { kind: "substitute", path, oldText: `${onto}\n`, newText: `${onto}\n${fresh.join("\n")}\n`, everywhere: false };
    const lines = [{ op: "keep" as const, text: onto }, ...fresh.map((line) => ({ op: "add" as const, text: line }))];
    return { kind: "update", path, anchors: [], endOfFile: false, lines };
  }

  private quote(pick: number, whole: boolean): void {
    this.completeLater();
    const text = `Some words.\n\nI wrote this:\n\n${this.lineOf(this.pick(pick))}\n\nand \`${this.lineOf(this.pick(pick + 1))}\`, you see.`;
    this.tell?.({ kind: "text", text });
    if (!whole) return;
    const item: ConversationItem = {
      kind: "assistant",
      text,
      replay: { type: "message", content: [{ type: "output_text", text }] },
    };
    this.tell?.({ kind: "item", item });
  }

  private call(tool: string, input: object): void {
    if (this.tell === undefined || this.way.editForm === "message") return;
    const call = `r${++this.said}`;
    this.tell({
      kind: "item",
      item: { kind: "call", call, tool: "read", input: JSON.stringify({ ...input, tool }), freeform: false },
    });
  }

  /** With everything that stands on it, as the reviewer does. */
  private reject(index: number): void {
    const root = this.pick(index);
    if (root === undefined || this.rejected.has(root.id)) return;
    const gone = [root];
    for (const hunk of this.hunks) {
      const leans = gone.some(({ id }) =>
        this.closed.get(hunk.id)?.some(({ text }) => text.includes(this.tokens.get(id) ?? "?")),
      );
      if (leans && !gone.includes(hunk) && !this.rejected.has(hunk.id)) gone.push(hunk);
    }
    for (const { id } of gone) this.rejected.add(id);
    this.loop.withdraw(
      gone.map((hunk) => ({
        ...{ hunk: hunk.id, path: hunk.path, line: hunk.line, linesRemoved: 1, linesAdded: 3, reason: "no" },
        ...{ state: hunk === root ? "rejected" : "held", lines: this.closed.get(hunk.id) ?? [] },
      })),
    );
  }
}

const resolved: ResolvedModel = {
  ...{ model: "test/puppet", provider: "test", name: "puppet", wire: "responses", baseUrl: "http://127.0.0.1", headers: {} },
  capabilities: {
    ...{ dialect: "v4a", editForm: "freeform", tools: true, parallelCalls: true },
    ...{ stop: "disconnect", steer: false, contextWindow: 1000 },
  },
  chat: { usageOption: true, maxTokensField: "max_tokens", parallelOption: true, reasoningField: "reasoning" },
  responses: { webSocket: false, warmUp: false, socketMinutes: 1, paddingOption: false, clientMetadata: false },
  messages: { cacheMarks: true, eagerInput: false },
};

describe("what was rejected", () => {
  it.each(ways)("is in no later request, whatever came before and after ($dialect, $editForm)", async (way) => {
    let checked = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 5, maxLength: 40 }), async (list) => {
        const bench = new Bench(way);
        await bench.play({ do: "prompt", about: 0 });
        await bench.play({ do: "edit", hunks: 3, leans: false, pieces: 1, whole: true });
        for (const step of list) {
          const before = bench.requests.length;
          await bench.play(step);
          expect(bench.leaks(before)).toEqual([]);
          if (bench.rejected.size > 0) checked++;
        }
        // What waits to be said goes with the next message.
        const before = bench.requests.length;
        await bench.play({ do: "stop" });
        await bench.play({ do: "prompt", about: 1 });
        expect(bench.leaks(before)).toEqual([]);
      }),
      { numRuns: 60 * scale },
    );
    expect(checked).toBeGreaterThan(100);
  });
});
