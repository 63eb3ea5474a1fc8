/** Carries a workflow out on a session: its turns, tests, checks and questions, one at a time. What it does next it decides itself. */
import type {
  Command,
  Constraint,
  EventBody,
  Evidence,
  Hunk,
  HunkId,
  HunkLine,
  Review,
  ReviewedHunk,
  TurnId,
  WorkflowChoice,
  WorkflowName,
} from "@twolane/protocol";
import type { DiffWish, TurnResult, WorkflowEffect, WorkflowInput, WorkflowStart, WrittenFile } from "../workflows/workflow.ts";
import { type RunningWorkflow, openWorkflow } from "../workflows/workflows.ts";
import { isOnDisk } from "./rewind.ts";

export interface WorkflowDeps {
  readonly review: Review;
  readonly emit: (event: EventBody) => void;
  /** Before it asks for its first turn. */
  readonly ready: (workflow: WorkflowName) => Promise<unknown>;
  /** False: questions are answered as the workflow says. */
  readonly asks: boolean;
  readonly prompt: (text: string, wishes: { readonly shown: string; readonly constraints: readonly Constraint[] }) => void;
  readonly stop: () => void;
  /** When no turn runs and all its hunks are decided. */
  readonly settled: () => Promise<unknown>;
  readonly undo: (hunks: readonly HunkId[]) => Promise<unknown>;
  /** Runs what the session's changes reach, to its end. */
  readonly test: () => Promise<{ readonly evidence?: Evidence; readonly why?: string }>;
  readonly check: (line: string) => Promise<Omit<Extract<WorkflowInput, { type: "check.ended" }>, "type">>;
  readonly compareApi: () => Promise<readonly string[]>;
  /** Files of the workspace. */
  readonly list: () => Promise<readonly string[]>;
  /** Of a hunk; undefined where its text is gone. */
  readonly lines: (hunk: HunkId) => readonly HunkLine[] | undefined;
  readonly readDiff: (from: DiffWish) => Promise<Omit<Extract<WorkflowInput, { type: "diff.read" }>, "type">>;
  /** Comments that the session has had before. */
  readonly comments: number;
}

export type WorkflowCommand = Extract<Command, { type: `workflow.${string}` }>;

export class WorkflowDesk {
  private readonly deps: WorkflowDeps;
  /** Without `workflow` while it is loaded. */
  private running: { readonly name: WorkflowName; readonly workflow?: RunningWorkflow } | undefined;
  private question: { readonly choices: readonly WorkflowChoice[] } | undefined;
  /** The turn that it asked for, from its start on. */
  private turn: { readonly id: TurnId; readonly texts: string[] } | undefined;
  private asked = false;
  private waiting: (() => void)[] = [];
  /** What an end takes back. */
  private leaving: Promise<unknown> = Promise.resolve();
  private comments: number;

  constructor(deps: WorkflowDeps) {
    this.deps = deps;
    this.comments = deps.comments;
  }

  send(command: WorkflowCommand): void {
    switch (command.type) {
      case "workflow.start": {
        const { workflow, text, input, constraints = [] } = command;
        return this.start(workflow, { text, constraints, ...(input !== undefined && { input }) });
      }
      case "workflow.answer":
        return this.answer(command.answer, command.text);
      case "workflow.end":
        return this.end();
    }
  }

  private start(name: WorkflowName, start: WorkflowStart): void {
    if (this.running !== undefined) return this.notice("WORKFLOW_BUSY", `/${this.running.name} still runs: /end ends it.`);
    const loading = { name };
    this.running = loading;
    this.deps.emit({ type: "workflow.started", workflow: name, text: start.text });
    void Promise.all([openWorkflow(name, start), this.deps.ready(name)]).then(([workflow]) => {
      // It may have been ended meanwhile.
      if (this.running !== loading) return;
      if (workflow === undefined) return this.finish("failed", [`There is no workflow ${name}.`]);
      this.running = { name, workflow };
      this.carryOut(workflow.begin());
    });
  }

  private answer(answer: string, text = ""): void {
    const { running, question } = this;
    if (running === undefined || question === undefined)
      return this.notice("WORKFLOW_NO_QUESTION", "No workflow waits for an answer.");
    if (!question.choices.some((choice) => choice.answer === answer)) {
      const words = question.choices.map((choice) => choice.answer).join(", ");
      return this.notice("WORKFLOW_ANSWER", `Answer one of ${words}.`);
    }
    this.question = undefined;
    this.deps.emit({ type: "workflow.answered", workflow: running.name, answer, ...(text !== "" && { text }) });
    this.take({ type: "answered", answer, text });
  }

  /** What is done stays, but for what the workflow itself would have taken back without a proof. */
  private end(): void {
    const { running, turn, question } = this;
    if (running === undefined) return this.notice("WORKFLOW_NONE", "No workflow runs.");
    const unproven = running.workflow?.unproven();
    // `--plan` comes here with the first question.
    this.finish("stopped", [question === undefined ? "ended by the person" : "ended at its question, without an answer"]);
    this.deps.stop();
    if (unproven !== undefined) this.leaving = this.takeBack(unproven, turn?.id);
  }

  private async takeBack(unproven: readonly HunkId[], turn: TurnId | undefined): Promise<void> {
    await this.deps.settled();
    const open = [...this.deps.review.values()].filter(
      (one) => isOnDisk(one) && one.state !== "accepted" && (one.hunk.turn === turn || unproven.includes(one.hunk.id)),
    );
    if (open.length > 0) await this.deps.undo(open.map(({ hunk }) => hunk.id));
  }

