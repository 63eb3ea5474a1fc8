/** The language service's thread, as a port: tasks in, replies out. Not responsible for what a task means. */
import type { WorkerMessage, WorkerReply, WorkerSetup } from "./requests.ts";

export interface InstantWorker {
  send(message: WorkerMessage): void;
  /** Ends the thread at once; nothing is reported afterwards. */
  end(): void;
}

export interface InstantWorkerEvents {
  readonly onReply: (reply: WorkerReply) => void;
  /** The thread is gone, not by `end()`. One line for a person. */
  readonly onGone: (reason: string) => void;
}

export type SpawnInstantWorker = (setup: Omit<WorkerSetup, "resolveFrom">, events: InstantWorkerEvents) => InstantWorker;

/** Megabytes; a program of some hundred thousand lines takes about one gigabyte. */
const heapLimit = 4096;

/** `resolveFrom`: a file from which `typescript6` resolves; the worker's own file unless said. */
export function threadSpawner(workerPath: string, resolveFrom: string = workerPath): SpawnInstantWorker {
  return (setup, { onReply, onGone }) => {
    const workerData: WorkerSetup = { ...setup, resolveFrom };
    // Loading it takes a millisecond that most starts do not need.
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    const thread = new Worker(workerPath, { workerData, resourceLimits: { maxOldGenerationSizeMb: heapLimit } });
    // An idle language service keeps no process alive; the session refers to it while a task runs.
    thread.unref();
    let gone = false;
    const report = (reason: string): void => {
      if (!gone) onGone(reason);
      gone = true;
    };
    thread.on("message", (reply: WorkerReply) => {
      thread.unref();
      if (!gone) onReply(reply);
    });
    thread.on("error", (error: Error & { code?: string }) =>
      report(
        error.code === "ERR_WORKER_OUT_OF_MEMORY"
          ? `The language service needs more than ${heapLimit} MB for this workspace.`
          : `The language service failed: ${firstLine(error.message)}`,
      ),
    );
    thread.on("exit", (status) => report(`The language service ended with status ${status}.`));
    return {
      send: (message) => {
        thread.ref();
        thread.postMessage(message);
      },
      end: () => {
        gone = true;
        void thread.terminate();
      },
    };
  };
}

const firstLine = (text: string): string => text.split("\n", 1)[0] ?? "";
