/** Entry of the checker's thread; bundled as a file of its own. Runs behind everything else on the machine where the system can do that. */
import { readFileSync, readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { loadTypeScript } from "../instant/typescript-choice.ts";
import { isDeclarationPath, walkWorkspace } from "../instant/workspace-files.ts";
import { Checking } from "./checking.ts";
import type { CheckerReply, CheckerSetup, CheckerTask } from "./messages.ts";

/** Files that are read before TypeScript is there to read them, so that a change that comes at once is seen as one. */
const earlyLimit = 20_000;
/** A third of the share that others get on a busy machine: with less it would know everything too late there. */
const niceness = 5;

const setup: CheckerSetup = workerData;

yieldToOthers();
const early = readEarly();
if (early.size === 0) say({ reply: "ready", files: 0 });
else serve();

function say(reply: CheckerReply): void {
  parentPort?.postMessage(reply);
}

/** Linux gives every thread a priority of its own; elsewhere it is that of the process, which is left alone. */
function yieldToOthers(): void {
  if (process.platform !== "linux") return;
  try {
    const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
    if (thread > 0 && thread !== process.pid) setPriority(thread, niceness);
  } catch {
    // Without /proc it runs like everything else.
  }
}

function readEarly(): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const path of walkWorkspace(setup.workspaceRoot).sources.slice(0, earlyLimit)) {
    if (isDeclarationPath(path)) continue;
    try {
      texts.set(path, new TextDecoder().decode(readFileSync(path)));
    } catch {
      // Gone since; then it is no file of the workspace.
    }
  }
  return texts;
}

function serve(): void {
  const checking = new Checking({
    typescript: loadTypeScript(setup),
    root: setup.workspaceRoot,
    count: () => Atomics.load(setup.told, 0),
    say,
  });
  parentPort?.on("message", (task: CheckerTask) => checking.take(task));
  checking.begin(early);
}
