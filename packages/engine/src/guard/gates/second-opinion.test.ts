import type { FileChange, SecretSettings } from "@twolane/policy";
import { describe, expect, it } from "vitest";
import { secondOpinion } from "./second-opinion.ts";

// Put together here, so that no scanner of a forge takes this file for a leak.
const fake = (...parts: string[]): string => parts.join("");
const github = fake("gh", "p_", "b7Xk2QmW9sLr4TzVn8Yc3JdHf6GaPe1Ru5Ko");
const slack = fake("https://hooks.", "slack.com/services/", "T0AB1CD2E/B0FG3HI4J/", "q8Zr3nLw5Tk1Vb7Yx2Pd9Gm4");

const settings: SecretSettings = { prompts: "replace", edits: "hold", except: [] };

const change = (path: string, before: string, after: string): FileChange => {
  const old = new Set(before.split("\n"));
  const added = after.split("\n").filter((line) => !old.has(line));
  const hunk = { path, operation: "update", line: 1, added, removed: [], before: () => before, after: () => after } as const;
  return { path, before, after, binary: false, hunks: added.length === 0 ? [] : [hunk] };
};

/** Our own scanner takes a password of small letters alone for one of documentation. */
const plain = fake("mysql://app:", "wintermute@10.1.1.1:3306/shop");

const opinion = (file: FileChange, secrets = settings) => secondOpinion({ files: [file], secrets });

describe("the second opinion", () => {
  it("says what our own scanner does not find, with kind and line, without the value", async () => {
    const found = await opinion(change("a.ts", "one\n", `one\ntwo\nx = "${plain}"\n`));
    expect(found).toMatchObject([{ path: "a.ts", line: 3, verdict: { decision: "hold", rule: "secrets" } }]);
    expect(JSON.stringify(found)).not.toContain("wintermute");
  });

  it("says nothing twice", async () => {
    expect(await opinion(change("a.ts", "one\n", `one\ntwo\nx = "${github}"\ny = "${slack}"\n`))).toEqual([]);
    const line = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIB\nAQC7VJTUt9Us8cKjMzEfYyjiWA4R4ypbHqGC0H0tG3hGbN5rBm\n";
    const key = `-----BEGIN RSA PRIVATE KEY-----\n${line.repeat(4)}-----END RSA PRIVATE KEY-----`;
    expect(await opinion(change("a.ts", "one\n", `one\n${key}\n`))).toEqual([]);
  });

  it("leaves alone what was there before, what is excepted, and what nobody changed", async () => {
    const text = `x = "${plain}"\n`;
    expect(await opinion(change("a.ts", text, `${text}y\n`))).toEqual([]);
    expect(await opinion(change("a.ts", text, text))).toEqual([]);
    expect(await opinion(change("test/a.ts", "", text), { ...settings, except: ["test/**"] })).toEqual([]);
    expect(await opinion(change("a.ts", "", "postgres://user:password@localhost/db\n"))).toEqual([]);
    expect(await opinion(change("a.ts", "", text))).toHaveLength(1);
  });
});
