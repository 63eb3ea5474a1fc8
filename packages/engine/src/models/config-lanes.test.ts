import { describe, expect, it } from "vitest";
import { parseModelConfig } from "./config.ts";
import { readModelConfig } from "./catalog.ts";

const parse = (value: object) => parseModelConfig(JSON.stringify(value, undefined, 1), "config.json");

describe("lanes and workflows in the configuration", () => {
  it("gives each its own model, and the deep lane its limits", () => {
    const deep = {
      model: "vllm/big",
      minutes: 0.5,
      tokens: 200_000,
      dollars: 2.5,
      steps: 40,
      atOnce: 2,
      bind: ["node_modules", "a/b/"],
    };
    const parsed = parse({
      lanes: { fast: { model: "cerebras/gpt-oss-120b" }, deep },
      workflows: { review: { model: "xai/grok-4" } },
    });
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        lanes: { fast: { model: "cerebras/gpt-oss-120b" }, deep: { ...deep, bind: ["node_modules", "a/b"] } },
        workflows: { review: { model: "xai/grok-4" } },
      },
    });
  });

  it("is empty where nothing is written", () => {
    const empty = { lanes: { fast: {}, deep: {} }, workflows: {} };
    expect(parse({ lanes: {} })).toMatchObject({ ok: true, value: empty });
    expect(readModelConfig({ env: {} })).toMatchObject({ ok: true, value: empty });
  });

  it.each([
    [{ lanes: { slow: {} } }, /3: the key "slow" is unknown; known are fast, deep/],
    [{ lanes: { deep: { model: "gpt-5" } } }, /"lanes\.deep\.model" must be provider\/name/],
    [{ lanes: { deep: { minutes: 0 } } }, /"lanes\.deep\.minutes" must be a number above 0/],
    [{ lanes: { deep: { minutes: "10" } } }, /must be a number above 0/],
    [{ lanes: { deep: { tokens: 1.5 } } }, /whole number above 0/],
    [{ lanes: { deep: { dollars: -1 } } }, /must be a number above 0/],
    [{ lanes: { deep: { atOnce: 0 } } }, /whole number above 0/],
    [{ lanes: { deep: { bind: "node_modules" } } }, /"lanes\.deep\.bind" must be a list/],
    [{ lanes: { deep: { bind: ["ok", "../x"] } } }, /"lanes\.deep\.bind\.1" must be a folder below the workspace/],
    [{ lanes: { deep: { bind: ["/etc"] } } }, /folder below the workspace/],
    [{ lanes: { deep: { bind: ["~/x"] } } }, /folder below the workspace/],
    [{ lanes: { fast: { minutes: 1 } } }, /the key "minutes" is unknown/],
    [{ workflows: { deploy: {} } }, /known are refactor, debug, scaffold, test, review/],
    [{ workflows: { review: "xai/grok-4" } }, /"workflows\.review" must be an object/],
  ])("refuses %j", (value, message) => {
    expect(parse(value)).toMatchObject({
      ok: false,
      failure: { code: "CONFIG_INVALID", message: expect.stringMatching(message) },
    });
  });
});
