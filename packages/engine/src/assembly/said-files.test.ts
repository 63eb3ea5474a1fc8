import { type PolicyLayer, compilePolicy } from "@twolane/policy";
import { type ModelCapabilities, succeed } from "@twolane/protocol";
import { describe, expect, it } from "vitest";
import { createGivenSession } from "../models/given.ts";
import type { ConversationItem } from "../models/models.ts";
import { admitted } from "./said-files.ts";

const layer: PolicyLayer = {
  ...{ kind: "project", path: ".twolane/policy.yaml", scope: [], diff: [], dependencies: [], commands: [], review: [] },
  data: [
    {
      ...{ name: "customers", line: 3, matches: [], rejects: [], noRetention: false },
      ...{ paths: ["fixtures/customers/**"], dataClass: "customer", providers: ["local"] },
    },
  ],
};

const capabilities: ModelCapabilities = {
  ...{ dialect: "v4a", editForm: "message", tools: false, parallelCalls: false },
  ...{ stop: "disconnect", steer: false, contextWindow: 1000 },
};

function ask(provider: string, item: ConversationItem, layers: readonly PolicyLayer[] = [layer]) {
  const source = {
    session: createGivenSession("", capabilities),
    reads: true,
    reader: { lane: "fast", provider, keepsNothing: false },
  } as const;
  return admitted(succeed(source), { items: [item], policy: compilePolicy(layers) });
}

const output = (text: string): ConversationItem => ({ kind: "output", call: "c1", text, freeform: false });
const path = "fixtures/customers/a.json";

describe("another model", () => {
  it.each([
    ["a file that travelled with a prompt", { kind: "user", text: `see\n\n<file path="${path}">\n{}\n</file>` } as const],
    ["the output of reading", output(`${path} lines 1-2 of 2 sha256:0123456789ab\n{}`)],
    ["a hit of a search", output(`src/a.ts:1:x\n${path}:2:y`)],
  ])("does not go on with %s that it may not see", (_, item) => {
    expect(ask("openai", item)).toMatchObject({ ok: false, failure: { code: "PATH_UNREADABLE" } });
    expect(ask("local", item).ok).toBe(true);
    expect(ask("openai", item, []).ok).toBe(true);
  });

  it("goes on where the file was only named, or withheld", () => {
    expect(ask("openai", { kind: "user", text: `see ${path}` }).ok).toBe(true);
    expect(ask("openai", { kind: "user", text: `<file path="${path}">\n[withheld: it is customer data]\n</file>` }).ok).toBe(
      true,
    );
  });
});
