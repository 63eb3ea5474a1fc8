/**
 * The simulated model in a thread of its own: who measures a screen does nothing else meanwhile. A thousand tokens a second that are written
 * by the thread that waits for a key would be part of what it measures.
 */
import { isMainThread, parentPort, workerData, Worker } from "node:worker_threads";
import { once } from "node:events";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";

/** A request as the thread saw it; moments by the `performance.now()` of whoever asks. */
export interface DistantRequest {
  readonly kind: Sim["requests"][number]["kind"];
  readonly at: number;
  readonly endedAt: number | undefined;
}

export interface DistantSim {
  readonly url: string;
  /** Oldest first. */
  requests(): Promise<readonly DistantRequest[]>;
  close(): Promise<void>;
}

type Question = "requests" | "close";

export async function startDistantSim(scenario: ScenarioInput): Promise<DistantSim> {
  const thread = new Worker(new URL(import.meta.url), { workerData: scenario });
  const answer = async <T>(question?: Question): Promise<T> => {
    const answered = once(thread, "message");
    if (question !== undefined) thread.postMessage(question);
    const [said]: T[] = await answered;
    if (said === undefined) throw new Error("the simulated model said nothing");
    return said;
  };
  const url = await answer<string>();
  return {
    url,
    async requests() {
      const seen = await answer<readonly DistantRequest[]>("requests");
      const here = (moment: number): number => moment - performance.timeOrigin;
      return seen.map(({ kind, at, endedAt }) => ({ kind, at: here(at), endedAt: endedAt && here(endedAt) }));
    },
    async close() {
      await answer("close");
      await thread.terminate();
    },
  };
}

/** Its moments are since 1970, as threads have clocks of their own. */
async function serve(scenario: ScenarioInput, port: NonNullable<typeof parentPort>): Promise<void> {
  const sim = await startSim({ port: 0, scenario });
  const absolute = (moment: number): number => performance.timeOrigin + moment;
  port.on("message", (question: Question) => {
    if (question === "close") return void sim.close().then(() => port.postMessage("closed"));
    port.postMessage(
      sim.requests.map(({ kind, at, endedAt }) => ({
        ...{ kind, at: absolute(at) },
        endedAt: endedAt === undefined ? undefined : absolute(endedAt),
      })),
    );
  });
  port.postMessage(sim.url);
}

if (!isMainThread && parentPort !== null) await serve(workerData, parentPort);
