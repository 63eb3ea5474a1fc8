import { type RequestListener, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { openConnection } from "./connection.ts";
import { discoverKeys, probeServers, probeTargets } from "./discover.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/v1`;
}

describe("servers on this machine", () => {
  it("are asked all at once; only those that answer like one are told", async () => {
    const asked: (string | undefined)[] = [];
    const list = await serve((request, response) => {
      asked.push(request.url, request.headers.authorization);
      response.end(JSON.stringify({ object: "list", data: [{ id: "qwen3:8b" }, { id: "a/b" }, { name: "?" }] }));
    });
    const targets = [
      { provider: "list", baseUrl: list },
      { provider: "empty", baseUrl: await serve((_, response) => response.end('{"data":null}')) },
      { provider: "locked", baseUrl: await serve((_, response) => response.writeHead(401).end("{}")) },
      { provider: "page", baseUrl: await serve((_, response) => response.end("<html>hello</html>")) },
      { provider: "other", baseUrl: await serve((_, response) => response.end('{"data":"x"}')) },
      { provider: "missing", baseUrl: await serve((_, response) => response.writeHead(404).end('{"data":[]}')) },
      { provider: "endless", baseUrl: await serve((_, response) => void response.write("x".repeat(2 * 1024 * 1024))) },
      { provider: "silent", baseUrl: await serve(() => {}) },
      { provider: "nobody", baseUrl: "http://127.0.0.1:1/v1" },
    ];
    expect(await probeServers(targets, { connect: openConnection })).toEqual([
      { provider: "list", baseUrl: list, models: ["qwen3:8b", "a/b"], wantsKey: false },
      { ...targets[1], models: [], wantsKey: false },
      { ...targets[2], models: [], wantsKey: true },
    ]);
    expect(asked).toEqual(["/v1/models", undefined]);
  });

  it("are looked for on loopback only, where the environment and the configuration put them", () => {
    const configText = JSON.stringify({
      providers: {
        mine: { baseUrl: "http://localhost:5/v1", wire: "chat" },
        far: { baseUrl: "http://10.0.0.1:5/v1", wire: "chat" },
      },
    });
    const env = {
      OLLAMA_HOST: "10.0.0.2",
      LMSTUDIO_BASE_URL: "http://127.0.0.1:99/v1",
      OPENAI_BASE_URL: "http://127.0.0.1:5/v1",
    };
    expect(probeTargets({ env, configText })).toEqual({
      ok: true,
      value: [
        { provider: "vllm", baseUrl: "http://127.0.0.1:8000/v1" },
        { provider: "llamacpp", baseUrl: "http://127.0.0.1:8080/v1" },
        { provider: "lmstudio", baseUrl: "http://127.0.0.1:99/v1" },
        { provider: "mine", baseUrl: "http://localhost:5/v1" },
      ],
    });
    expect(probeTargets({ env, configText: "[" })).toMatchObject({ ok: false, failure: { code: "CONFIG_INVALID" } });
  });
});

describe("keys", () => {
  it("are told by the names of their variables", () => {
    const configText = JSON.stringify({
      providers: { acme: { baseUrl: "https://x.example", wire: "chat", keyEnv: "ACME_KEY" } },
    });
    const found = discoverKeys({ env: { GROQ_API_KEY: "sk-secret", VLLM_API_KEY: "sk-secret", XAI_API_KEY: "" }, configText });
    const told = found.ok ? found.value.map(({ variable, set }) => `${variable} ${set}`) : [];
    expect(told).toEqual([
      "CEREBRAS_API_KEY false",
      "GROQ_API_KEY true",
      "INCEPTION_API_KEY false",
      "OPENAI_API_KEY false",
      "AZURE_OPENAI_API_KEY false",
      "XAI_API_KEY false",
      "ANTHROPIC_API_KEY false",
      "OPENROUTER_API_KEY false",
      "VLLM_API_KEY true",
      "ACME_KEY false",
    ]);
    expect(JSON.stringify(found)).not.toContain("secret");
  });
});
