/** What a server was asked, whichever wire it speaks. */
import type { Sim } from "@twolane/responses/sim";
import { sideModel } from "./scenario.ts";

export interface Ask {
  /** `performance.now()` when its last byte was read. */
  readonly at: number;
  readonly bytes: number;
  /** A request of the conversation itself, not one for a title and the like. */
  readonly isMain: boolean;
  /** When the answer had gone out, or the client had gone away or stopped it. */
  readonly endedAt: number | undefined;
}

export interface AskLog {
  /** From a moment on, oldest first. */
  asksSince(moment: number): readonly Ask[];
}

type Request = Sim["requests"][number];
const kinds = ["responses", "chat", "messages"];

/** Warming a cache generates nothing, and who wants JSON wants a title; a steer changes the answer that runs. */
const isMain = ({ kind, body }: Request): boolean =>
  (kinds.includes(kind) && body?.["generate"] !== false && body?.["model"] !== sideModel && !wantsJson(body?.["text"])) ||
  (kind === "message" && body?.["type"] === "response.steer");

const wantsJson = (text: unknown): boolean => JSON.stringify(text ?? "").includes('"json_schema"');

export function simAsks(sim: Sim): AskLog {
  return {
    asksSince: (moment) =>
      sim.requests
        .filter(({ kind, at }) => at >= moment && (kinds.includes(kind) || kind === "message"))
        .map((request) => ({
          at: request.at,
          bytes: request.bytes,
          isMain: isMain(request),
          // It may end later.
          get endedAt() {
            return request.endedAt;
          },
        })),
  };
}

/** The first of the conversation after a moment; waits until there is one. */
export async function mainAsk(log: AskLog, after: number, patienceMs: number): Promise<Ask> {
  for (;;) {
    const ask = log.asksSince(after).find((each) => each.isMain);
    if (ask !== undefined) return ask;
    if (performance.now() > after + patienceMs) throw new Error(`no request within ${Math.round(patienceMs / 1000)} s`);
    await new Promise((resolve) => void setTimeout(resolve, 1));
  }
}
