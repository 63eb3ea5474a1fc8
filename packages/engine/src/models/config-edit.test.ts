import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withProvider } from "./config-edit.ts";

const entry = { baseUrl: "http://127.0.0.1:8000/v1", wire: "chat" } as const;
const edit = (text: string | undefined, name = "box", provider: object = entry) =>
  withProvider(text, { name, provider: { ...entry, ...provider }, path: "config.json" });
const textOf = (result: ReturnType<typeof edit>): string => (result.ok ? result.value : `${result.failure.code}`);

describe("a provider written into the configuration", () => {
  it("makes the file where there is none", () => {
    expect(JSON.parse(textOf(edit(undefined)))).toEqual({ providers: { box: entry } });
  });

  it("leaves every other line as it is", () => {
    const before =
      '{\n\t"model":   "groq/x",\n\n\t"providers": {\n\t\t"acme": { "baseUrl": "https://a.example/v1",  "wire": "chat" }\n\t}\n}\n';
    const after = textOf(edit(before));
    expect(JSON.parse(after)).toEqual({ ...JSON.parse(before), providers: { ...JSON.parse(before).providers, box: entry } });
    for (const line of ['\t"model":   "groq/x",', '"acme": { "baseUrl": "https://a.example/v1",  "wire": "chat" }'])
      expect(after).toContain(line);
  });

  it("changes what it says of a provider that is there, and leaves the rest of it", () => {
    const before = JSON.stringify(
      { providers: { box: { baseUrl: "http://old/v1", wire: "responses", keyEnv: "OLD", headers: { a: "b" } } } },
      undefined,
      2,
    );
    expect(JSON.parse(textOf(edit(before)))).toEqual({ providers: { box: { ...entry, headers: { a: "b" } } } });
    const twice = textOf(edit(textOf(edit(before))));
    expect(twice).toBe(textOf(edit(before)));
  });

  it("refuses a file that is not valid, and a name that is none", () => {
    expect(textOf(edit("{ nonsense"))).toBe("CONFIG_INVALID");
    expect(textOf(edit('{"modle": "x"}'))).toBe("CONFIG_INVALID");
    expect(textOf(edit("{}", "Big Box"))).toBe("USAGE");
  });

  it("says the same of any valid file, in any layout", () => {
    const names = fc.constantFrom("box", "acme", "groq");
    const providers = fc.dictionary(
      names,
      fc.record({ baseUrl: fc.constant("http://x/v1"), wire: fc.constantFrom("chat", "responses") }),
      { maxKeys: 3 },
    );
    const file = fc.record(
      { model: fc.constant("a/b"), providers, lanes: fc.constant({ deep: { minutes: 3 } }) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(file, names, fc.constantFrom(0, 2, 4, "\t"), (value, name, indent) => {
        const after = textOf(edit(JSON.stringify(value, undefined, indent), name));
        expect(JSON.parse(after)).toEqual({ ...value, providers: { ...value.providers, [name]: entry } });
      }),
    );
  });
});
