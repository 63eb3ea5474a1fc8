/**
 * The session line by line: for screen readers, logs, pipes and terminals that cannot move the cursor. The same state and commands as on
 * the screen; what is printed is never changed. What the screen would show for a while is printed once (`views/plain-view.ts`).
 */
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { type Failure, type Result, type Session, exitStatus } from "@twolane/protocol";
import type { ActionName } from "../state/actions.ts";
import type { AppAnswer, AppEffect, AppInput, AppState } from "../state/app.ts";
import { firstState } from "../state/app-first.ts";
import { endComposing } from "../state/app-line.ts";
import { reduceApp } from "../state/app-reduce.ts";
import { textEditorAt } from "../state/editor/editor.ts";
import { lineEnd } from "../state/editor/text-motion.ts";
import { choiceFor } from "../state/workflow-state.ts";
import { noPanel } from "../state/panel.ts";
import { watchUnanswered } from "../state/unanswered.ts";
import { openedLines } from "../views/plain-view.ts";
import { type Style, createStyle } from "../views/style.ts";
import { finalLines } from "../views/transcript-view.ts";
import { type EffectDeps, carryOut } from "./effects.ts";
import { createOwnCommands } from "./own-command.ts";

export interface PlainOptions {
  readonly prompt: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly open: () => Promise<Result<Session>>;
  readonly refuse: (reason: Failure) => number;
  readonly onInterrupt: (listener: (signal: NodeJS.Signals) => void) => () => void;
  readonly onHangup: (listener: () => void) => () => void;
}

/** Nothing is wrapped by us: whoever reads the lines does that. */
const noWrap = 100_000;

export async function runPlain(options: PlainOptions): Promise<number> {
  const opened = await options.open();
  if (!opened.ok) return options.refuse(opened.failure);
  const session = opened.value;
  await new Plain(session, options).run();
  await session.close();
  return exitStatus.ok;
}

class Plain {
  private readonly session: Session;
  private readonly options: PlainOptions;
  private readonly style: Style;
  private readonly deps: EffectDeps;
  private readonly left: Promise<void>;
  private state: AppState;
  private leave: () => void = () => {};
  /** A line of the text that answers a workflow has come. */
  private answerBegun = false;
  /** What has been asked for and is not answered yet; commands of the person's own apart, because they may run for long. */
  private readonly asked = new Set<Promise<void>>();
  private readonly commands = new Set<Promise<void>>();

  constructor(session: Session, options: PlainOptions) {
    const { env, output } = options;
    this.session = session;
    this.options = options;
    this.style = createStyle(env, output.isTTY === true);
    const settings = { vim: false, tellCorrections: false, plain: true } as const;
    // Lines of a pipe are not held up by advice, which would stand nowhere.
    this.state = { ...firstState(session.history, { settings, entries: [], columns: noWrap, rows: 24 }), advised: true };
    this.left = new Promise((resolve) => void (this.leave = resolve));
    const answer = (given: AppAnswer): void => this.put({ type: "answer", answer: given, at: performance.now() });
    const onOutput = (text: string): void => answer({ kind: "command-output", text });
    this.deps = {
      ...{ session, env, answer, redraw: () => {}, leave: () => this.leave() },
      device: { suspend: () => {}, notify: (text) => this.print([`(${text})`]) },
      ownCommands: createOwnCommands({ session, lend: undefined, env, onOutput }),
    };
  }

  async run(): Promise<void> {
    const { session, options } = this;
    const unsubscribe = session.subscribe((event) => this.put({ type: "event", event, at: performance.now() }));
    const { mode } = this.state.session;
    if (mode !== "flow") this.print([`mode: ${mode}`]);
    const forget = options.onInterrupt((signal) => (signal === "SIGINT" ? this.act("stop") : this.leave()));
    // A pipe may outlive the terminal; a keyboard does not.
    const forgetHangup = options.input.isTTY === true ? options.onHangup(this.leave) : () => {};
    if (options.prompt !== "") session.send({ type: "prompt", text: options.prompt });
    const lines = createInterface({ input: options.input, crlfDelay: Infinity });
    void this.takeLines(lines);
    await this.left;
    lines.close();
    forget();
    forgetHangup();
    unsubscribe();
  }

