/** `twolane models` and `twolane connect` as a person types them, against scripted servers. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, openSandbox } from "./command.ts";

let sandbox: Sandbox;
let sim: Sim | undefined;
let server: OneWire | undefined;
beforeEach(() => void (sandbox = openSandbox()));
afterEach(async () => {
  await sim?.close();
  await server?.close();
  [sim, server] = [undefined, undefined];
  sandbox.remove();
});

const file = (): string => join(sandbox.folder, "..", "config", "twolane", "config.json");
function configure(value: object): void {
  mkdirSync(dirname(file()), { recursive: true });
  writeFileSync(file(), JSON.stringify(value, undefined, 2));
}
const reply = [{ repeat: 30, steps: [{ text: "word " }] }];
const scenario: ScenarioInput = { answers: [{ reply, pace: { tokensPerSecond: 400 } }] };

interface OneWire {
  readonly origin: string;
  /** Bodies of what was asked at its one door. */
  readonly asked: readonly Record<string, unknown>[];
  close(): Promise<void>;
}

/** Knows one path; a request without a model is a mistake, as everywhere. */
async function only(door: string, events: readonly object[]): Promise<OneWire> {
  const asked: Record<string, unknown>[] = [];
  const listening = createServer((request, response) => {
    let text = "";
    request.on("data", (piece: Buffer) => (text += piece.toString()));
    request.on("end", () => {
      if (request.url !== door) return response.writeHead(404).end();
      const body: Record<string, unknown> = JSON.parse(text);
      asked.push(body);
      if (body["model"] === undefined) return response.writeHead(400).end('{"error":{"message":"model is required"}}');
      response.writeHead(200, { "content-type": "text/event-stream" });
      return response.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""));
    });
  });
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as AddressInfo;
  const close = (): Promise<void> => {
    listening.closeAllConnections();
    return new Promise((resolve) => void listening.close(() => resolve()));
  };
  return { origin: `http://127.0.0.1:${port}`, asked, close };
}

const chat = [{ model: "m", choices: [{ index: 0, delta: { content: "one" }, finish_reason: "stop" }] }];
const message = {
  id: "m",
  type: "message",
  role: "assistant",
  model: "m",
  content: [],
  usage: { input_tokens: 1, output_tokens: 1 },
};
const messages = [
  { type: "message_start", message },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "one" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
  { type: "message_stop" },
];

describe("twolane connect", () => {
  it("finds a server that goes on over a socket, keeps it, and the next line uses it", async () => {
    sim = await startSim({ scenario });
    configure({ ahead: { drafts: "off" } });
    const found = await sandbox.run(["connect", sim.url, "--model", "scripted", "--save", "box"]);
    expect(found.stderr).toBe("");
    expect(found).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("speaks Responses over a WebSocket; also Chat Completions, Messages"),
    });
    expect(found.stdout).toMatch(/first token \d+\.\d\d s, \d+ tokens\/s/);
    expect(found.stdout).toContain("goes on with a conversation: only what is new is sent");
    expect(found.stdout).toContain('Use it: twolane run -m box/scripted "…"');
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual({
      ahead: { drafts: "off" },
      providers: { box: { baseUrl: `${sim.url}/v1`, wire: "responses" } },
    });
    expect(readdirSync(dirname(file()))).toEqual(["config.json"]);
    const used = await sandbox.run(["run", "-m", "box/scripted", "go"]);
    expect(used).toMatchObject({ status: 0, stdout: expect.stringContaining("word word") });
  });

  it.each([
    ["chat", "/v1/chat/completions", chat],
    ["messages", "/v1/messages", messages],
  ])("tells a server that speaks only %s", async (wire, path, events) => {
    server = await only(path, events);
    const found = await sandbox.run(["connect", `${server.origin}/v1`, "--model", "m", "--json"]);
    expect(found.status).toBe(0);
    expect(JSON.parse(found.stdout)).toMatchObject({
      type: "connect.finished",
      wire,
      wires: [wire],
      wantsKey: false,
      tried: { rounds: 2, continued: false },
    });
  });

  it("says that a key is wanted, takes it from a variable, and never as an argument", async () => {
    const key = ["sk", "canary", "52b7"].join("-");
    sim = await startSim({ scenario, token: key });
    const locked = await sandbox.run(["connect", sim.url]);
    expect(locked.stderr).toMatch(/wants a key.*--key-env.*\[KEY_MISSING\]/s);
    const typed = await sandbox.run(["connect", sim.url, "--key-env", key]);
    expect(typed).toMatchObject({ status: 2, stderr: expect.not.stringContaining(key) });
    const env = { BOX_KEY: key };
    const found = await sandbox.run(["connect", sim.url, "--key-env", "BOX_KEY", "--model", "scripted", "--save", "box"], {
      env,
    });
    expect(found.status).toBe(0);
    expect(readFileSync(file(), "utf8")).toContain('"keyEnv": "BOX_KEY"');
    expect(readFileSync(file(), "utf8") + found.stdout).not.toContain(key);
    expect(await sandbox.run(["run", "-m", "box/scripted", "go"], { env })).toMatchObject({ status: 0 });
  });

  it("sends no request that costs with --no-try, and says where nothing is", async () => {
    server = await only("/v1/chat/completions", []);
    expect((await sandbox.run(["connect", server.origin, "--model", "m", "--no-try"])).status).toBe(0);
    expect(server.asked.filter(({ model }) => model !== undefined)).toEqual([]);
    const nothing = await sandbox.run(["connect", "http://127.0.0.1:1"]);
    expect(nothing.stderr).toContain("[PROVIDER_UNREACHABLE]");
    expect((await sandbox.run(["connect", "ftp://x"])).status).toBe(2);
    sim = await startSim({ scenario });
    const all = await sandbox.run(["connect", sim.url, "--no-try"]);
    expect(all.stdout).toMatch(/seems to speak Responses; also Chat Completions, Messages\n[^]*not tried with a request/);
    expect(sim.requests.filter(({ body }) => body?.["model"] !== undefined)).toEqual([]);
  });
});

