import { createServer } from "node:http";
import { afterAll, describe, expect, it } from "vitest";
import { connectWith } from "./connect.ts";
import { openConnection } from "./connection.ts";

const server = createServer((request, response) => {
  if (request.url === "/v1/models") response.end(JSON.stringify({ data: [{ id: "qwen" }] }));
  else response.writeHead(404).end();
});
const port = await new Promise<number>((resolve) => {
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    resolve(typeof address === "object" && address !== null ? address.port : 0);
  });
});
afterAll(() => void server.close());

describe("what a person types to get a model", () => {
  it.each([
    ["cerebras/gpt-oss-120b", { model: "cerebras/gpt-oss-120b", env: {} }],
    ["instant", { model: "instant", env: {} }],
    ["groq", { model: "groq/openai/gpt-oss-120b", env: {} }],
    ["groq anything", { model: "groq/openai/gpt-oss-120b", env: { GROQ_API_KEY: "anything" }, keep: "export GROQ_API_KEY=…" }],
    [
      `csk-${"a".repeat(30)}`,
      {
        model: "cerebras/gpt-oss-120b",
        env: { CEREBRAS_API_KEY: `csk-${"a".repeat(30)}` },
        keep: "export CEREBRAS_API_KEY=…",
      },
    ],
  ])("%s", async (typed, expected) => {
    const connected = await connectWith(typed, openConnection);
    expect(connected.ok && connected.value).toEqual(expected);
  });

  it.each([`http://127.0.0.1:${port}`, `127.0.0.1:${port}/v1`])("an address: %s", async (typed) => {
    const connected = await connectWith(typed, openConnection);
    const baseUrl = `http://127.0.0.1:${port}/v1`;
    expect(connected.ok && connected.value).toEqual({
      model: "vllm/qwen",
      env: { VLLM_BASE_URL: baseUrl },
      keep: `export VLLM_BASE_URL=${baseUrl}`,
    });
  });

  it("never repeats what may be a key", async () => {
    const typed = "f".repeat(40);
    const refused = await connectWith(typed, openConnection);
    expect(!refused.ok && refused.failure.code).toBe("MODEL_UNKNOWN");
    expect(JSON.stringify(refused)).not.toContain(typed);
  });

  it("says that nothing answers", async () => {
    const refused = await connectWith("http://127.0.0.1:1/v1", openConnection);
    expect(!refused.ok && refused.failure.code).toBe("PROVIDER_UNREACHABLE");
  });
});
