/** What keys mean on hunks that a rule holds: each is an answer of its own, and nothing else is one. */
import type { Command, EventBody, Verdict } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { defaultBindings, keyHelp, keyOf, resolveKey } from "../keys/bindings.ts";
import { screenView } from "../views/screen-view.ts";
import { createStyle } from "../views/style.ts";
import { finalLines } from "../views/transcript-view.ts";
import type { AppEffect, AppInput, AppState } from "./app.ts";
import { firstState } from "./app-first.ts";
import { placeOf, reduceApp } from "./app-reduce.ts";
import { at, hunkOf, priceLines } from "./session-state-samples.ts";

const style = createStyle({ NO_COLOR: "1" }, false);

const dependency: Extract<Verdict, { reason: string }> = {
  ...{ decision: "hold", rule: "dependencies", reason: "left-pad would be a new dependency", subject: "left-pad" },
  ...{ wayOut: "Do without it, or have a person say yes.", source: ".twolane/policy.yaml:7" },
};

const keys = (place: Parameters<typeof keyOf>[1], name: Parameters<typeof keyOf>[2]) => keyOf(defaultBindings, place, name);

type EditWish = Extract<AppEffect, { type: "edit-outside" }>;

class Person {
  state: AppState = firstState([], { settings: { vim: false, tellCorrections: false }, entries: [], columns: 110, rows: 24 });
  readonly sent: Command[] = [];
  readonly printed: string[] = [];
  private readonly wishes: EditWish[] = [];
  private now = 1000;

  tell(...bodies: readonly EventBody[]): void {
    for (const body of bodies) this.put({ type: "event", event: at(this.now, body), at: this.now });
  }

  press(...names: readonly string[]): void {
    for (const name of names) {
      const event = name.length === 1 ? ({ kind: "text", text: name } as const) : ({ kind: "key", key: name } as const);
      const resolving = { place: placeOf(this.state), bindings: defaultBindings, chord: undefined };
      const { action } = resolveKey(event, { ...resolving, empty: this.state.editor.text === "" });
      if (action !== undefined) this.put({ type: "action", action, at: this.now });
    }
  }

  /** What the editor is opened with by these keys. */
  edits(...names: readonly string[]): EditWish | undefined {
    this.press(...names);
    return this.wishes.at(-1);
  }

  edited(wish: EditWish | undefined, text = ""): void {
    if (wish !== undefined) this.put({ type: "answer", answer: { kind: "edited", purpose: wish.purpose, text }, at: this.now });
  }

  wait(ms: number): void {
    this.now += ms;
    this.put({ type: "tick", at: this.now });
  }

  /** What was said to hunks. */
  get answers(): readonly Command[] {
    return this.sent.filter(({ type }) => type.startsWith("hunk.") && type !== "hunk.see");
  }

  screen(): string {
    const page = {
      style,
      now: this.now,
      configFile: "",
      keys: (place: Parameters<typeof keyHelp>[1]) => keyHelp(defaultBindings, place),
    };
    return screenView(this.state, { ...page, keyOf: keys }).live.join("\n");
  }

  private put(input: AppInput): void {
    const step = reduceApp(this.state, input);
    this.state = { ...step.state, printing: [] };
    for (const block of step.state.printing) this.printed.push(...finalLines(block, { width: 110, style, keyOf: keys }));
    for (const effect of step.effects) {
      if (effect.type === "send") this.sent.push(effect.command);
      if (effect.type === "edit-outside") this.wishes.push(effect);
    }
  }
}

const hunk = hunkOf("h1", { path: "package.json" });
const other = hunkOf("h2");
const held = (verdict = dependency): EventBody => ({ type: "hunk.held", hunk, verdict });

/** One hunk that a rule holds and one that landed, the list open. */
function atHeldHunk(verdict = dependency): Person {
  const person = new Person();
  person.tell({ type: "turn.started", turn: "t1", prompt: "x" }, { type: "hunk.closed", hunk, lines: priceLines }, held(verdict));
  person.tell({ type: "hunk.closed", hunk: other, lines: priceLines });
  person.tell({ type: "hunk.landed", hunk: other, rung: "exact", merged: false, dryRun: false });
  person.press("tab");
  person.wait(1000);
  return person;
}

