import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { type EventBody, type HunkId, type HunkLine, type Review, reviewEvent } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ReviewBench, openReviewBench } from "../../../test/landing/review-bench.ts";
import { commitContent } from "../../commit/content.ts";
import type { HunkDraft } from "../edits.ts";
import type { Lander } from "../landing/lander.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);

const names = ["a.ts", "b.ts", "c.ts", "d.ts"];
const numbered = (count: number, ending: string): string =>
  Array.from({ length: count }, (_, at) => `line ${at}${ending}`).join("");
const baseline = { "a.ts": numbered(10, "\n"), "b.ts": `\ufeff${numbered(8, "\r\n")}last without newline` };

type Step =
  | { readonly kind: "update"; readonly file: number; readonly line: number; readonly shape: number; readonly above: number }
  | { readonly kind: "create" | "delete" | "move"; readonly file: number; readonly to: number }
  | { readonly kind: "accept" | "reject" | "undo" | "edit"; readonly hunk: number }
  | { readonly kind: "insert" | "change" | "remove"; readonly file: number; readonly line: number }
  | { readonly kind: "checkout"; readonly file: number; readonly all: boolean }
  | { readonly kind: "unmake"; readonly hunk: number }
  | { readonly kind: "turn" | "settle" | "resume" };

const file = fc.nat(names.length - 1);
const line = fc.nat(15);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({ kind: fc.constant("update" as const), file, line, shape: fc.nat(4), above: fc.nat(2) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("create" as const, "delete" as const, "move" as const), file, to: file }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom("accept" as const, "reject" as const, "reject" as const, "undo" as const, "edit" as const),
      hunk: fc.nat(11),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("insert" as const, "change" as const, "remove" as const), file, line }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("checkout" as const), file, all: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("unmake" as const), hunk: fc.nat(11) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("turn" as const, "settle" as const, "settle" as const, "resume" as const) }),
  },
);

/** What is known of each hunk from outside: the texts that only it brought, and whose texts its old lines held. */
interface Proposed {
  tokens: string[];
  readonly old: string;
  readonly removed: string;
  readonly moves?: boolean;
  readonly deletes?: string;
}

class World {
  readonly bench: ReviewBench;
  readonly hunks = new Map<HunkId, Proposed>();
  readonly typed = new Map<string, string>();
  /** Lines that a person changed or took out. */
  readonly spoilt: string[] = [];
  /** Hunks that somebody took out alone, whatever stood on them. */
  private readonly unmade = new Set<HunkId>();
  lander: Lander;
  private count = 0;

  constructor(bench: ReviewBench) {
    this.bench = bench;
    this.lander = bench.open();
  }

  read(name: string): string | undefined {
    const full = path.join(this.bench.workshop.root, name);
    return fs.existsSync(full) ? fs.readFileSync(full, "utf8") : undefined;
  }

  lines(name: string): string[] {
    return (this.read(name) ?? "")
      .replace(/^\ufeff/, "")
      .split(/\r?\n/)
      .filter((text) => text !== "");
  }

  private fresh(): HunkId {
    return `h${++this.count}`;
  }

  async take(one: Step): Promise<void> {
    const { reviewer } = this.bench;
    switch (one.kind) {
      case "update":
        return this.update(one);
      case "create":
      case "delete":
      case "move":
        return this.whole(one);
      case "accept":
      case "reject":
      case "undo":
      case "edit": {
        const hunk = [...this.hunks.keys()][one.hunk % Math.max(1, this.hunks.size)];
        if (hunk === undefined) return;
        if (one.kind === "edit") return this.edit(hunk);
        // Whoever says yes to a file's going means what they typed into it as well.
        if (one.kind === "accept" && this.read(this.hunks.get(hunk)?.deletes ?? "none")?.includes("mine") === true) return;
        // Not waited for: what comes next meets it on its way.
        return void reviewer[one.kind]([hunk]);
      }
      case "insert":
      case "change":
      case "remove":
        await this.settle();
        return this.type(one);
      case "checkout":
      case "unmake":
        await this.settle();
        if (one.kind === "checkout") this.checkOut(one);
        else this.unmake([...this.hunks.keys()][one.hunk % Math.max(1, this.hunks.size)] ?? "");
        return;
      case "turn":
        await this.settle();
        this.lander.endCall();
        await this.lander.finish();
        this.lander = this.bench.open();
        return;
      case "settle":
        return this.settle();
      case "resume":
        await this.settle();
        await this.bench.resume();
        this.lander = this.bench.open();
    }
  }

