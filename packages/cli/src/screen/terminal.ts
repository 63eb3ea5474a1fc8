/**
 * The terminal as a device: takes it, asks what it can, hears its keys and sizes, writes without waiting, and gives it back on every
 * way out: the normal end, signals, the background, `process.exit`, errors that nobody caught. Only `kill -9` (and a crash of Node
 * itself) leaves it as it was; `reset` helps then. What is drawn is the renderer's business, what a key does the bindings'.
 */
import type { ReadStream, WriteStream } from "node:tty";
import { escapeMs } from "../keys/decoder.ts";
import { sanitizeLine } from "../views/text.ts";
import type { Reflow, TerminalSize } from "./reflow.ts";
import { type Watch, watchWaysOut } from "./terminal-ends.ts";
import { createHold, type Hold, type TypedEvent } from "./terminal-hold.ts";
import { createKeyInput, type KeyInput } from "./terminal-keys.ts";
import { refreshSize } from "./terminal-output.ts";
import { type Environment, notification } from "./terminal-sequences.ts";

export type { TypedEvent } from "./terminal-hold.ts";

/** Why there is no terminal any more: the window was closed, or the process was told to end. */
export type Ending = { readonly kind: "closed" } | { readonly kind: "signal"; readonly signal: NodeJS.Signals };

export interface Terminal {
  size(): TerminalSize;
  /** Asks the system, ahead of the signal, whether the size is another; then `resize` has been called. */
  sizeChanged(): boolean;
  /** False while it is lent or we are in the background: what is written then is lost. */
  isOurs(): boolean;
  /** Never waits. What the terminal has not taken yet counts in `pendingBytes`. */
  write(text: string): void;
  pendingBytes(): number;
  /** Frames can be shown as one (mode 2026). */
  synchronized(): boolean;
  /** The terminal says when it has carried out a frame that asks for it. */
  answersFrames(): boolean;
  reflow(): Reflow;
  /** Bell and desktop notification. */
  notify(text: string): void;
  /** From now on; what was typed before comes first, at once. */
  listen(listener: TerminalListener): void;
  /** Into the background, as Ctrl-Z does elsewhere. */
  suspend(): void;
  /** The terminal as the shell gave it to us, while another program has it. Nothing is heard and drawn meanwhile. */
  lend<T>(run: () => Promise<T>): Promise<T>;
  /** Waits half a second at most for what is pending, then gives the terminal back. */
  close(): Promise<void>;
  /** The terminal has been given back by then. After a signal the process ends by itself two seconds later. */
  readonly ended: Promise<Ending>;
}

export interface TerminalListener {
  /** SIGINT comes as Ctrl-C. */
  readonly keys: (events: readonly TypedEvent[]) => void;
  readonly resize: (size: TerminalSize) => void;
  /** All that was written has been taken. */
  readonly drain: () => void;
  /** A frame that asked for it has been carried out. */
  readonly frameDone?: () => void;
  /** The process goes into the background now: take the live region off the screen. */
  readonly suspend: () => void;
  /** Back from there. `told` is false when nobody had asked (`kill -STOP`), so that the region is somewhere above. */
  readonly resume: (told: boolean) => void;
  /** Written first when the terminal is given back in haste: what brings the cursor below the live region. */
  readonly lastWords: () => string;
}

export interface TerminalOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly env: Environment;
  /** Bytes that the launcher took in before this was loaded. */
  readonly typedAhead?: readonly Buffer[];
}

/** How long pending output and answers may hold up what comes next. */
const settleMs = 500;

type Stage =
  | "here"
  | "asleep"
  /** Another program has the terminal. */
  | "lent"
  | "gone";

export function openTerminal(options: TerminalOptions): Terminal {
  return new Device(options);
}

class Device implements Terminal {
  readonly ended: Promise<Ending>;
  private readonly output: WriteStream;
  private readonly env: Environment;
  private readonly hold: Hold;
  private readonly keys: KeyInput;
  private readonly ways: Watch;
  private readonly streams: { close(): void };
  private stage: Stage = "here";
  private seen: TerminalSize;
  private listener: TerminalListener | undefined;
  /** Keys that came before anybody listened. */
  private early: readonly TypedEvent[] = [];
  private end: (ending: Ending) => void = () => {};

