/** How quick a model answers: a few short requests, the time to the first token and tokens a second of each, and the medians. Costs tokens. */
import type { Failure } from "@twolane/protocol";
import type { ConversationItem, ModelEvent, ModelRequest, ModelSession } from "./models.ts";

export interface Measured {
  readonly model: string;
  readonly rounds: number;
  /** Milliseconds from the request to the first token. */
  readonly firstTokenMs?: number;
  /** Undefined: too short to say. */
  readonly tokensPerSecond?: number;
  /** Tokens were counted by their length, as the server does not say. */
  readonly estimated: boolean;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly transport?: string;
  /** A later request carried only what was new. */
  readonly continued: boolean;
  readonly failure?: Failure;
}

export interface MeasureOptions {
  readonly rounds: number;
  readonly now: () => number;
  /** Each round goes on with what was said before; else each stands alone. */
  readonly goesOn?: boolean;
  /** Tokens of one answer at most. */
  readonly length?: number;
}

interface Round {
  readonly first: number;
  readonly rate: number | undefined;
}

const question = "Count from one to forty in words, separated by blanks. Nothing else.";
const lettersAToken = 4;
/** What came within less was buffered somewhere. */
const shortestMs = 20;

/** The session stays open. */
export async function measure(
  session: ModelSession,
  { rounds, now, goesOn = false, length = 160 }: MeasureOptions,
): Promise<Measured> {
  const done: Round[] = [];
  let [inputTokens, outputTokens] = [0, 0];
  let said: readonly ConversationItem[] = [];
  let estimated = false;
  let continued = false;
  let transport: string | undefined;
  let failure: Failure | undefined;
  for (let round = 0; round < rounds && failure === undefined; round += 1) {
    const items: readonly ConversationItem[] = [...said, { kind: "user", text: question }];
    const asked = await askTimed(session, { items, tools: [], maxOutputTokens: length }, now);
    if (goesOn) said = [...items, ...asked.items];
    ({ failure } = asked);
    transport ??= asked.transport;
    continued ||= asked.continued;
    estimated ||= asked.estimated;
    inputTokens += asked.input;
    outputTokens += asked.tokens;
    if (asked.first === undefined) continue;
    const ms = asked.last - asked.first.at;
    const rate = asked.tokens > 8 && ms >= shortestMs ? ((asked.tokens - 1) * 1000) / ms : undefined;
    done.push({ first: asked.first.at - asked.began, rate });
  }
  const first = median(done.map((round) => round.first));
  const rate = median(done.flatMap((round) => (round.rate === undefined ? [] : [round.rate])));
  return {
    ...{ model: session.model, rounds: done.length, estimated, inputTokens, outputTokens, continued },
    ...(first !== undefined && { firstTokenMs: first }),
    ...(rate !== undefined && { tokensPerSecond: rate }),
    ...(transport !== undefined && { transport }),
    ...(failure && { failure }),
  };
}

interface Timed {
  readonly items: readonly ConversationItem[];
  readonly began: number;
  readonly first: { readonly at: number } | undefined;
  readonly last: number;
  readonly input: number;
  readonly tokens: number;
  readonly estimated: boolean;
  readonly continued: boolean;
  readonly transport: string | undefined;
  readonly failure: Failure | undefined;
}

function askTimed(session: ModelSession, request: ModelRequest, now: () => number): Promise<Timed> {
  const began = now();
  const items: ConversationItem[] = [];
  let first: { readonly at: number } | undefined;
  let [last, letters, continued] = [began, 0, false];
  let transport: string | undefined;
  return new Promise((resolve) => {
    const onEvent = (event: ModelEvent): void => {
      if (event.kind === "item") items.push(event.item);
      if (event.kind === "requested") ({ transport, continued } = event);
      if (event.kind === "text" || event.kind === "reasoning") {
        last = now();
        first ??= { at: last };
        letters += event.text.length;
      }
      if (event.kind !== "ended") return;
      const { usage } = event;
      // An answer that was cut at its length is what was asked for.
      const failure = event.failure?.code === "OUTPUT_LIMIT" ? undefined : event.failure;
      resolve({
        ...{ items, began, first, last, continued, transport, failure },
        ...{
          input: usage?.input ?? 0,
          tokens: usage?.output ?? Math.ceil(letters / lettersAToken),
          estimated: usage === undefined,
        },
      });
    };
    session.respond(request, onEvent);
  });
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 || low === undefined || high === undefined ? high : (low + high) / 2;
}