  private async update({ file: at, line: wanted, shape, above }: Extract<Step, { kind: "update" }>): Promise<void> {
    const name = names[at] ?? "";
    const lines = this.lines(name);
    const place = lines.findIndex((text, index) => index >= wanted % Math.max(1, lines.length) && !text.includes("mine"));
    if (place < 0) return;
    const hunk = this.fresh();
    const own = lines[place] ?? "";
    const token = `<${hunk}.0>`;
    const context: HunkLine[] = lines.slice(Math.max(0, place - above), place).map((text) => ({ op: "keep", text }));
    const replaced: HunkLine = { op: "remove", text: own };
    const kept: HunkLine = { op: "keep", text: own };
    const added: HunkLine = { op: "add", text: `new ${token}` };
    const shapes: HunkLine[][] = [
      [replaced, added],
      [kept, added],
      [added, kept],
      [...context, replaced],
      [replaced, added, { op: "add", text: `more ${token}` }],
    ];
    const changed = shapes[shape] ?? [];
    const draft: HunkDraft = {
      kind: "update",
      path: name,
      anchors: [],
      endOfFile: false,
      lines: [...context.slice(0, shape === 3 ? 0 : 9), ...changed],
    };
    const old = draft.lines.filter(({ op }) => op !== "add").map(({ text }) => text);
    this.hunks.set(hunk, {
      tokens: shape === 3 ? [] : [token],
      old: old.join("\n"),
      removed: shape === 1 || shape === 2 ? "" : own,
    });
    void this.bench.land(this.lander, hunk, draft);
  }

  private async whole({ kind, file: at, to }: Extract<Step, { kind: "create" | "delete" | "move" }>): Promise<void> {
    // Drafts that concern a whole file are made of the file as it is.
    await this.settle();
    const name = names[at] ?? "";
    const text = this.read(name);
    if (kind === "create") {
      if (text !== undefined) return;
      const hunk = this.fresh();
      const token = `<${hunk}.0>`;
      this.hunks.set(hunk, { tokens: [token], old: "", removed: "" });
      void this.bench.land(this.lander, hunk, { kind, path: name, content: `new ${token}\nsecond line\n`, overwrite: false });
      return;
    }
    // What a person typed must survive, so that a file with it is not taken away by a model.
    if (text === undefined || text.includes("mine")) return;
    const target = names[to] ?? "";
    if (kind === "move" && this.read(target) !== undefined) return;
    const hunk = this.fresh();
    this.hunks.set(hunk, {
      tokens: [],
      old: text,
      removed: kind === "delete" ? text : "",
      moves: kind === "move",
      ...(kind === "delete" && { deletes: name }),
    });
    void this.bench.land(this.lander, hunk, kind === "delete" ? { kind, path: name } : { kind, path: name, to: target });
  }

  private async edit(hunk: HunkId): Promise<void> {
    await this.settle();
    const shown = this.bench.reviewer.lines(hunk);
    const proposed = this.hunks.get(hunk);
    if (shown === undefined || proposed === undefined || !shown.some(({ op }) => op === "add")) return;
    const token = `<${hunk}.${proposed.tokens.length}>`;
    const text = shown.filter(({ op }) => op !== "remove").map((one) => (one.op === "add" ? `edited ${token}` : one.text));
    const landed = this.bench.events.length;
    await this.bench.reviewer.edit(hunk, `${text.join("\n")}\n`);
    const told = this.bench.events.slice(landed);
    if (told.some((event) => event.type === "hunk.accepted")) proposed.tokens = [token];
  }