  constructor(options: TerminalOptions) {
    this.output = options.output;
    this.env = options.env;
    this.hold = createHold({ ...options, frameDone: () => this.frameDone(), written: () => this.written() });
    this.seen = sizeOf(options.output);
    this.ended = new Promise((resolve) => void (this.end = resolve));
    const { isTyped } = this.hold;
    this.keys = createKeyInput({ escMs: escapeMs(this.env), take: (events) => this.takeKeys(events.filter(isTyped)) });
    this.ways = watchWaysOut({
      haste: () => this.hold.release(this.listener?.lastWords()),
      end: (signal) => this.giveUp({ kind: "signal", signal }),
      interrupt: () => this.takeKeys([{ kind: "key", key: "ctrl-c" }]),
      suspend: () => this.suspend(),
      wake: (told) => this.wake(told),
    });
    this.streams = listenToStreams(options, {
      bytes: (bytes) => this.keys.push(bytes),
      resize: () => this.noteSize(),
      closed: () => this.giveUp({ kind: "closed" }),
    });
    this.hold.take();
    for (const bytes of options.typedAhead ?? []) this.keys.push(bytes);
  }

  size(): TerminalSize {
    return this.seen;
  }

  sizeChanged(): boolean {
    const before = this.seen;
    // It brings about the event that a signal would.
    refreshSize(this.output);
    return this.seen !== before;
  }

  isOurs(): boolean {
    return this.stage === "here";
  }

  write(text: string): void {
    if (!this.isOurs()) return;
    this.output.write(text, () => this.written());
  }

  pendingBytes(): number {
    return this.output.writableLength;
  }

  synchronized(): boolean {
    return this.hold.synchronized();
  }

  answersFrames(): boolean {
    return this.hold.answersFrames();
  }

  reflow(): Reflow {
    return this.hold.reflow();
  }

  notify(text: string): void {
    this.write(notification(sanitizeLine(text), this.env));
  }

  listen(listener: TerminalListener): void {
    this.listener = listener;
    const typed = this.early;
    this.early = [];
    this.takeKeys(typed);
  }

  suspend(): void {
    // Who has borrowed the terminal stops by itself, and the shell waits for us.
    if (this.stage === "lent") this.ways.stop();
    if (this.stage !== "here") return;
    this.listener?.suspend();
    this.stage = "asleep";
    void this.hold.settled(settleMs).then(() => {
      if (this.stage !== "asleep") return;
      this.hold.release();
      this.ways.stop();
    });
  }

  async lend<T>(run: () => Promise<T>): Promise<T> {
    this.stage = "lent";
    await this.hold.settled(settleMs);
    this.hold.release();
    try {
      return await run();
    } finally {
      this.takeBack();
    }
  }

  async close(): Promise<void> {
    if (this.stage === "here") await this.hold.settled(settleMs);
    this.hold.release();
    this.stage = "gone";
    this.keys.close();
    this.ways.close();
    this.streams.close();
  }

  private takeKeys(events: readonly TypedEvent[]): void {
    if (this.stage !== "here" || events.length === 0) return;
    if (this.listener === undefined) this.early = [...this.early, ...events];
    else this.listener.keys(events);
  }

  private written(): void {
    if (this.pendingBytes() === 0) this.listener?.drain();
  }

  private frameDone(): void {
    // A size that is new by now may be older than the answer: it is heard first.
    refreshSize(this.output);
    this.listener?.frameDone?.();
  }

  private noteSize(): void {
    const now = sizeOf(this.output);
    if (now.columns === this.seen.columns && now.rows === this.seen.rows) return;
    this.seen = now;
    if (this.stage === "here") this.listener?.resize(now);
  }

  private wake(told: boolean): void {
    if (this.stage === "lent" || this.stage === "gone") return;
    // After a stop that nobody told us of, the shell has set modes of its own.
    if (!told) this.hold.release();
    this.takeBack();
    this.listener?.resume(told);
  }

  private takeBack(): void {
    if (this.stage === "gone") return;
    this.stage = "here";
    this.hold.take();
    refreshSize(this.output);
    this.noteSize();
  }

  private giveUp(ending: Ending): void {
    this.hold.release(this.listener?.lastWords());
    this.stage = "gone";
    this.end(ending);
  }
}

interface StreamListener {
  readonly bytes: (bytes: Buffer) => void;
  readonly resize: () => void;
  readonly closed: () => void;
}

function listenToStreams({ input, output }: TerminalOptions, { bytes, resize, closed }: StreamListener): { close(): void } {
  input.on("data", bytes);
  for (const event of ["end", "close", "error"]) input.on(event, closed);
  output.on("resize", resize);
  output.on("error", closed);
  return {
    close() {
      input.off("data", bytes);
      for (const event of ["end", "close"]) input.off(event, closed);
      output.off("resize", resize);
      // The listeners of errors stay: a terminal that goes away later must not become an error that nobody catches.
    },
  };
}

/** Some systems know no size at first. */
function sizeOf(output: WriteStream): TerminalSize {
  return { columns: output.columns > 0 ? output.columns : 80, rows: output.rows > 0 ? output.rows : 24 };
}
