/**
 * The session line by line: for screen readers, logs, pipes and terminals that cannot move the cursor. The same state and commands as on
 * the screen; what is printed is never changed.
 */
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { type Failure, type Result, type Session, exitStatus } from "@twolane/protocol";
import type { AppAnswer, AppInput, AppState } from "../state/app.ts";
import { firstState } from "../state/app-first.ts";
import { reduceApp } from "../state/app-reduce.ts";
import { composingHint } from "../state/composing.ts";
import { listed } from "../state/review-list.ts";
import { hunkLine } from "../views/hunk-view.ts";
import { type Page, finalLines } from "../views/transcript-view.ts";
import { createStyle } from "../views/style.ts";
import { carryOut } from "./effects.ts";
import { createOwnCommands } from "./own-command.ts";

export interface PlainOptions {
  readonly prompt: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly open: () => Promise<Result<Session>>;
  readonly refuse: (reason: Failure) => number;
  readonly onInterrupt: (listener: () => void) => () => void;
}

/** Nothing is wrapped by us: whoever reads the lines does that. */
const noWrap = 100_000;

export async function runPlain(options: PlainOptions): Promise<number> {
  const opened = await options.open();
  if (!opened.ok) return options.refuse(opened.failure);
  const session = opened.value;
  const style = createStyle(options.env, options.output.isTTY === true);
  const page: Page = { width: noWrap, style };
  const now = (): number => performance.now();
  const settings = { vim: false, tellCorrections: false };
  let state = firstState(session.history, { settings, entries: [], columns: noWrap, rows: 24 });
  let leave = (): void => {};
  const left = new Promise<void>((resolve) => void (leave = resolve));
  const say = (lines: readonly string[]): void => void (lines.length > 0 && options.output.write(`${lines.join("\n")}\n`));
  const put = (input: AppInput): void => {
    const before = state;
    const step = reduceApp(state, input);
    state = { ...step.state, printing: [] };
    say(step.state.printing.flatMap((block) => finalLines(block, page)));
    say(openedLines(before, state));
    for (const effect of step.effects) void carryOut(effect, deps);
  };
  const device = { suspend: () => {}, notify: (text: string) => say([`(${text})`]) };
  const answer = (given: AppAnswer): void => put({ type: "answer", answer: given, at: now() });
  const onOutput = (text: string): void => answer({ kind: "command-output", text });
  const deps = {
    ...{ session, env: options.env, redraw: () => {}, leave, device, answer },
    ownCommands: createOwnCommands({ session, lend: undefined, env: options.env, onOutput }),
  };
  const act = (name: "submit" | "stop" | "menu-take"): void => put({ type: "action", action: { type: "do", name }, at: now() });
  const takeLine = (line: string): void => {
    if (state.panel.kind === "picker" && /^\d+$/.test(line.trim())) {
      const { picker } = state.panel;
      state = { ...state, panel: { kind: "picker", picker: { ...picker, selected: Number(line) - 1 } } };
      return act("menu-take");
    }
    if (line !== "") put({ type: "action", action: { type: "paste", text: line }, at: now() });
    act("submit");
  };
  const unsubscribe = session.subscribe((event) => put({ type: "event", event, at: now() }));
  const forget = options.onInterrupt(() => act("stop"));
  if (options.prompt !== "") session.send({ type: "prompt", text: options.prompt });
  const lines = createInterface({ input: options.input, crlfDelay: Infinity });
  lines.on("line", takeLine);
  // What was asked is still carried out when the input ends.
  lines.on("close", () => void session.idle().then(leave));
  await left;
  lines.close();
  forget();
  unsubscribe();
  await session.close();
  return exitStatus.ok;
}

/** What the screen would show above the input line, as lines. */
function openedLines(before: AppState, { panel, composing, editor, session, hint }: AppState): string[] {
  const lines: string[] = [];
  const style = createStyle({ NO_COLOR: "1" }, false);
  if (panel !== before.panel && panel.kind === "picker")
    lines.push(
      panel.picker.title,
      ...panel.picker.items.map(({ text, note }, index) => `  ${index + 1}. ${text}${note === undefined ? "" : `  (${note})`}`),
      "Type a number.",
    );
  if (panel !== before.panel && panel.kind === "review")
    lines.push(
      ...listed(session.review).map((one) => hunkLine(one, style)),
      "/accept h1, /reject h1, /undo h1, /diff h1, /accept all, /commit",
    );
  if (composing !== before.composing && composing.kind !== "prompt") lines.push(editor.text, composingHint(composing) ?? "");
  if (hint !== undefined && hint !== before.hint) lines.push(hint);
  return lines;
}