  private type({ kind, file: at, line: wanted }: Extract<Step, { kind: "insert" | "change" | "remove" }>): void {
    const name = names[at] ?? "";
    const text = this.read(name);
    if (text === undefined) return;
    const lines = text.split(/(?<=\n)/);
    // Nobody types in front of a byte order mark.
    const place = Math.max(text.startsWith("\ufeff") ? 1 : 0, wanted % Math.max(1, lines.length));
    const word = `mine-${this.typed.size}`;
    if (kind === "insert") lines.splice(place, 0, `${word}\n`);
    const own = lines[place] ?? "";
    if (kind !== "insert" && (own.includes("mine") || own.includes("\ufeff"))) return;
    if (kind === "change") lines[place] = own.replace(/^(\ufeff?)/, `$1${word} `);
    if (kind === "remove") lines.splice(place, 1);
    if (kind !== "insert") this.spoilt.push(own);
    if (kind !== "remove") this.typed.set(word, name);
    this.bench.workshop.write(name, lines.join(""));
  }

  /** As `git checkout` does, of one file or of all. */
  private checkOut({ file: at, all }: Extract<Step, { kind: "checkout" }>): void {
    // What moved lives on elsewhere.
    const states = this.states();
    const hasMoved = [...this.hunks].some(([hunk, { moves }]) => moves === true && isOn(states.get(hunk)));
    if (hasMoved && !all) return;
    for (const name of all ? names : [names[at] ?? ""]) {
      const text = new Map(Object.entries(baseline)).get(name);
      if (text !== undefined) this.bench.workshop.write(name, text);
      else fs.rmSync(path.join(this.bench.workshop.root, name), { force: true });
    }
    const disk = names.map((name) => this.read(name) ?? "").join("\n");
    for (const [word] of this.typed) if (!disk.includes(word)) this.typed.delete(word);
  }

  /** Somebody puts the one line back that a hunk had changed. */
  private unmake(hunk: HunkId): void {
    const { tokens = [], removed = "" } = this.hunks.get(hunk) ?? {};
    const line = `new ${tokens[0] ?? ""}`;
    for (const name of names) {
      const lines = (this.read(name) ?? "").split("\n");
      const place = lines.findIndex((text) => text.replace(/^\ufeff|\r$/g, "") === line);
      // A line of its own each: a hunk of two lines, or the same text twice, cannot be unmade by one.
      if (place < 0 || removed === "" || lines.some((text) => text.includes(`more ${tokens[0]}`))) continue;
      lines[place] = (lines[place] ?? "").replace(line, removed);
      this.bench.workshop.write(name, lines.join("\n"));
      this.unmade.add(hunk);
    }
  }

  /** What a commit of all that is on disk takes: exactly that. */
  async checkCommit(): Promise<void> {
    const states = this.states();
    const accepted = new Set([...states].flatMap(([hunk, state]) => (isOn(state) ? [hunk] : [])));
    for (const { path: name, steps } of await this.bench.reviewer.histories()) {
      for (const { hunk } of steps) assert.ok(accepted.has(hunk), `${hunk} is off the disk and would be committed`);
      const text = this.read(name);
      const head = new Map(Object.entries(baseline)).get(name);
      const { after, left } = commitContent(
        {
          ...{ path: name, steps, disk: text === undefined ? undefined : Buffer.from(text) },
          head: head === undefined ? undefined : Buffer.from(head),
        },
        { accepted, committed: new Set() },
      );
      if (left.length > 0) continue;
      const committed = after === undefined ? "" : Buffer.from(after).toString();
      for (const [hunk, { tokens }] of this.hunks)
        for (const token of tokens)
          if (!accepted.has(hunk)) assert.ok(!committed.includes(token), `${token} would be committed without its hunk`);
    }
  }

