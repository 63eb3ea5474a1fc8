/**
 * The running screen: alone owns the session's subscription and the timers. Keys and events go into the state (`state/app-reduce.ts`),
 * effects are carried out (`effects.ts`), and what is to be seen is drawn at most every few milliseconds.
 */
import type { Session, TwolaneEvent } from "@twolane/protocol";
import { type Bindings, type PendingChord, keyHelp, resolveKey } from "../keys/bindings.ts";
import type { AppInput, AppState } from "../state/app.ts";
import { placeOf, reduceApp } from "../state/app-reduce.ts";
import { isMoving } from "../state/session-state.ts";
import { withPending } from "../state/transcript.ts";
import { type ScreenPage, screenView } from "../views/screen-view.ts";
import { filledRows, finalLines } from "../views/transcript-view.ts";
import type { Style } from "../views/style.ts";
import { type EffectDeps, carryOut } from "./effects.ts";
import { createFrames, systemTiming } from "./frames.ts";
import type { HistoryFile } from "./history-file.ts";
import { createRenderer } from "./renderer.ts";
import type { Terminal, TypedEvent } from "./terminal.ts";

export interface AppOptions {
  readonly terminal: Terminal;
  readonly session: Session;
  readonly state: AppState;
  readonly bindings: Bindings;
  readonly style: Style;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly historyFile?: HistoryFile;
  /** Sent as soon as the screen is there. */
  readonly prompt?: string;
}

/** Elapsed time on the status line moves this often while something runs; ms. */
const tickMs = 100;

/** Runs until the person leaves or the terminal is gone. Gives the terminal back. */
export async function runApp(options: AppOptions): Promise<void> {
  const { terminal, session, style, bindings } = options;
  const { now } = systemTiming;
  let state = options.state;
  let chord: PendingChord;
  let leave = (): void => {};
  const left = new Promise<void>((resolve) => void (leave = resolve));
  const renderer = createRenderer({
    write: (text) => terminal.write(text),
    size: terminal.size(),
    reflow: () => terminal.reflow(),
    synchronized: () => terminal.synchronized(),
    answersFrames: () => terminal.answersFrames(),
  });
  const draw = (): void => {
    // A size that has changed since is heard first; then this frame is drawn for it.
    if (terminal.sizeChanged()) return;
    const page = { width: state.columns, style };
    const filled = filledRows(state.transcript, page);
    const final = [...state.printing.flatMap((block) => finalLines(block, page)), ...filled.lines];
    state = { ...state, printing: [], transcript: withPending(state.transcript, filled.rest) };
    renderer.frame({ final, ...screenView(state, screenPage()) });
  };
  const screenPage = (): ScreenPage => ({ style, keys: (place) => keyHelp(bindings, place), now: now() });
  const frames = createFrames({ timing: systemTiming, draw, blocked: () => terminal.pendingBytes() > 0 || renderer.behind() });
  const put = (input: AppInput): void => {
    const step = reduceApp(state, input);
    state = step.state;
    for (const effect of step.effects) carryOut(effect, deps);
    if (input.type === "action") frames.echo();
    else frames.request();
  };
  const deps: EffectDeps = {
    ...{ session, env: options.env, leave },
    device: {
      suspend: () => terminal.suspend(),
      notify: (text) => terminal.notify(text),
      async lend(run) {
        renderer.leave();
        try {
          return await terminal.lend(run);
        } finally {
          frames.request();
        }
      },
    },
    ...(options.historyFile && { historyFile: options.historyFile }),
    answer: (answer) => put({ type: "answer", answer, at: now() }),
    redraw: () => {
      renderer.clear();
      frames.request();
    },
  };
  const takeKey = (event: TypedEvent): void => {
    const resolved = resolveKey(event, { place: placeOf(state), bindings, chord, empty: state.editor.text === "" });
    chord = resolved.chord;
    if (resolved.action !== undefined) put({ type: "action", action: resolved.action, at: now() });
  };
  const unsubscribe = session.subscribe((event: TwolaneEvent) => put({ type: "event", event, at: now() }));
  const tick = (): void => {
    if (isMoving(state.session) || state.panel.kind === "review") put({ type: "tick", at: now() });
  };
  const ticking = setInterval(tick, tickMs);
  terminal.listen({
    keys: (events) => events.forEach(takeKey),
    resize: (size) => {
      frames.settle();
      renderer.resize(size);
      put({ type: "resize", ...size });
    },
    frameDone() {
      renderer.frameDone();
      frames.drained();
    },
    drain: () => frames.drained(),
    suspend: () => renderer.leave(),
    resume: (told) => {
      if (!told) renderer.restart();
      frames.request();
    },
    lastWords: () => renderer.below(),
  });
  frames.request();
  if (options.prompt !== undefined) session.send({ type: "prompt", text: options.prompt });
  await Promise.race([left, terminal.ended]);
  clearInterval(ticking);
  unsubscribe();
  frames.flush();
  frames.close();
  renderer.finish([]);
  await terminal.close();
}