  async close(): Promise<void> {
    if (this.running !== undefined) this.end();
    await this.leaving;
  }

  observe(event: EventBody): void {
    if (this.running === undefined) return;
    if (event.type === "turn.started" && this.asked) {
      this.asked = false;
      this.turn = { id: event.turn, texts: [] };
    } else if (event.type === "text.delta" && this.turn !== undefined) this.take({ type: "text.arrived", text: event.text });
    else if (event.type === "text.finished" && this.turn !== undefined) {
      this.turn.texts.push(event.text);
      this.take({ type: "text.arrived", text: "\n" });
    }
    if (event.type === "turn.ended" && event.turn === this.turn?.id) {
      const { texts, id } = this.turn;
      this.turn = undefined;
      const hunks = [...this.deps.review.values()].filter(({ hunk }) => hunk.turn === id);
      const turn = {
        ...{ ending: event.ending, text: texts.join("\n"), ...(event.failure && { failure: event.failure }) },
        ...resultOf(hunks, this.deps.lines),
      };
      // The loop is idle only behind this event.
      queueMicrotask(() => this.take({ type: "turn.ended", turn }));
    }
  }

  /** Resolves when none runs, or it waits for a person. */
  async idle(): Promise<void> {
    while (this.running !== undefined && !(this.deps.asks && this.question !== undefined))
      await new Promise<void>((resolve) => void this.waiting.push(resolve));
    await this.leaving;
  }

  private take(input: WorkflowInput): void {
    const workflow = this.running?.workflow;
    if (workflow !== undefined) this.carryOut(workflow.take(input));
  }

  private carryOut(effects: readonly WorkflowEffect[]): void {
    for (const effect of effects) {
      if (this.running === undefined) return;
      this.carry(effect, this.running.name);
    }
  }

  private carry(effect: WorkflowEffect, workflow: WorkflowName): void {
    const { emit } = this.deps;
    switch (effect.type) {
      case "ask":
        this.asked = true;
        return this.deps.prompt(effect.text, effect);
      case "question": {
        const { question, detail, choices, otherwise } = effect;
        emit({ type: "workflow.asked", workflow, question, detail, choices, otherwise });
        this.question = { choices };
        this.wake();
        if (!this.deps.asks) queueMicrotask(() => this.answer(otherwise));
        return;
      }
      case "move": {
        const { type: _, ...place } = effect;
        return emit({ type: "workflow.moved", workflow, ...place });
      }
      case "test":
        return this.after(this.deps.test(), (said) => ({ type: "tests.ended", ...said }));
      case "check":
        return this.after(this.deps.check(effect.line), (said) => ({ type: "check.ended", ...said }));
      case "compare-api":
        return this.after(this.deps.compareApi(), (changes) => ({ type: "api.compared", changes }));
      case "list":
        return this.after(this.deps.list(), (paths) => ({ type: "listed", paths }));
      case "undo":
        return this.after(this.deps.undo(effect.hunks), () => ({ type: "undone" }));
      case "comment":
        return emit({ type: "comment.made", comment: { id: `c${++this.comments}`, ...effect.comment } });
      case "read-diff":
        return this.after(this.deps.readDiff(effect.from), (said) => ({ type: "diff.read", ...said }));
      case "end":
        return this.finish(effect.ending, effect.report);
    }
  }

  /** Where it was ended meanwhile, nothing comes of it. */
  private after<T>(work: Promise<T>, inputOf: (value: T) => WorkflowInput): void {
    const { running } = this;
    work.then(
      (value) => void (this.running === running && this.take(inputOf(value))),
      (error: unknown) =>
        void (this.running === running && this.finish("failed", [error instanceof Error ? error.message : String(error)])),
    );
  }

  private finish(ending: "done" | "stopped" | "failed", report: readonly string[]): void {
    const { running } = this;
    this.running = undefined;
    this.question = undefined;
    this.turn = undefined;
    this.asked = false;
    if (running !== undefined) this.deps.emit({ type: "workflow.ended", workflow: running.name, ending, report });
    this.wake();
  }

  private wake(): void {
    for (const go of this.waiting.splice(0)) go();
  }

  private notice(code: string, message: string): void {
    this.deps.emit({ type: "notice.given", code, message });
  }
}

/** What the hunks of a turn came to. */
function resultOf(
  hunks: readonly ReviewedHunk[],
  lines: WorkflowDeps["lines"],
): Pick<TurnResult, "landed" | "held" | "written" | "heldFiles"> {
  const landed = hunks.filter(isOnDisk).map(({ hunk }) => hunk);
  const held = hunks.filter(({ state }) => state === "held");
  const reasons = new Map(held.toReversed().map(({ hunk, verdict }) => [hunk.path, verdict?.reason ?? ""]));
  return {
    landed: landed.map(({ id }) => id),
    held: held.map(({ hunk }) => hunk.id),
    written: writtenBy(landed, lines),
    heldFiles: [...reasons].map(([path, reason]) => ({ path, reason })),
  };
}

/** Files of hunks with the lines that were added, each once. */
export function writtenBy(hunks: readonly Hunk[], lines: WorkflowDeps["lines"]): readonly WrittenFile[] {
  const written = new Map<string, string[]>();
  for (const { id, path, movedTo } of hunks) {
    const added = (lines(id) ?? []).flatMap(({ op, text }) => (op === "add" ? [text] : []));
    written.set(movedTo ?? path, [...(written.get(movedTo ?? path) ?? []), ...added]);
  }
  return [...written].map(([path, added]) => ({ path, added }));
}
