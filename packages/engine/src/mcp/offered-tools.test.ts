/** What a model is offered of servers: names that every provider takes, an order that stays, and no more than the lane has room for. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callText } from "./call-text.ts";
import { listedTools } from "./listed-tools.ts";
import { offerLimits, offerTools, toolName } from "./offered-tools.ts";

const entry = (name: string, tools?: readonly string[]) => ({
  ...{ name, lanes: ["fast", "deep"] as const },
  ...(tools !== undefined && { tools }),
});
const plain = (name: string, words = name) => ({ name, description: words, inputSchema: { type: "object", properties: {} } });
const servers = (sizes: Readonly<Record<string, number>>, words = "") =>
  Object.entries(sizes).map(([name, size]) => ({
    entry: entry(name),
    tools: listedTools(Array.from({ length: size }, (_, at) => plain(`tool_${String(at).padStart(3, "0")}`, words))),
  }));

describe("names", () => {
  it("are plain where that says it all", () => {
    expect(toolName("github", "create_issue")).toBe("mcp__github__create_issue");
  });

  it("fit every provider, and no two pairs share one", () => {
    const pair = fc.tuple(fc.string({ minLength: 1, maxLength: 80 }), fc.string({ minLength: 1, maxLength: 140 }));
    const words = fc.tuple(fc.constantFrom("a", "a_", "a__b", "b"), fc.constantFrom("c", "_c", "b__c", "__c"));
    fc.assert(
      fc.property(fc.uniqueArray(fc.oneof(pair, words), { selector: (one) => one.join("\0") }), (pairs) => {
        const names = pairs.map(([server, tool]) => toolName(server, tool));
        for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
        expect(new Set(names).size).toBe(pairs.length);
      }),
    );
  });
});

describe("the offer", () => {
  it("stays within the lane, leaves room for each server, and says what is left", () => {
    const { offered, left } = offerTools(servers({ large: 200, small: 3 }), "fast");
    expect(offered).toHaveLength(offerLimits.fast.tools);
    expect(offered.filter(({ server }) => server === "small")).toHaveLength(3);
    expect(left.get("large")?.size).toBe(200 - (offerLimits.fast.tools - 3));
    expect(left.get("small")).toBeUndefined();
    expect(offerTools(servers({ large: 50 }), "deep").offered).toHaveLength(50);
  });

  it("counts bytes as well", () => {
    const { offered } = offerTools(servers({ wordy: 24 }, "word ".repeat(190)), "fast");
    const bytes = JSON.stringify(offered.map(({ definition }) => definition)).length;
    expect(bytes).toBeGreaterThan(offerLimits.fast.bytes - 1200);
    expect(bytes).toBeLessThan(offerLimits.fast.bytes + 200);
  });

  it("is the same in whatever order servers and tools came", () => {
    const given = servers({ b: 4, a: 3, c: 2 });
    const expected = JSON.stringify(offerTools(given, "fast").offered);
    fc.assert(
      fc.property(fc.shuffledSubarray(given, { minLength: 3 }), (shuffled) => {
        expect(JSON.stringify(offerTools(shuffled, "fast").offered)).toBe(expected);
      }),
    );
  });

  it("has only what an entry names, and nothing of another lane", () => {
    const tools = listedTools(["get_a", "get_b", "put_a", "a.b"].map((name) => plain(name)));
    const names = (patterns: readonly string[]) =>
      offerTools([{ entry: entry("it", patterns), tools }], "fast").offered.map(({ tool }) => tool.name);
    expect(names(["get_*"])).toEqual(["get_a", "get_b"]);
    expect(names(["*_a", "a.b"])).toEqual(
      ["a.b", "get_a", "put_a"].sort((one, other) => (toolName("it", one) < toolName("it", other) ? -1 : 1)),
    );
    expect(names([])).toEqual([]);
    expect(offerTools([{ entry: { name: "it", lanes: ["deep"] }, tools }], "fast").offered).toEqual([]);
  });
});

describe("what a server says of its tools", () => {
  const listed = (inputSchema: Record<string, unknown>) => listedTools([{ name: "it", inputSchema }])[0];

  it("is an object at the top, with nothing that makes it another thing", () => {
    expect(
      listed({ $schema: "x", anyOf: [{}], type: ["object", "null"], required: ["a"], properties: { a: { type: "string" } } })
        ?.schema,
    ).toEqual({
      ...{ type: "object", required: ["a"], properties: { a: { type: "string" } } },
    });
    expect(listed({})?.schema).toEqual({ type: "object", properties: {} });
  });

  it("loses words before it is too large, and then is left out with the reason", () => {
    const words = { type: "string", description: "word ".repeat(2000) };
    expect(listed({ properties: { description: words, title: { type: "number" } } })?.schema).toEqual({
      ...{ type: "object", properties: { description: { type: "string" }, title: { type: "number" } } },
    });
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`field_${at}`, { type: "string" }]));
    expect(listed({ properties: many })?.fault).toBe("its parameters are larger than 4 KB");
  });

  it("hides nothing from a person, and is cut", () => {
    const [tool] = listedTools([{ name: "it", description: `a\u202eb\u0000c\u200b${"x".repeat(5000)}`, inputSchema: {} }]);
    expect(tool?.description).toMatch(/^abcx+…$/);
    expect(tool?.description).toHaveLength(1000);
  });

  it("counts once where a name stands twice", () => {
    expect(listedTools([plain("a", "first"), plain("a", "second")])).toMatchObject([{ description: "first" }]);
  });
});

it("an answer is text, with a word for everything else", () => {
  const resource = { uri: "file:///a", text: "inside" };
  expect(
    callText({
      content: [
        { type: "text", text: "one" },
        { type: "resource_link", name: "a", uri: "file:///a" },
        { type: "resource", resource },
        { type: "resource", resource: { uri: "b", blob: "a".repeat(4000) } },
        { type: "hologram" },
      ],
    }).text,
  ).toBe("one\n[resource a file:///a]\n[file:///a]\ninside\n[resource b, 3 KB: not shown here]\n[hologram: not shown here]");
  expect(callText({ structuredContent: { a: 1 } }).text).toBe('{"a":1}');
  expect(callText({ isError: true, content: [] })).toEqual({ ok: false, text: "(The tool said nothing.)" });
});
