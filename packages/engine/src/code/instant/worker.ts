/** Entry of the language service's thread; bundled as a file of its own. Loads TypeScript at once, so that it is warm. */
import { parentPort, workerData } from "node:worker_threads";
import { createPlanner } from "./planner.ts";
import type { WorkerMessage, WorkerReply, WorkerSetup } from "./requests.ts";
import { loadTypeScript } from "./typescript-choice.ts";

const setup: WorkerSetup = workerData;
const latest = setup.latest && new Int32Array(setup.latest);
/** The task under way. */
let current = 0;
const isStale = (): boolean => latest !== undefined && Atomics.load(latest, 0) !== current;
const typescript = loadTypeScript(setup);
const planner = createPlanner(typescript, setup.workspaceRoot, { isStale });

function answer(message: WorkerMessage): WorkerReply {
  switch (message.task) {
    case "plan":
      return { id: message.id, task: "plan", answer: planner.plan(message.request) };
    case "check":
      return { id: message.id, task: "check", state: planner.check() };
    case "compare":
      return { id: message.id, task: "compare", same: planner.isUnchanged() };
  }
}

parentPort?.on("message", (message: WorkerMessage) => {
  current = message.id;
  if (isStale()) return;
  try {
    parentPort?.postMessage(answer(message));
  } catch (error) {
    // Nobody waits for it any more.
    if (!(error instanceof typescript.OperationCanceledException)) throw error;
  }
});
