/**
 * A turn that demands one failing test first: once its test was seen to fail for the right reason, what was held for that lands by itself.
 * What does not count is said, to the person and to the model. Nothing is asked of the model again: what it wrote is there.
 */
import type { EventBody, Evidence, HunkId, HunkLine, Review, TurnId } from "@twolane/protocol";
import { isTestFile } from "@twolane/policy";
import { isOnDisk } from "./rewind.ts";
import { writtenBy } from "./workflow-desk.ts";

export interface TestFirstDeps {
  readonly review: Review;
  readonly emit: (event: EventBody) => void;
  /** To the model, with the next message. */
  readonly note: (text: string) => void;
  readonly lines: (hunk: HunkId) => readonly HunkLine[] | undefined;
  readonly list: () => Promise<readonly string[]>;
  /** From here on nothing of this turn is held for want of a failing test. */
  readonly sawTestFail: (turn: TurnId) => void;
  /** Without a yes: other rules hold them still. */
  readonly land: (hunks: readonly HunkId[]) => Promise<void>;
  /** False: each hunk waits for a person anyway. */
  readonly flows: () => boolean;
}

export class TestFirstWatch {
  private readonly deps: TestFirstDeps;
  /** The turn that still waits for its test, and what was asked. */
  private waiting: { readonly turn: TurnId; readonly prompt: string } | undefined;
  private prompt = "";
  private said = "";
  private work: Promise<void> | undefined;

  constructor(deps: TestFirstDeps) {
    this.deps = deps;
  }

  observe(event: EventBody): void {
    switch (event.type) {
      case "turn.started":
        // Who asks for something else has gone on.
        this.waiting = undefined;
        this.prompt = event.prompt;
        return;
      case "constraints.set":
        if (event.constraints.some(({ kind }) => kind === "test-first")) this.waiting = { turn: event.turn, prompt: this.prompt };
        return;
      case "tests.ended":
        if (this.waiting !== undefined)
          this.work = (this.work ?? Promise.resolve()).then(() => this.look(event.evidence)).catch(() => {});
        return;
      default:
        return;
    }
  }

  /** When nothing is about to land; true where something may have. */
  async idle(): Promise<boolean> {
    const { work } = this;
    if (work === undefined) return false;
    await work;
    if (this.work === work) this.work = undefined;
    return true;
  }

  private async look({ outcome, failure }: Evidence): Promise<void> {
    const { waiting, deps } = this;
    if (waiting === undefined) return;
    const { turn, prompt } = waiting;
    const ofTurn = [...deps.review.values()].filter(({ hunk }) => hunk.turn === turn);
    const landed = ofTurn.filter(isOnDisk).map(({ hunk }) => hunk);
    const tests = writtenBy(landed, deps.lines).filter(({ path }) => isTestFile(path));
    if (tests.length === 0) return;
    if (outcome === "passed") return this.doesNotCount("the new test passes already, so it does not show what is missing");
    if (outcome !== "failed" || failure === undefined) return;
    const { judgeFailure, ownNames } = await import("../workflows/right-failure.ts");
    const judged = judgeFailure({ failure, tests, about: prompt, owns: ownNames(await deps.list(), prompt) });
    if (!judged.right) return this.doesNotCount(judged.reason);
    if (this.waiting !== waiting) return;
    this.waiting = undefined;
    deps.sawTestFail(turn);
    const held = [...deps.review.values()]
      .filter(({ hunk, state, verdict }) => hunk.turn === turn && state === "held" && verdict?.rule === "prompt:test-first")
      .map(({ hunk }) => hunk.id);
    const seen = `The test was seen to fail: ${judged.reason}.`;
    if (held.length === 0 || !deps.flows()) return this.tell(`${seen} The implementation may change now.`);
    await deps.land(held);
    this.tell(`${seen} What was held for that has landed: ${held.join(", ")}.`);
  }

  private doesNotCount(reason: string): void {
    this.tell(`No test has failed for the right reason yet: ${reason}. What is no test is held until one does.`);
  }

  private tell(message: string): void {
    if (message === this.said) return;
    this.said = message;
    this.deps.emit({ type: "notice.given", code: "TEST_FIRST", message });
    this.deps.note(`[${message}]`);
  }
}