describe("a hunk that a rule holds", () => {
  it("is said to be one while it streams", () => {
    const person = new Person();
    person.tell({ type: "turn.started", turn: "t1", prompt: "x" });
    person.tell({ type: "hunk.streaming", hunk: "h1", path: "package.json", line: 3, lines: 2 });
    expect(person.screen()).not.toContain("held");
    person.tell({ type: "hunk.streaming", hunk: "h1", path: "package.json", line: 3, lines: 3, verdict: dependency });
    expect(person.screen()).toContain("will be held: left-pad would be a new dependency (dependencies)");
    person.tell({ type: "hunk.closed", hunk, lines: priceLines });
    expect(person.screen()).not.toContain("will be held");
  });

  it("says rule, place, way out and the keys, in the transcript and in the list", () => {
    const person = atHeldHunk();
    const text = person.printed.join(" ").replace(/\s+/g, " ");
    expect(text).toContain("left-pad would be a new dependency. Rule dependencies, .twolane/policy.yaml:7.");
    expect(text).toContain("Tab, then y lands it once, s for the session, N never.");
    expect(person.screen()).toMatch(/y yes · s yes, all session · n no · N never/);
    person.press("j");
    expect(person.screen()).not.toContain("N never");
  });

  it.each([
    ["y", { type: "hunk.accept", hunks: ["h1"] }],
    ["s", { type: "hunk.allow", hunks: ["h1"], for: "session" }],
    ["N", { type: "hunk.allow", hunks: ["h1"], for: "never" }],
    ["n", { type: "hunk.reject", hunks: ["h1"] }],
  ])("is answered by %s", (key, command) => {
    const person = atHeldHunk();
    person.press(key);
    expect(person.answers).toEqual([command]);
  });

  it.each(["y", "s", "N", "n"])("is not answered by %s in the moment in which it appears", (key) => {
    const person = new Person();
    person.press("tab");
    person.tell({ type: "turn.started", turn: "t1", prompt: "x" }, { type: "hunk.closed", hunk, lines: priceLines }, held());
    person.press("tab");
    person.wait(100);
    person.press(key);
    expect(person.answers).toEqual([]);
    person.wait(300);
    person.press(key);
    expect(person.answers).toHaveLength(1);
  });

  it.each(["a", "A"])("is not meant by the yes to many, %s", (key) => {
    const person = atHeldHunk();
    person.press(key);
    const accepted = person.answers.flatMap((command) => (command.type === "hunk.accept" ? command.hunks : []));
    expect(accepted).not.toContain("h1");
  });

  it("is not answered by what is typed, queued or steered", () => {
    const person = atHeldHunk();
    person.press("q", ..."yes, allow it".split(""), "enter", "y", "tab", ..."allow all of it".split(""), "enter");
    expect(person.answers).toEqual([]);
    expect(person.sent.filter(({ type }) => type === "steer" || type === "queue").length).toBeGreaterThan(0);
  });

  it("that is blocked is offered no key, and other holds have no session", () => {
    const blocked = atHeldHunk({ ...dependency, decision: "block" });
    const text = blocked.printed.join(" ").replace(/\s+/g, " ");
    expect(text).not.toContain("lands it once");
    expect(blocked.screen()).toContain("blocked: left-pad");
    const step = atHeldHunk({ decision: "hold", rule: "step", reason: "it waits for your yes", wayOut: "" });
    step.press("s");
    expect(step.answers).toEqual([]);
    expect(step.screen()).toContain("No rule holds h1");
  });
});

describe("remarks in the list of hunks", () => {
  const comment = (id: string, text: string): EventBody => ({
    ...{ type: "comment.made", comment: { id, path: "src/price.ts", line: 3, severity: "must", text } },
  });
  const opened = (...bodies: readonly EventBody[]): Person => {
    const person = new Person();
    person.tell(...bodies);
    person.press("tab");
    person.wait(400);
    return person;
  };

  it("are mended by a prompt about exactly that, once, and put away with a no", () => {
    const person = opened(comment("c1", "the total is never rounded"), comment("c2", "name it"));
    expect(person.screen()).toContain("Review 1/2 · nothing waits · 2 remarks");
    expect(person.screen()).toContain("›  c1 must src/price.ts:3  the total is never rounded");
    expect(person.screen()).toContain("f have it mended · n put it away");
    person.press("f", "f");
    expect(person.sent).toEqual([
      {
        type: "prompt",
        text: "A reviewer says of src/price.ts, line 3: the total is never rounded\nMend that with the smallest change that settles it, and nothing else.",
        constraints: [{ kind: "only", paths: ["src/price.ts"] }],
      },
    ]);
    expect(person.screen()).toContain("a fix was asked for");
    person.press("n");
    expect(person.screen()).not.toContain("never rounded");
    expect(person.screen()).toContain("›  c2 must");
    person.wait(400);
    person.press("y", "n");
    expect(person.state.review.comments.size).toBe(0);
    expect(person.answers).toEqual([]);
  });

  it("stand behind the hunks, and no arriving hunk takes the cursor from one", () => {
    const hunk = hunkOf("h1");
    const landed: EventBody = { type: "hunk.landed", hunk, rung: "exact", merged: false, dryRun: false };
    const person = opened({ type: "turn.started", turn: "t1", prompt: "go" }, landed, comment("c1", "never closed"));
    expect(person.state.review.cursor).toBe("h1");
    person.press("j");
    expect(person.state.review.cursor).toBe("c1");
    const second = hunkOf("h2");
    person.tell({ type: "hunk.closed", hunk: second, lines: priceLines }, { ...landed, hunk: second });
    expect(person.state.review.cursor).toBe("c1");
    person.press("f");
    expect(person.sent.map(({ type }) => type)).toEqual(["hunk.see"]);
    person.press("k");
    expect(person.state.review.cursor).toBe("h2");
  });
});