  async settle(): Promise<void> {
    await this.bench.reviewer.idle();
    await this.lander.finish();
    await this.bench.reviewer.idle();
    await this.bench.reviewer.lookOutside();
    this.check();
  }

  states(): ReadonlyMap<HunkId, string> {
    const review: Review = new Map();
    for (const event of this.bench.events) fold(review, event);
    return new Map([...review].map(([id, { state }]) => [id, state]));
  }

  check(): void {
    const disk = names.map((name) => this.read(name) ?? "").join("\n");
    const states = this.states();
    const isThere = (hunk: HunkId): boolean => isOn(states.get(hunk));
    for (const [hunk, { tokens }] of this.hunks) {
      assert.notEqual(states.get(hunk), "streaming", `${hunk} has no state`);
      const there = tokens.filter((token) => disk.includes(token));
      if (!isThere(hunk)) assert.deepEqual([hunk, states.get(hunk), there], [hunk, states.get(hunk), []]);
      const token = tokens.at(-1);
      if (!isThere(hunk) || token === undefined) continue;
      const isTaken = [...this.hunks].some(([other, { removed }]) => other !== hunk && isThere(other) && removed.includes(token));
      const isSpoilt = this.spoilt.some((own) => own.includes(token));
      if (!isTaken && !isSpoilt) assert.deepEqual([hunk, there], [hunk, [token]]);
    }
    for (const [hunk, { old }] of this.hunks) {
      if (!isThere(hunk)) continue;
      for (const [ground, { tokens }] of this.hunks)
        if (ground !== hunk && !this.unmade.has(ground) && tokens.some((token) => old.includes(token)))
          assert.deepEqual([hunk, "stands on", ground, isThere(ground)], [hunk, "stands on", ground, true]);
    }
    for (const [word] of this.typed) assert.ok(disk.includes(word), `${word} is lost`);
    const marked = names.map((name) => this.read(name) ?? "").find((text) => text.includes("\ufeff"));
    if (marked !== undefined) assert.ok(marked.startsWith("\ufeff"));
    assert.deepEqual(this.bench.workshop.leftovers(), []);
  }
}

const isOn = (state: string | undefined): boolean => state === "landed" || state === "accepted";

function fold(review: Review, event: EventBody): void {
  reviewEvent(review, event);
}

describe("any order of land, accept, reject, undo, edit, typing and reverts from outside, over several files and processes", () => {
  it(
    "keeps no byte of what was refused, loses none of the person's, and lets nothing stand without its ground",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
          const bench = await openReviewBench({ files: baseline });
          try {
            const world = new World(bench);
            for (const one of steps) await world.take(one);
            await world.settle();
            await world.checkCommit();
          } finally {
            await bench.dispose();
          }
        }),
        { numRuns: 20 * scale },
      );
    },
    30_000 * scale,
  );

  it(
    "comes back to the first byte when everything is undone, and to the last when it is accepted again",
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            step.filter(({ kind }) => ["update", "create", "delete", "move", "turn"].includes(kind)),
            { minLength: 2, maxLength: 14 },
          ),
          fc.boolean(),
          async (steps, oneByOne) => {
            const bench = await openReviewBench({ files: baseline });
            try {
              const world = new World(bench);
              for (const one of steps) await world.take(one);
              await world.settle();
              const after = bench.workshop.tree();
              const on = [...world.states()].flatMap(([hunk, state]) => (state === "landed" ? [hunk] : []));
              if (oneByOne) for (const hunk of on) await bench.reviewer.undo([hunk]);
              else await bench.reviewer.undo(on);
              expect(bench.workshop.tree()).toEqual(treeOf(baseline));
              await bench.reviewer.accept(on);
              expect(bench.workshop.tree()).toEqual(after);
            } finally {
              await bench.dispose();
            }
          },
        ),
        { numRuns: 8 * scale },
      );
    },
    30_000 * scale,
  );
});

/** As `Workshop.tree` reads them. */
function treeOf(files: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text, "utf8").toString("latin1")]));
}