  /** A line waits for what the one before has asked for, so that lines from a pipe mean what they would mean when typed. */
  private async takeLines(lines: AsyncIterable<string>): Promise<void> {
    // Who leaves a keyboard with Ctrl-D has not said yes to a plan; what comes from a pipe goes on as without a terminal.
    const ended = watchUnanswered(this.session, this.options.input.isTTY === true ? "commands" : "all");
    for await (const line of lines) {
      await Promise.all([...this.asked, ...(line.startsWith("!") ? this.commands : [])]);
      this.takeLine(line);
    }
    ended();
    // What was asked is still carried out when the input ends.
    do {
      await Promise.all([this.session.idle(), ...this.asked, ...this.commands]);
    } while (this.asked.size + this.commands.size > 0);
    this.leave();
  }

  private takeLine(line: string): void {
    const word = line.trim();
    if (this.state.panel.kind === "picker" && /^\d+$/.test(word)) return this.choose(Number(word));
    if (this.state.panel.kind === "picker") this.state = { ...this.state, panel: noPanel };
    if (word === "?") return this.act("help");
    const isAnswer = this.state.session.workflow?.asked !== undefined && this.state.composing.kind === "prompt";
    if (isAnswer && this.answerWorkflow(word)) return;
    const { kind } = this.state.composing;
    if ((kind === "answer" || kind === "brief") && !/^[/!]/.test(word)) return this.takeAnswerLine(line);
    // A command leaves whatever the line was for.
    if (/^[/!]/.test(word)) {
      this.state = endComposing(this.state);
      this.answerBegun = false;
    }
    if (line !== "") this.replaceLine(line);
    this.act("submit");
  }

  /** The word or the number of a choice alone; everything else is a line as any other. */
  private answerWorkflow(word: string): boolean {
    const asked = this.state.session.workflow?.asked;
    if (asked === undefined || /\s/.test(word) || choiceFor(asked, word) === undefined) return false;
    this.replaceLine(`/answer ${word}`);
    this.act("submit");
    return true;
  }

  /** The text of an answer has as many lines as one likes. */
  private takeAnswerLine(line: string): void {
    if (line.trim() === "") {
      this.answerBegun = false;
      return this.act("submit");
    }
    const text = this.answerBegun ? `${this.state.editor.text}\n${line}` : line;
    this.answerBegun = true;
    this.state = { ...this.state, editor: textEditorAt(text, text.length) };
  }

  /** What stands on the line can only be taken as it is or replaced; of a commit's message the subject. */
  private replaceLine(line: string): void {
    const { composing, editor } = this.state;
    const rest = composing.kind === "commit" ? editor.text.slice(lineEnd(editor.text, 0)) : "";
    this.state = { ...this.state, editor: textEditorAt(line + rest, line.length) };
  }

  private choose(number: number): void {
    const { panel } = this.state;
    if (panel.kind !== "picker") return;
    if (panel.picker.items[number - 1] === undefined) return this.print([`There is no entry ${number}.`]);
    this.state = { ...this.state, panel: { kind: "picker", picker: { ...panel.picker, selected: number - 1 } } };
    this.act("menu-take");
  }

  private act(name: ActionName): void {
    this.put({ type: "action", action: { type: "do", name }, at: performance.now() });
  }

  private put(input: AppInput): void {
    const before = this.state;
    const step = reduceApp(before, input);
    this.state = { ...step.state, printing: [] };
    const page = { width: noWrap, style: this.style };
    this.print(step.state.printing.flatMap((block) => finalLines(block, page)));
    this.print(openedLines(before, this.state, { style: this.style, width: Math.min(this.options.output.columns ?? 100, 120) }));
    // What is printed is not open: nobody would see that a Ctrl-C closes it.
    if (this.state.panel.kind !== "picker") this.state = { ...this.state, panel: noPanel };
    for (const effect of step.effects) this.carryOut(effect);
  }

  private carryOut(effect: AppEffect): void {
    const waiting = effect.type === "run-command" ? this.commands : this.asked;
    const done = carryOut(effect, this.deps).finally(() => waiting.delete(done));
    waiting.add(done);
  }

  private print(lines: readonly string[]): void {
    if (lines.length > 0) this.options.output.write(`${lines.join("\n")}\n`);
  }
}
