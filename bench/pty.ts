/**
 * A program in a pty, keys in and text out, with the moments of both. Answers what a modern terminal answers, and takes output for seen
 * when it has come: no emulator, which would be slower than what is measured. Where text stands on the screen it does not know.
 */
import { readFileSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { spawn } from "@lydell/node-pty";

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

export interface PtyOptions {
  readonly size: Size;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Further questions that this terminal answers. */
  readonly answers?: Readonly<Record<string, string>>;
}

export interface PtyProgram {
  /** Before it was started; `performance.now()`, as all moments here. */
  readonly startedAt: number;
  /** Writes keys at once; the answer is the moment. */
  press(keys: string): number;
  /**
   * The moment at which text came that was not there before this call, styles and movements taken out. Rejects with the last output
   * when the program ends before or the patience is over.
   */
  seen(text: string, patienceMs?: number): Promise<number>;
  /** Its own share of memory (PSS) in MB. Linux only. */
  memoryMb(): number;
  /** Kills it; resolves when it is gone. */
  end(): Promise<void>;
  readonly gone: Promise<void>;
}

/** What to look for, and the text that may hold its beginning. */
interface Watch {
  readonly wanted: string;
  text: string;
  readonly found: (at: number) => void;
  readonly fail: (reason: string) => void;
}

const defaultPatienceMs = 15_000;
const escape = "\u001b";
/** Sequences: CSI, OSC and DCS with their ends, and two characters. What is left of one at the end of a piece waits for the next. */
const sequence = new RegExp(
  `${escape}(?:\\[[0-9;:?<=>!$ ]*[@-~]|[\\]P][^${escape}\\u0007]*(?:\\u0007|${escape}\\\\)|[^\\[\\]P])`,
  "g",
);
const cutSequence = new RegExp(`${escape}(?:\\[[0-9;:?<=>!$ ]*|[\\]P][^${escape}\\u0007]*${escape}?)?$`);

/** Questions of a program and the answers of a terminal that knows synchronized output. Of the keyboard protocol it knows nothing. */
const answers: Readonly<Record<string, string>> = {
  [`${escape}[5n`]: `${escape}[0n`,
  [`${escape}[c`]: `${escape}[?62;22c`,
  [`${escape}[?2026$p`]: `${escape}[?2026;2$y`,
  [`${escape}[>q`]: `${escape}P>|bench 1${escape}\\`,
};

export function openPty(command: readonly string[], { size, cwd, env, answers: further }: PtyOptions): PtyProgram {
  const [program = "", ...args] = command;
  const startedAt = performance.now();
  const pty = spawn(program, args, { ...size, cwd, env: { ...env, TERM: "xterm-256color" }, encoding: null });
  const output = readOutput({ ...answers, ...further }, (answer) => pty.write(answer));
  // The declaration knows strings only; without an encoding it is bytes.
  pty.onData((data: string | Buffer) => output.take(Buffer.from(data), performance.now()));
  let ended = false;
  const gone = new Promise<void>((resolve) => {
    pty.onExit(({ exitCode }) => {
      ended = true;
      output.fail(`it has ended with ${exitCode}`);
      resolve();
    });
  });
  return {
    startedAt,
    press(keys) {
      const at = performance.now();
      pty.write(keys);
      return at;
    },
    seen: (wanted, patienceMs = defaultPatienceMs) => {
      const found = output.find(wanted, patienceMs);
      if (ended) output.fail("it has ended");
      return found;
    },
    memoryMb: () => Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pty.pid}/smaps_rollup`, "utf8"))?.[1]) / 1000,
    end() {
      if (!ended) pty.kill("SIGKILL");
      return gone;
    },
    gone,
  };
}

interface Output {
  take(bytes: Buffer, at: number): void;
  find(wanted: string, patienceMs: number): Promise<number>;
  /** Nobody needs to wait any longer. */
  fail(reason: string): void;
}

function readOutput(known: Readonly<Record<string, string>>, answer: (text: string) => void): Output {
  const decoder = new StringDecoder("utf8");
  const watches = new Set<Watch>();
  let carried = "";
  let latest = "";
  return {
    take(bytes, at) {
      const whole = carried + decoder.write(bytes);
      carried = cutSequence.exec(whole)?.[0] ?? "";
      let reply = "";
      const text = whole.slice(0, whole.length - carried.length).replaceAll(sequence, (found) => {
        reply += known[found] ?? "";
        return "";
      });
      if (reply !== "") answer(reply);
      latest = (latest + text).slice(-2000);
      for (const watch of watches) {
        watch.text += text;
        if (watch.text.includes(watch.wanted)) watch.found(at);
        else watch.text = watch.text.slice(-watch.wanted.length);
      }
    },
    find: (wanted, patienceMs) =>
      new Promise((resolve, reject) => {
        const settle = (): void => {
          clearTimeout(timer);
          watches.delete(watch);
        };
        const watch: Watch = {
          wanted,
          text: "",
          found(at) {
            settle();
            resolve(at);
          },
          fail(reason) {
            settle();
            reject(new Error(`${JSON.stringify(wanted)} was not seen: ${reason}; the last output:\n${latest}`));
          },
        };
        const timer = setTimeout(() => watch.fail(`not in ${patienceMs} ms`), patienceMs);
        watches.add(watch);
      }),
    fail(reason) {
      for (const watch of watches) watch.fail(reason);
    },
  };
}
