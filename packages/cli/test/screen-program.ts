/**
 * A program that does with the device and the renderer what the session's screen does, and nothing else: it shows each key as a final
 * line, and goes out of the world in the way its keys say. For `terminal.test.ts`, which runs it in a pty.
 */
import { createFrames, systemTiming } from "../src/screen/frames.ts";
import { createRenderer } from "../src/screen/renderer.ts";
import { openTerminal, type TypedEvent } from "../src/screen/terminal.ts";

const terminal = openTerminal({
  input: process.stdin,
  output: process.stdout,
  env: process.env,
  typedAhead: (process.argv[2] ?? "").split("|").map((text) => Buffer.from(text)),
});
const renderer = createRenderer({
  write: (text) => terminal.write(text),
  size: terminal.size(),
  reflow: () => terminal.reflow(),
  synchronized: () => terminal.synchronized(),
  answersFrames: () => terminal.answersFrames(),
});
let final: string[] = [];
let typed = "";

const frames = createFrames({
  timing: systemTiming,
  blocked: () => terminal.pendingBytes() > 0 || renderer.behind(),
  draw() {
    if (terminal.sizeChanged()) return;
    const { columns, rows } = terminal.size();
    const live = ["stream", `› ${typed}`, `status ${columns}x${rows} ${terminal.synchronized()} ${terminal.reflow()}`];
    renderer.frame({ final, live, cursor: { row: 1, column: 2 + typed.length } });
    final = [];
  },
});

const say = (text: string): void => {
  final.push(text);
  frames.atOnce();
};

async function leave(): Promise<void> {
  frames.flush();
  frames.close();
  renderer.finish(["bye"]);
  await terminal.close();
  process.stdout.write("closed\n");
}

const ways: Readonly<Record<string, () => void>> = {
  q: () => void leave(),
  x: () => process.exit(7),
  t: () => {
    throw new Error("thrown");
  },
  r: () => void Promise.reject(new Error("rejected")),
  n: () => terminal.notify("needs\u001byou"),
  f: () => {
    for (let line = 0; line < 20_000; line++) final.push(`flood ${line}`);
    frames.request();
  },
  l: () =>
    void terminal
      .lend(async () => {
        renderer.restart();
        await new Promise<void>((resolve) => process.stdout.write("lent\n", () => setTimeout(resolve, 50)));
      })
      .then(() => say("back")),
};

function take(event: TypedEvent): void {
  if (event.kind === "key" && event.key === "ctrl-z") return terminal.suspend();
  if (event.kind === "text") typed += event.text;
  say(
    `${event.kind} ${event.kind === "key" ? event.key : event.kind === "text" ? event.text : event.kind === "paste" ? event.text.length : ""}`,
  );
  if (event.kind === "text") ways[event.text.charAt(0)]?.();
}

terminal.listen({
  keys: (events) => events.forEach(take),
  resize(size) {
    renderer.resize(size);
    frames.settle();
  },
  drain: () => frames.drained(),
  frameDone() {
    renderer.frameDone();
    frames.drained();
  },
  suspend: () => renderer.leave(),
  resume(told) {
    if (!told) renderer.restart();
    say(told ? "resumed" : "woken");
  },
  lastWords: () => renderer.below(),
});
frames.request();
void terminal.ended.then((ending) => {
  frames.close();
  // Such a program is ended by the device.
  if (process.argv[3] === "stay") return void setInterval(() => {}, 1000);
  process.exit(ending.kind === "closed" ? 0 : 40);
});