describe("what a hunk broke", () => {
  const problem = { path: "src/order.ts", line: 2, code: "TS2345", message: "number is no string" };
  const landed: EventBody = { type: "hunk.landed", hunk: hunkOf("h1"), rung: "exact", merged: false, dryRun: false };
  const found: EventBody = { type: "diagnostics.found", hunk: "h1", problems: [problem], more: 0 };

  it("is printed once, shown at the hunk, told with a key, and said to be mended", () => {
    const person = new Person();
    person.tell({ type: "turn.started", turn: "t1", prompt: "go" }, landed, found);
    expect(person.printed.at(-1)).toBe("  ✗ h1 broke src/order.ts:2 TS2345 number is no string");
    const before = person.printed.length;
    person.tell({ ...found, problems: [{ ...problem, line: 4 }] });
    expect(person.printed).toHaveLength(before);
    person.press("tab");
    person.wait(400);
    expect(person.screen()).toMatch(/h1 src\/price.ts.*; broke 1 place/);
    expect(person.screen()).toContain("✗ h1 broke src/order.ts:4 TS2345 number is no string");
    expect(person.screen()).toContain("t tell what it broke");
    person.press("t");
    expect(person.sent.at(-1)).toEqual({ type: "diagnostics.tell", hunk: "h1" });
    person.tell({ type: "diagnostics.cleared", hunk: "h1" });
    expect(person.printed.at(-1)).toBe("  h1: nothing is broken by it any more");
    expect(person.screen()).not.toContain("broke");
  });

  it("is offered to be told at once while the model builds on it", () => {
    const person = new Person();
    person.tell({ type: "turn.started", turn: "t1", prompt: "go" }, landed, { ...found, steer: true });
    expect(person.screen()).toContain("h1 broke src/order.ts:2 TS2345 number is no string · Alt-C: tell the model now");
    person.press("alt-c");
    expect(person.sent).toEqual([{ type: "diagnostics.tell", hunk: "h1" }]);
    expect(person.state.correction).toBeUndefined();
    person.tell({ ...found, steer: true }, { type: "turn.ended", turn: "t1", ending: "completed" });
    expect(person.state.correction).toBeUndefined();
  });
});

/** Two hunks of a job, one of them in conflict with the person's lines, the list open at that one. */
function atConflict(): Person {
  const person = new Person();
  const mine = { ...hunk, job: "d3" };
  const conflict = { line: 12, base: ["old"], yours: ["mine"], theirs: ["theirs"] };
  person.tell(
    { type: "turn.started", turn: "t1", prompt: "/take d3" },
    { type: "hunk.closed", hunk: mine, lines: priceLines },
    {
      type: "hunk.held",
      hunk: mine,
      verdict: { decision: "hold", rule: "conflict", reason: "changed as well", wayOut: "Choose." },
    },
    { type: "hunk.conflicted", hunk: "h1", path: mine.path, conflict },
    { type: "hunk.closed", hunk: { ...other, job: "d3" }, lines: priceLines },
    {
      type: "hunk.held",
      hunk: { ...other, job: "d3" },
      verdict: { decision: "hold", rule: "deep", reason: "from job d3; yes takes it", wayOut: "Accept it." },
    },
    { type: "turn.ended", turn: "t1", ending: "completed" },
  );
  person.press("tab");
  person.wait(1000);
  return person;
}

describe("a hunk of a job in conflict", () => {
  it("shows base, yours and theirs, and from which job it is", () => {
    const screen = atConflict().screen();
    expect(screen).toContain("⇄ h1 d3 package.json:12  +1 −1  conflict: changed as well");
    expect(screen).toContain("base   │ old");
    expect(screen).toContain("yours  │ mine");
    expect(screen).toContain("theirs │ theirs");
    expect(screen).toContain("n no · T theirs · B both · e edit");
  });

  it.each([
    ["T", { type: "conflict.resolve", hunk: "h1", with: "theirs" }],
    ["B", { type: "conflict.resolve", hunk: "h1", with: "both" }],
    ["n", { type: "hunk.reject", hunks: ["h1"] }],
    ["A", { type: "hunk.accept", hunks: ["h2"] }],
  ])("is answered with %s", (key, command) => {
    const person = atConflict();
    person.press(key);
    expect(person.sent.filter(({ type }) => type !== "hunk.see")).toEqual([command]);
  });

  it("takes what was written between the marks, and nothing that still has them", () => {
    const person = atConflict();
    const wish = person.edits("e");
    expect(wish?.text.split("\n").slice(0, 4)).toEqual(["<<<<<<< yours", "mine", "||||||| before the job began", "old"]);
    person.edited(wish, wish?.text.replace("mine", "ours"));
    expect(person.sent.some(({ type }) => type === "conflict.resolve")).toBe(false);
    person.edited(wish, "ours\n");
    expect(person.sent.at(-1)).toEqual({ type: "conflict.resolve", hunk: "h1", with: "text", text: "ours\n" });
  });

  it("leaves these keys alone where there is no conflict", () => {
    const person = atConflict();
    person.press("j", "T");
    expect(person.sent.some(({ type }) => type === "conflict.resolve")).toBe(false);
    expect(person.screen()).not.toContain("T theirs");
  });
});