describe("twolane models", () => {
  it("lists what is reachable with who uses it, and measures it", async () => {
    sim = await startSim({ scenario });
    const providers = { box: { baseUrl: `${sim.url}/v1`, wire: "chat" } };
    configure({
      model: "box/one",
      providers,
      lanes: { deep: { model: "box/two" } },
      workflows: { review: { model: "box/two" } },
    });
    const listed = await sandbox.run(["models"]);
    expect(listed.status).toBe(0);
    expect(listed.stdout).toMatch(/box\/one .*← fast/);
    expect(listed.stdout).toMatch(/box\/two .*price unknown.*← deep, review/);
    const json = JSON.parse((await sandbox.run(["models", "--json"])).stdout);
    expect(json).toMatchObject({ type: "models.listed", providers: [{ provider: "box", wire: "chat" }] });
    const measured = await sandbox.run(["models", "--measure", "box/one", "--rounds", "2"]);
    expect(measured).toMatchObject({ status: 0, stderr: expect.stringContaining("cost tokens") });
    expect(measured.stdout).toMatch(
      /^box\/one {2}first token \d+\.\d\d s, \d+ tokens\/s {2}median of 2, \d+ tokens in and \d+ out\n$/,
    );
    const all = await sandbox.run(["models", "--measure", "--rounds", "1", "--json"]);
    expect(
      all.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).model),
    ).toEqual(["box/one", "box/two"]);
  });

  it("lists all that is named, with what is wrong where it cannot be used, and measures what can be", async () => {
    sim = await startSim({ scenario });
    configure({
      model: "sim/scripted",
      lanes: { fast: { model: "sim-chat/quick" }, deep: { model: "cerebras/big" } },
      workflows: { review: { model: "nobody/x" } },
    });
    const env = { TWOLANE_SIM_URL: sim.url };
    const listed = await sandbox.run(["models"], { env });
    expect(listed.status).toBe(0);
    expect(listed.stdout).toMatch(/^sim {2}responses at http:\S+ {2}named by default\n {2}sim\/scripted .*← default$/m);
    expect(listed.stdout).toMatch(/sim-chat\/quick .*← fast/);
    expect(listed.stdout).toMatch(
      /^cerebras {2}chat at .*named by deep\n.*There is no key.*CEREBRAS_API_KEY.*\n {2}cerebras\/big .*← deep$/m,
    );
    expect(listed.stdout).toMatch(/^nobody {2}named by review\n.*There is no provider "nobody"/m);
    const away = await sandbox.run(["models", "--json"], { env: { TWOLANE_SIM_URL: "http://127.0.0.1:1" } });
    expect(JSON.parse(away.stdout).providers).toContainEqual(
      expect.objectContaining({
        provider: "sim",
        trouble: "does not answer",
        models: [expect.objectContaining({ usedBy: ["default"] })],
      }),
    );
    const measured = await sandbox.run(["models", "--measure", "--rounds", "1"], { env });
    expect(measured.status).toBe(1);
    expect(measured.stderr).toMatch(
      /requests to each of sim(?:-chat\/quick|\/scripted), sim(?:-chat\/quick|\/scripted); they cost/,
    );
    expect(measured.stdout).toMatch(/^cerebras\/big {2}.*KEY_MISSING/m);
    expect(measured.stdout).toMatch(/^sim\/scripted {2}first token/m);
    const refused = await sandbox.run(["models", "--measure", "sim/scripted", "cerebras/big"], { env });
    expect(refused).toMatchObject({ status: 4, stdout: "", stderr: expect.not.stringContaining("cost tokens") });
    configure({});
    const bare = await sandbox.run(["models"], { env: { TWOLANE_MODEL: "bare" } });
    expect(bare.stdout).toMatch(/^no provider {2}named by fast\n {2}bare {2}– "bare" is not provider\/name.*← fast$/m);
  });

  it("says that there is none, and refuses what is no name", async () => {
    expect((await sandbox.run(["models", "box/one"])).status).toBe(2);
    const env = {
      OLLAMA_HOST: "127.0.0.1:1",
      VLLM_BASE_URL: "127.0.0.1:1",
      LLAMACPP_BASE_URL: "127.0.0.1:1",
      LMSTUDIO_BASE_URL: "127.0.0.1:1",
    };
    expect(await sandbox.run(["models"], { env })).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("No model can be reached"),
    });
  });
});
