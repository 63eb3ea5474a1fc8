/**
 * The running screen: alone owns the session's subscription and the timers. Keys and events go into the state (`state/app-reduce.ts`),
 * effects are carried out (`effects.ts`), and what is to be seen is drawn at most every few milliseconds.
 */
import type { Session, TwolaneEvent } from "@twolane/protocol";
import type { KeyOf } from "../state/actions.ts";
import { type Bindings, type PendingChord, keyHelp, keyOf, resolveKey } from "../keys/bindings.ts";
import type { AppAnswer, AppInput, AppState } from "../state/app.ts";
import { beginPrompt } from "../state/app-line.ts";
import { draftOf } from "../state/ahead.ts";
import { placeOf, reduceApp } from "../state/app-reduce.ts";
import { demandingText } from "../state/constraint-marks.ts";
import { editorText } from "../state/editor/editor.ts";
import { isMoving } from "../state/session-state.ts";
import { withPending } from "../state/transcript.ts";
import { screenView } from "../views/screen-view.ts";
import { filledRows, finalLines } from "../views/transcript-view.ts";
import type { Style } from "../views/style.ts";
import { shownConfigFile } from "./config-file.ts";
import { type EffectDeps, carryOut } from "./effects.ts";
import { FeltTimes } from "./felt-times.ts";
import { type Frames, createFrames, systemTiming } from "./frames.ts";
import type { HistoryFile } from "./history-file.ts";
import { createOwnCommands } from "./own-command.ts";
import { type Renderer, createRenderer } from "./renderer.ts";
import type { Terminal, TypedEvent } from "./terminal.ts";

export interface AppOptions {
  readonly terminal: Terminal;
  readonly session: Session;
  readonly state: AppState;
  readonly bindings: Bindings;
  readonly style: Style;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly historyFile?: HistoryFile;
  readonly setPace?: (tokensPerSecond: number) => void;
  /** Sent as soon as the screen is there. */
  readonly prompt?: string;
}

/** Elapsed time on the status line moves this often while something runs; ms. */
const tickMs = 100;
/** A pause in typing after which the draft may be worked on; ms. */
const pauseMs = 120;
/** So long after the first frame the files are listed, for an `@` that may come: the first prompt goes before. ms */
const listingAfterMs = 200;

/** Behind the last word of so long a text, UTF-16 units, what comes right behind (all of it once more) takes longer than a frame. */
const longText = 16_000;

/** A key waits for no frame's time. Nor does the last word of a text, or the end of a turn: nothing that streams comes right behind. */
function isAwaited(input: AppInput): boolean {
  if (input.type === "event") return input.event.type === "text.settled" || input.event.type === "turn.ended";
  return input.type === "action";
}

/** Runs until the person leaves or the terminal is gone. Gives the terminal back. True if the person left. */
export async function runApp(options: AppOptions): Promise<boolean> {
  const app = new App(options);
  return app.run();
}

class App {
  private readonly options: AppOptions;
  private readonly renderer: Renderer;
  private readonly frames: Frames;
  private readonly deps: EffectDeps;
  private readonly felt: FeltTimes;
  private readonly left: Promise<void>;
  private readonly configFile: string;
  private state: AppState;
  /** Words that came since the last look at the state: a token costs a piece of a text, and only a frame costs a state. */
  private words: (TwolaneEvent & { readonly type: "text.delta" }) | undefined;
  /** Length of the text that streams now, UTF-16 units. */
  private streamed = 0;
  private chord: PendingChord;
  private pausing: NodeJS.Timeout | undefined;
  /** The last draft that was told of. */
  private draft = "";

  constructor(options: AppOptions) {
    const { terminal, session, env, historyFile, setPace } = options;
    this.options = options;
    this.state = options.state;
    this.configFile = shownConfigFile(env);
    this.felt = new FeltTimes(session, systemTiming.now);
    this.renderer = createRenderer({
      write: (text) => terminal.write(text),
      size: terminal.size(),
      reflow: () => terminal.reflow(),
      synchronized: () => terminal.synchronized(),
      answersFrames: () => terminal.answersFrames(),
    });
    this.frames = createFrames({
      timing: systemTiming,
      draw: () => this.draw(),
      blocked: () => !terminal.isOurs() || terminal.pendingBytes() > 0 || this.renderer.behind(),
    });
    let leave = (): void => {};
    this.left = new Promise<void>((resolve) => void (leave = resolve));
    const device = this.device();
    const answer = (given: AppAnswer): void => this.put({ type: "answer", answer: given, at: systemTiming.now() });
    const onOutput = (text: string): void => answer({ kind: "command-output", text });
    this.deps = {
      ...{ session, env, leave, device, answer },
      ownCommands: createOwnCommands({ session, lend: device.lend, env, onOutput }),
      ...(historyFile && { historyFile }),
      ...(setPace && { setPace }),
      sent: (command) => this.felt.sent(command),
      demanding: () => (this.state.composing.kind === "prompt" ? demandingText(this.state.editor.text) : ""),
      isWanted: (generation) => this.state.completion.generation === generation,
      redraw: () => {
        this.renderer.clear();
        this.frames.request();
      },
    };
  }

