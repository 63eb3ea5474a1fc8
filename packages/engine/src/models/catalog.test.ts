import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelCapabilities, Result } from "@twolane/protocol";
import { type CatalogInput, type ResolvedModel, chooseModel, resolveModel } from "./catalog.ts";
import { parseWithLines } from "./json-lines.ts";

const keys = {
  OPENAI_API_KEY: "sk-o",
  XAI_API_KEY: "sk-x",
  CEREBRAS_API_KEY: "sk-c",
  GROQ_API_KEY: "sk-g",
  INCEPTION_API_KEY: "sk-i",
  OPENROUTER_API_KEY: "sk-r",
};

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.message}`);
  return result.value;
}
function codeOf(result: Result<unknown>): string {
  return result.ok ? "ok" : result.failure.code;
}
const resolve = (model: string, input: Partial<CatalogInput> = {}): ResolvedModel =>
  value(resolveModel(model, { env: keys, ...input }));
const capabilities = (model: string): ModelCapabilities => resolve(model).capabilities;

describe("the table of providers", () => {
  it.each([
    ["openai/gpt-5-codex", "responses", "https://api.openai.com/v1", "sk-o"],
    ["xai/grok-code-fast-1", "responses", "https://api.x.ai/v1", "sk-x"],
    ["cerebras/gpt-oss-120b", "chat", "https://api.cerebras.ai/v1", "sk-c"],
    ["groq/openai/gpt-oss-120b", "chat", "https://api.groq.com/openai/v1", "sk-g"],
    ["inception/mercury-2", "chat", "https://api.inceptionlabs.ai/v1", "sk-i"],
    ["openrouter/meta/llama", "chat", "https://openrouter.ai/api/v1", "sk-r"],
    ["vllm/x", "chat", "http://127.0.0.1:8000/v1", undefined],
    ["llamacpp/x", "chat", "http://127.0.0.1:8080/v1", undefined],
    ["ollama/x", "chat", "http://127.0.0.1:11434/v1", undefined],
    ["lmstudio/x", "chat", "http://127.0.0.1:1234/v1", undefined],
    ["sim/x", "responses", "http://127.0.0.1:8790/v1", undefined],
    ["sim-chat/x", "chat", "http://127.0.0.1:8790/v1", undefined],
  ])("%s speaks %s at %s", (...[model, wire, baseUrl, key]) => {
    expect(resolve(model)).toMatchObject({ wire, baseUrl, ...(key !== undefined && { key }) });
    expect(resolve(model).name).toBe(model.slice(model.indexOf("/") + 1));
  });

  it("takes other addresses from the environment, as people write them", () => {
    const at = (model: string, env: Record<string, string>): string => resolve(model, { env: { ...keys, ...env } }).baseUrl;
    expect(at("openai/x", { OPENAI_BASE_URL: "http://127.0.0.1:8790/v1/" })).toBe("http://127.0.0.1:8790/v1");
    expect(at("openai/x", { OPENAI_BASE_URL: "https://proxy.example" })).toBe("https://proxy.example");
    expect(at("ollama/x", { OLLAMA_HOST: "0.0.0.0" })).toBe("http://127.0.0.1:11434/v1");
    expect(at("ollama/x", { OLLAMA_HOST: "10.0.0.7:9000" })).toBe("http://10.0.0.7:9000/v1");
    expect(at("ollama/x", { OLLAMA_HOST: "https://box.example/v1" })).toBe("https://box.example/v1");
    expect(at("sim/x", { TWOLANE_SIM_URL: "http://127.0.0.1:4711" })).toBe("http://127.0.0.1:4711/v1");
    expect(at("cerebras/x", { CEREBRAS_BASE_URL: " " })).toBe("https://api.cerebras.ai/v1");
    expect(codeOf(resolveModel("groq/x", { env: { ...keys, GROQ_BASE_URL: "ftp://x" } }))).toBe("USAGE");
  });

  it("needs a key anywhere but on loopback, and names the variable", () => {
    const missing = resolveModel("cerebras/gpt-oss-120b", { env: {} });
    expect(missing).toMatchObject({
      ok: false,
      failure: { code: "KEY_MISSING", message: expect.stringContaining("CEREBRAS_API_KEY") },
    });
    expect(codeOf(resolveModel("openai/x", { env: { OPENAI_BASE_URL: "http://localhost:1/v1" } }))).toBe("ok");
    expect(codeOf(resolveModel("openai/x", { env: { OPENAI_BASE_URL: "http://10.0.0.1:1/v1" } }))).toBe("KEY_MISSING");
    expect(resolve("openai/x", { env: { OPENAI_API_KEY: " sk-1\n" } }).key).toBe("sk-1");
    const torn = resolveModel("openai/x", { env: { OPENAI_API_KEY: "sk-secret\nx" } });
    expect(torn).toMatchObject({ ok: false, failure: { code: "KEY_REFUSED", message: expect.not.stringContaining("secret") } });
  });

  it("asks for the address of who has none in common, and knows how it goes on", () => {
    const env = { AZURE_OPENAI_API_KEY: "k" };
    expect(resolveModel("azure/d", { env })).toMatchObject({
      ok: false,
      failure: { code: "PROVIDER_UNREACHABLE", cure: expect.stringContaining("AZURE_OPENAI_ENDPOINT") },
    });
    for (const endpoint of ["https://acme.openai.azure.com/", "https://acme.openai.azure.com/openai/v1/"]) {
      const model = resolve("azure/d", { env: { ...env, AZURE_OPENAI_ENDPOINT: endpoint } });
      expect(model).toMatchObject({
        baseUrl: "https://acme.openai.azure.com/openai/v1",
        keyHeader: "api-key",
        wire: "responses",
      });
    }
  });

  it("refuses what is no model", () => {
    const codes = ["gpt-5", "/x", "openai/", "", "acme/x"].map((model) => codeOf(resolveModel(model, { env: keys })));
    expect(new Set(codes)).toEqual(new Set(["MODEL_UNKNOWN"]));
  });
});

describe("capabilities", () => {
  it.each([
    ["openai/gpt-5-codex", { dialect: "v4a", editForm: "freeform", stop: "lanes", steer: false, contextWindow: 400_000 }],
    ["openai/gpt-5.3-codex-spark", { dialect: "v4a", editForm: "freeform", contextWindow: 128_000 }],
    ["openai/gpt-6-astra", { steer: true, stop: "lanes", editForm: "freeform" }],
    ["openai/gpt-6.1-sol", { steer: false }],
    ["openrouter/openai/gpt-6-astra", { steer: false, stop: "disconnect", editForm: "json", dialect: "v4a" }],
    ["xai/grok-code-fast-1", { dialect: "str-replace", editForm: "json", stop: "disconnect", contextWindow: 256_000 }],
    [
      "cerebras/gpt-oss-120b",
      { dialect: "v4a", editForm: "json", parallelCalls: false, stop: "disconnect", contextWindow: 131_072 },
    ],
    ["ollama/gpt-oss:20b", { dialect: "v4a", editForm: "json" }],
    ["cerebras/zai-glm-4.7", { dialect: "str-replace", editForm: "json" }],
    ["groq/moonshotai/kimi-k2-instruct", { dialect: "str-replace", editForm: "json" }],
    ["vllm/Qwen/Qwen3-Coder-30B", { dialect: "str-replace", editForm: "json", contextWindow: 262_144 }],
    ["inception/mercury-2", { dialect: "str-replace", editForm: "json", contextWindow: 128_000 }],
    ["ollama/gemma3:4b", { dialect: "search-replace", editForm: "message", tools: false }],
    ["ollama/llama3.2", { tools: true, editForm: "json" }],
    [
      "ollama/never-heard-of",
      { dialect: "str-replace", editForm: "json", tools: true, stop: "disconnect", contextWindow: 128_000 },
    ],
    ["sim/scripted", { dialect: "v4a", editForm: "freeform" }],
    ["sim-chat/scripted", { dialect: "v4a", editForm: "json" }],
  ])("%s", (model, expected) => expect(capabilities(model)).toMatchObject(expected));

  it("a gateway behind OPENAI_BASE_URL has no lanes and no steering", () => {
    const behind = resolve("openai/gpt-6-astra", { env: { ...keys, OPENAI_BASE_URL: "https://gateway.example/v1" } });
    expect(behind.capabilities).toMatchObject({ stop: "disconnect", steer: false });
  });
});

describe("the user's configuration", () => {
  const config = JSON.stringify({
    model: "acme/big/one",
    providers: {
      acme: {
        baseUrl: "http://127.0.0.1:9/v1",
        wire: "chat",
        keyEnv: "ACME_KEY",
        capabilities: { contextWindow: 9000, dialect: "whole-file" },
        headers: { "X-Team": "a" },
      },
      openai: { serviceTier: "priority" },
      away: { baseUrl: "https://models.example/v1", wire: "responses", keyEnv: "AWAY_KEY" },
      open: { baseUrl: "https://open.example/v1", wire: "chat", capabilities: { tools: false } },
    },
  });

  it("adds providers and changes known ones", () => {
    const acme = resolve("acme/big/one", { configText: config, env: { ACME_KEY: "k" } });
    expect(acme).toMatchObject({
      name: "big/one",
      key: "k",
      headers: { "x-team": "a" },
      capabilities: { contextWindow: 9000, dialect: "whole-file", editForm: "json" },
    });
    expect(resolve("openai/gpt-5", { configText: config })).toMatchObject({
      serviceTier: "priority",
      baseUrl: "https://api.openai.com/v1",
      capabilities: { stop: "lanes" },
    });
    expect(codeOf(resolveModel("away/x", { configText: config, env: {} }))).toBe("KEY_MISSING");
    expect(resolve("open/x", { configText: config, env: {} }).capabilities).toMatchObject({ tools: false, editForm: "message" });
  });

  it.each([
    ['{"modle": "x/y"}', 1, '"modle" is unknown'],
    ['{\n  "providers": {\n    "a": {\n      "baseURL": "http://x"\n    }\n  }\n}', 4, '"baseURL" is unknown'],
    ['{"providers": {"a": {"baseUrl": "x", "wire": "chat"}}}', 1, "http or https address"],
    ['{"providers": {"a":\n{"wire": "soap"}}}', 2, "one of responses, chat"],
    ['{"providers": {"a":\n{"keyEnv": "sk-live-secret"}}}', 2, "environment variable"],
    ['{"providers": {"A b": {}}}', 1, "provider's name"],
    ['{"providers": {"a": {"capabilities": {\n"contextWindow": -1}}}}', 2, "whole number"],
    ['{"providers": {"a": {"headers": {\n"x": "a\\nb"}}}}', 2, "control characters"],
    ['{"providers": []}', 1, "an object"],
    ['{"budgets": [\n{"dollars": 5}]}', 2, 'needs "per"'],
    ['{"budgets": [{"per": "day"}]}', 1, 'one of "dollars" and "tokens"'],
    ['{"budgets": [{"per": "day", "dollars": 1, "tokens": 1}]}', 1, 'one of "dollars" and "tokens"'],
    ['{"budgets": [{"per": "month", "tokens": 1}]}', 1, "day, week"],
    ['{"budgets": [{"per": "day",\n"dollars": 0}]}', 2, "above 0"],
    ['{"budgets": [{"per": "day", "tokens": 1, "project": "src"}]}', 1, "whole path"],
    ['{"budgets": {}}', 1, "a list"],
    ['{"limits": {"wait": -1}}', 1, "whole number"],
    ['{\n"model": "gpt-5"}', 2, "provider/name"],
    ["[]", 1, "an object"],
    ["", 1, "ends too early"],
    ['{\n\n"model": }', 3, "where a value belongs"],
    ['{"model": "a/b",\n}', 2, "where a key belongs"],
    ['{"model": "a/b",\n"model": "a/b"}', 2, "stands twice"],
    ["{\n// why\n}", 2, "not JSON"],
  ])("refuses %j", (configText, line, words) => {
    const result = resolveModel("sim/x", { env: {}, configText, configPath: "config.json" });
    expect(result).toMatchObject({ ok: false, failure: { code: "CONFIG_INVALID", message: expect.stringContaining(words) } });
    expect(result).toMatchObject({ failure: { message: expect.stringContaining(`config.json:${line}:`) } });
    expect(result).toMatchObject({ failure: { message: expect.not.stringContaining("secret") } });
  });

  it.each([
    '{"providers": {"a": {"wire": "chat"}}}',
    '{"providers": {"a": {"baseUrl": "http://127.0.0.1/v1"}}}',
    '{"providers": {"sim-chat": {"capabilities": {"editForm": "freeform"}}}}',
    '{"providers": {"sim-chat": {"capabilities": {"steer": true}}}}',
    '{"providers": {"sim-chat": {"capabilities": {"tools": false, "editForm": "json"}}}}',
  ])("refuses the contradiction %j", (configText) =>
    expect(codeOf(resolveModel("sim-chat/x", { env: {}, configText }))).toBe("CONFIG_INVALID"),
  );

  it("reads every JSON text as JSON.parse does, and nothing else", () => {
    const read = (text: string, parse: (text: string) => unknown): unknown => {
      try {
        return { value: parse(text) };
      } catch {
        return "refused";
      }
    };
    const numRuns = 300 * Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.string({ maxLength: 1 }), (json, at, piece) => {
        const broken = json.slice(0, at % (json.length + 1)) + piece + json.slice((at % (json.length + 1)) + 1);
        for (const text of [json, broken]) {
          const ours = read(text, (candidate) => parseWithLines(candidate).value);
          // A key that stands twice is refused here and only here.
          if (ours === "refused" && /twice/.test(reason(text))) continue;
          expect(ours).toEqual(read(text, JSON.parse));
        }
      }),
      { numRuns },
    );
  });
});

function reason(text: string): string {
  try {
    parseWithLines(text);
    return "";
  } catch (error) {
    return String(error);
  }
}

describe("the model of a run", () => {
  const choose = (input: CatalogInput, wishes = {}): string | undefined => value(chooseModel(input, wishes))?.model;
  const loopbackServers = [
    { provider: "vllm", models: [] },
    { provider: "ollama", models: ["qwen3:8b"] },
  ];

  it("is asked for, configured, named in the environment, paid for, or on this machine, in that order", () => {
    const configText = '{"model": "acme/x"}';
    const env = { ...keys, TWOLANE_MODEL: "groq/y" };
    expect(choose({ env, configText }, { asked: "a/b", loopbackServers })).toBe("a/b");
    expect(choose({ env, configText }, { loopbackServers })).toBe("acme/x");
    expect(choose({ env }, { loopbackServers })).toBe("groq/y");
    const order = [
      "cerebras/gpt-oss-120b",
      "groq/openai/gpt-oss-120b",
      "inception/mercury-2",
      "openai/gpt-5-codex",
      "xai/grok-code-fast-1",
      "openrouter/openai/gpt-oss-120b",
    ];
    const left: Record<string, string> = { ...keys };
    for (const model of order) {
      expect(choose({ env: left }, { loopbackServers })).toBe(model);
      delete left[`${model.split("/")[0]?.toUpperCase()}_API_KEY`];
    }
    expect(choose({ env: left }, { loopbackServers })).toBe("ollama/qwen3:8b");
    expect(choose({ env: { CEREBRAS_API_KEY: "" } })).toBeUndefined();
    expect(codeOf(chooseModel({ env, configText: "{" }))).toBe("CONFIG_INVALID");
  });
});
