/** The last word of an answer in a real terminal: it may be the beginning of a secret, so that it shows when the text is known to be complete. */
import { createServer, type ServerResponse } from "node:http";
import { afterEach, expect, it } from "vitest";
import { openSandbox } from "./command.ts";
import { openScreen } from "./pty.ts";

const ended: (() => unknown)[] = [];
afterEach(() => {
  for (const end of ended.splice(0).toReversed()) end();
});

interface Served {
  readonly url: string;
  /** Of the first request; it is written by the test. */
  readonly answer: Promise<ServerResponse>;
}

/** Speaks the Responses wire over HTTP alone. */
async function serve(): Promise<Served> {
  let take: (response: ServerResponse) => void = () => {};
  const answer = new Promise<ServerResponse>((resolve) => void (take = resolve));
  const server = createServer((request, response) => {
    request.resume();
    if (request.method !== "POST") return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": "text/event-stream" });
    take(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ended.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`, answer };
}

const place = { output_index: 0, content_index: 0, item_id: "m" };
const send = (response: ServerResponse, type: string, fields: object): void =>
  void response.write(`data: ${JSON.stringify({ type: `response.${type}`, ...fields })}\n\n`);

const secret = ["gh", "p_", "k9Qm2Xv7Lr4Tz8Wb1Nc6Yd3Hf5Js0Pa2Ge4U"].join("");

it.each([
  ["as it is", "=end=", "=end="],
  ["as its stand-in where it is a secret", secret, "TWOLANE_SECRET_"],
])("shows before the item that repeats the text has come, %s", async (_, word, shown) => {
  const { url, answer } = await serve();
  const sandbox = openSandbox();
  ended.push(() => sandbox.remove());
  const env = { ...sandbox.env, TWOLANE_SIM_URL: url };
  const screen = openScreen({ cwd: sandbox.folder, env, args: ["-m", "sim/scripted", "say it"] });
  ended.push(() => screen.kill());

  const response = await answer;
  const text = `It is ready: ${word}`;
  const item = { id: "m", type: "message", role: "assistant" };
  const whole = { ...item, status: "completed", content: [{ type: "output_text", text, annotations: [] }] };
  send(response, "created", { response: { id: "r", model: "m", output: [] } });
  send(response, "output_item.added", { ...place, item: { ...item, status: "in_progress", content: [] } });
  send(response, "output_text.delta", { ...place, delta: "It is ready: " });
  send(response, "output_text.delta", { ...place, delta: word });
  await screen.until("It is ready:");
  expect(screen.lines().join("\n")).not.toContain(shown);

  send(response, "output_text.done", { ...place, text });
  await screen.until(shown);
  expect(screen.lines().join("\n")).toMatch(/writing/);

  send(response, "output_item.done", { ...place, item: whole });
  send(response, "completed", { response: { id: "r", model: "m", output: [whole] } });
  response.end();
  await screen.until(({ lines }) => !/writing/.test(lines().join("\n")));
  expect(screen.scrollback().join("\n").split("It is ready:")).toHaveLength(2);
  expect(screen.scrollback().join("\n")).not.toContain(secret);
});
