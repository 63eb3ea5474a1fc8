/**
 * The client of the section `pipe`, in a process of its own, so that its processor time is its own: the client of packages/responses, as the
 * engine uses it, three ways in turn. Is told what to measure by a message and answers with one.
 */
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import {
  type CreateRequest,
  type ResponsesSession,
  type WireItem,
  callOutput,
  inputMessage,
  openResponsesSession,
  readCall,
  replayOf,
} from "@twolane/responses";
import { type Errand, type Samples, type Way, emptySamples, ways } from "./samples.ts";

const roundCount = 20;
/** Longer than any handshake here; ms. */
const warmMs = 400;

const tools = ["read", "search", "edit", "run"].map((name) => ({
  type: "function",
  name,
  description: `${name}: ${"what it does, when to use it and what comes back. ".repeat(6)}`,
  parameters: { type: "object", properties: { path: { type: "string" }, lines: { type: "number" } }, required: ["path"] },
}));
const instructions = "You change code in small steps, and you say what you do. ".repeat(30);

interface Heard {
  readonly firstAt: number;
  readonly endedAt: number;
  readonly bytes: number;
  readonly items: readonly WireItem[];
  /** Moments at which pieces of text came. */
  readonly pieces: readonly number[];
}

function ask(session: ResponsesSession, input: readonly WireItem[]): Promise<Heard> {
  const request: CreateRequest = { model: "scripted", instructions, tools, input };
  const items: WireItem[] = [];
  const pieces: number[] = [];
  let [firstAt, bytes] = [Number.NaN, 0];
  return new Promise((resolve, reject) => {
    session.respond(request, (event) => {
      if (event.kind === "requested") bytes = event.bytesSent;
      else if (event.kind === "item") items.push(event.item);
      else if (event.kind === "text" || event.kind === "call.started") {
        const at = performance.now();
        if (Number.isNaN(firstAt)) firstAt = at;
        if (event.kind === "text") pieces.push(at);
      } else if (event.kind === "ended") {
        if (event.ending.status === "completed") resolve({ firstAt, bytes, items, pieces, endedAt: performance.now() });
        else reject(new Error(`the response ended as ${JSON.stringify(event.ending)}`));
      }
    });
  });
}

/** A cold connection, then a loop of tool rounds over it. */
async function rounds(session: ResponsesSession, samples: Samples): Promise<void> {
  let input: readonly WireItem[] = [inputMessage("user", "pipe:rounds")];
  let askedAt = performance.now();
  let last = await ask(session, input);
  samples.firstCold.push(last.firstAt - askedAt);
  samples.firstBytes.push(last.bytes / 1000);
  const overhead: number[] = [];
  const later: number[] = [];
  for (let round = 1; round <= roundCount; round++) {
    const { endedAt, items } = last;
    const call = items.map(readCall).find((one) => one !== undefined);
    if (call === undefined) throw new Error(`no call in round ${round}`);
    const content = await readFile(new URL(import.meta.url), "utf8");
    input = [...input, ...items.map(replayOf), callOutput(call.callId, content.slice(0, 2000), false)];
    askedAt = performance.now();
    last = await ask(session, input);
    overhead.push(last.firstAt - endedAt);
    later.push(last.firstAt - askedAt);
  }
  samples.lastBytes.push(last.bytes / 1000);
  // Rounds of one loop are not independent of each other: a loop is one sample.
  samples.overhead.push(middle(overhead));
  samples.later.push(middle(later));
}

const middle = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;

/** Connected while nothing is asked yet, as twolane does while a person types. */
async function warmed(session: ResponsesSession, samples: Samples): Promise<void> {
  session.prewarm();
  await pause(warmMs);
  const askedAt = performance.now();
  const { firstAt } = await ask(session, [inputMessage("user", "pipe:short")]);
  samples.firstWarm.push(firstAt - askedAt);
}

/** Half a second of text. */
async function stream(
  session: ResponsesSession,
  tokensPerSecond: number,
): Promise<{ readonly cpu: number; readonly lag: number }> {
  session.prewarm();
  await pause(warmMs / 4);
  const before = process.cpuUsage();
  const { pieces } = await ask(session, [inputMessage("user", `pipe:stream ${tokensPerSecond}`)]);
  const { user, system } = process.cpuUsage(before);
  const [first = Number.NaN, last = Number.NaN] = [pieces[0], pieces.at(-1)];
  return { cpu: (user + system) / pieces.length, lag: last - first - ((pieces.length - 1) * 1000) / tokensPerSecond };
}

async function measure({ places, samples: count, streams }: Errand): Promise<Record<Way, Samples>> {
  const found = { websocket: emptySamples(), kept: emptySamples(), single: emptySamples() };
  const within = async (way: Way, work: (session: ResponsesSession) => Promise<unknown>): Promise<void> => {
    const { baseUrl, host } = places[way];
    const session = openResponsesSession({ baseUrl, headers: { host }, capabilities: { websocket: way === "websocket" } });
    await work(session);
    session.close();
  };
  const once = async (way: Way, samples: Samples): Promise<void> => {
    await within(way, (session) => rounds(session, samples));
    await within(way, (session) => warmed(session, samples));
    if (!streams) return;
    await within(way, async (session) => {
      const { cpu, lag } = await stream(session, 1000);
      samples.cpuSlow.push(cpu);
      samples.lagSlow.push(lag);
    });
    await within(way, async (session) => {
      const { cpu, lag } = await stream(session, 4000);
      samples.cpuFast.push(cpu);
      samples.lagFast.push(lag);
    });
  };
  // The first of each compiles and is not counted.
  for (const way of ways) await once(way, emptySamples());
  for (let sample = 0; sample < count; sample++) for (const way of ways) await once(way, found[way]);
  return found;
}

process.once("message", (errand: Errand) => {
  measure(errand).then(
    (found) => process.send?.(found),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
