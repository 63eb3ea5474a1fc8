/** `twolane models` and `twolane connect` as a person types them, against scripted servers. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ProfileServer, type Seen, chatEvents, messagesEvents, startProfile } from "../../engine/test/server-profiles.ts";
import { type Sandbox, openSandbox } from "./command.ts";

let sandbox: Sandbox;
let sim: Sim | undefined;
let server: ProfileServer | undefined;
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

/** Knows its own paths; a request without a model is a mistake, as everywhere. */
const only = (path: string, events: (seen: Seen) => ReturnType<typeof chatEvents>) =>
  startProfile({
    answer: (seen) => {
      if (seen.path !== path) return { status: 404, body: { error: "not here" } };
      return seen.body["model"] === undefined
        ? { status: 400, body: { error: { message: "model is required" } } }
        : { events: events(seen) };
    },
  });

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
    ["chat", "/v1/chat/completions", () => chatEvents({ model: "m", usage: "never" }, undefined)],
    ["messages", "/v1/messages", () => messagesEvents("m", undefined)],
  ] as const)("tells a server that speaks only %s", async (wire, path, events) => {
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
    server = await only("/v1/chat/completions", () => []);
    expect((await sandbox.run(["connect", server.origin, "--model", "m", "--no-try"])).status).toBe(0);
    expect(server.requests.filter(({ body }) => body["model"] !== undefined)).toEqual([]);
    const nothing = await sandbox.run(["connect", "http://127.0.0.1:1"]);
    expect(nothing.stderr).toContain("[PROVIDER_UNREACHABLE]");
    expect((await sandbox.run(["connect", "ftp://x"])).status).toBe(2);
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