  async run(): Promise<boolean> {
    const { terminal, session, prompt } = this.options;
    const { renderer, frames } = this;
    const unsubscribe = session.subscribe((event) => {
      this.felt.heard(event);
      this.put({ type: "event", event, at: systemTiming.now() });
    });
    const ticking = setInterval(() => this.tick(), tickMs);
    const listing = setTimeout(() => void session.paths(), listingAfterMs);
    this.listen();
    frames.request();
    if (prompt !== undefined) session.send({ type: "prompt", text: prompt });
    const hasLeft = await Promise.race([this.left.then(() => true), terminal.ended.then(() => false)]);
    this.keepLine();
    clearInterval(ticking);
    clearTimeout(this.pausing);
    clearTimeout(listing);
    unsubscribe();
    frames.flush();
    frames.close();
    renderer.finish([]);
    await terminal.close();
    return hasLeft;
  }

  /** What stands on the line when the terminal is taken away is in the history the next time. */
  private keepLine(): void {
    const { draft, editor } = this.state;
    const text = editorText(draft ?? editor);
    const effects = text.trim() === "" ? [] : beginPrompt(this.state, text).effects;
    for (const effect of effects) void carryOut(effect, this.deps);
  }

  private put(input: AppInput): void {
    if (input.type === "event" && input.event.type === "text.delta") {
      const { words } = this;
      this.streamed += input.event.text.length;
      this.words = words === undefined ? input.event : { ...input.event, text: words.text + input.event.text };
      return this.frames.request();
    }
    this.takeWords();
    this.take(input);
    if (input.type === "event" && input.event.type === "text.settled" && this.endText() > longText) this.frames.immediately();
    else if (isAwaited(input)) this.frames.atOnce();
    else this.frames.request();
  }

  /** Its length. */
  private endText(): number {
    const { streamed } = this;
    this.streamed = 0;
    return streamed;
  }

  private takeWords(): void {
    const { words } = this;
    this.words = undefined;
    if (words !== undefined) this.take({ type: "event", event: words, at: systemTiming.now() });
  }

  private take(input: AppInput): void {
    const before = this.state;
    const step = reduceApp(before, input);
    this.state = step.state;
    for (const effect of step.effects) void carryOut(effect, this.deps);
    if (step.state.editor !== before.editor || step.state.session.phase !== before.session.phase) this.awaitPause();
  }

  private awaitPause(): void {
    clearTimeout(this.pausing);
    this.pausing = setTimeout(() => {
      const text = draftOf(this.state);
      if (text === this.draft) return;
      this.draft = text;
      this.options.session.send({ type: "draft.set", text });
    }, pauseMs);
  }

  private draw(): void {
    const { terminal, style, bindings } = this.options;
    // A size that has changed since is heard first; then this frame is drawn for it.
    if (terminal.sizeChanged()) return;
    this.takeWords();
    const { state } = this;
    const keys: KeyOf = (place, name) => keyOf(bindings, place, name);
    const page = { width: state.columns, style, keyOf: keys };
    const filled = filledRows(state.transcript, page);
    const final = [...state.printing.flatMap((block) => finalLines(block, page)), ...filled.lines];
    this.state = { ...state, printing: [], transcript: withPending(state.transcript, filled.rest) };
    const view = screenView(this.state, {
      style,
      keys: (place) => keyHelp(bindings, place),
      keyOf: keys,
      now: systemTiming.now(),
      configFile: this.configFile,
    });
    const { panel } = this.state;
    if (panel.kind === "help" && view.help !== undefined) this.state = { ...this.state, panel: { ...panel, ...view.help } };
    this.renderer.frame({ final, live: view.live, cursor: view.cursor });
    this.felt.drawn();
  }

  private tick(): void {
    const { session, panel, command } = this.state;
    if (isMoving(session) || panel.kind === "review" || command !== undefined) this.put({ type: "tick", at: systemTiming.now() });
  }

  private takeKey(event: TypedEvent): void {
    this.takeWords();
    const { state, chord } = this;
    const { bindings } = this.options;
    const resolved = resolveKey(event, { place: placeOf(state), bindings, chord, empty: state.editor.text === "" });
    this.chord = resolved.chord;
    if (resolved.action !== undefined) this.put({ type: "action", action: resolved.action, at: systemTiming.now() });
    // What the action has led to decides what the keys behind it mean.
    if (resolved.rest !== undefined) this.takeKey(resolved.rest);
  }

  private listen(): void {
    const { renderer, frames } = this;
    this.options.terminal.listen({
      keys: (events) => this.felt.readKeys(() => events.forEach((event) => this.takeKey(event))),
      resize: (size) => {
        frames.settle();
        renderer.resize(size);
        this.put({ type: "resize", ...size });
      },
      drain: () => frames.drained(),
      frameDone() {
        renderer.frameDone();
        frames.drained();
      },
      suspend: () => renderer.leave(),
      resume: (told) => {
        if (!told) renderer.restart();
        frames.request();
      },
      lastWords: () => renderer.below(),
    });
  }

  private device(): EffectDeps["device"] {
    const { terminal } = this.options;
    return {
      suspend: () => terminal.suspend(),
      notify: (text) => terminal.notify(text),
      lend: async (run) => {
        this.renderer.leave();
        try {
          return await terminal.lend(run);
        } finally {
          this.frames.request();
        }
      },
    };
  }
}
