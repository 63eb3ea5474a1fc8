/**
 * The least of a server for Gemini's own wire (`generateContent`), which the simulated model does not speak: the same reads and the
 * same texts at the same rates. Listens on the loopback address only.
 */
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { Ask, AskLog } from "./asks.ts";
import { type LongText, type Reader, readsPrompt, rounds, texts, tokensOf } from "./scenario.ts";

type OpenAsk = { -readonly [Key in keyof Ask]: Ask[Key] };

interface Part {
  readonly text?: string;
  readonly functionResponse?: object;
}

interface Turn {
  readonly role?: string;
  readonly parts?: readonly Part[];
}

export interface GeminiServer extends AskLog {
  readonly url: string;
  close(): Promise<void>;
}

export async function startGemini(file: string, reader: Reader): Promise<GeminiServer> {
  const asks: OpenAsk[] = [];
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const piece of request.setEncoding("utf8")) body += String(piece);
    const path = request.url ?? "";
    if (!path.includes(":streamGenerateContent"))
      return sendJson(response, path.includes(":countTokens") ? { totalTokens: 100 } : whole("{}"));
    const ask: OpenAsk = {
      at: performance.now(),
      bytes: Buffer.byteLength(body),
      isMain: body.includes('"functionDeclarations"'),
      endedAt: undefined,
    };
    asks.push(ask);
    response.on("close", () => void (ask.endedAt ??= performance.now()));
    response.writeHead(200, { "content-type": "text/event-stream" });
    await reply(response, ask, wanted(JSON.parse(body), { file, reader }));
  };
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    asksSince: (moment) => asks.filter(({ at }) => at >= moment),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Wanted = { readonly call: object; readonly waitMs: number } | { readonly text: LongText };

/** What the last words of the person ask for, and how far its reads have come. */
export function wanted(
  body: { readonly contents?: readonly Turn[] },
  { file, reader }: { file: string; reader: Reader },
): Wanted {
  const contents = body.contents ?? [];
  const asked = contents.findLastIndex(
    ({ role, parts = [] }) => role !== "model" && parts.some(({ text = "" }) => text.includes("bench:")),
  );
  const prompt = (contents[asked]?.parts ?? []).map(({ text = "" }) => text).join("\n");
  const read = contents
    .slice(asked + 1)
    .flatMap(({ parts = [] }) => parts.filter(({ functionResponse }) => functionResponse !== undefined)).length;
  for (const [count, waitMs] of Object.entries(rounds)) {
    if (!new RegExp(`${readsPrompt(reader.name, Number(count))}\\b`).test(prompt) || read >= Number(count)) continue;
    return { call: { functionCall: { name: reader.tool, args: reader.reads(file, read + 1) } }, waitMs };
  }
  const name = Object.keys(texts).find((each) => prompt.includes(`bench:${each}`));
  return { text: Object.entries(texts).find(([each]) => each === name)?.[1] ?? texts.short };
}

async function reply(response: ServerResponse, ask: OpenAsk, answer: Wanted): Promise<void> {
  if ("call" in answer) {
    await new Promise((resolve) => void setTimeout(resolve, answer.waitMs));
    response.write(frame([answer.call]));
  } else await play(response, answer.text);
  if (response.destroyed) return;
  response.write(frame([], "STOP"));
  ask.endedAt = performance.now();
  response.end();
}

/** Sends what is due every few milliseconds; without a rate as fast as the reader takes it. */
async function play(response: ServerResponse, text: LongText): Promise<void> {
  const tokens = tokensOf(text);
  const began = performance.now();
  for (let sent = 0; sent < tokens.length && !response.destroyed;) {
    const due = text.tokensPerSecond === 0 ? sent + 500 : ((performance.now() - began) * text.tokensPerSecond) / 1000;
    let frames = "";
    for (; sent < Math.min(due, tokens.length); sent++) frames += frame([{ text: tokens[sent] }]);
    const isTaken = frames === "" || response.write(frames);
    if (!isTaken) await drained(response);
    await new Promise((resolve) => void (text.tokensPerSecond === 0 ? setImmediate(resolve) : setTimeout(resolve, 2)));
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}

function frame(parts: readonly object[], finishReason?: string): string {
  const candidate = { index: 0, content: { role: "model", parts }, ...(finishReason !== undefined && { finishReason }) };
  const usageMetadata = { promptTokenCount: 100, candidatesTokenCount: 1, totalTokenCount: 101 };
  return `data: ${JSON.stringify({ candidates: [candidate], usageMetadata, modelVersion: "scripted" })}\r\n\r\n`;
}

const whole = (text: string): object => ({
  candidates: [{ index: 0, content: { role: "model", parts: [{ text }] }, finishReason: "STOP" }],
});

function sendJson(response: ServerResponse, value: object): void {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(value));
}
