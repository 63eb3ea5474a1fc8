/** Files that name servers: the shapes of the field, what is refused, what counts as the same entry, and what variables become. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ServersText, readServers, readyPlace, runsOf } from "./servers-file.ts";

const file = (servers: unknown, owner: ServersText["owner"] = "project"): ServersText => ({
  ...{ owner, file: `${owner}.json` },
  text: JSON.stringify({ mcpServers: servers }),
});
const one = (value: unknown) => readServers([file({ it: value })]).entries[0];
const why = (value: unknown) => readServers([file({ it: value })]).faults[0]?.why;

describe("the shapes of the field", () => {
  it("programs, with what they need", () => {
    const entry = one({ command: "npx", args: ["-y", "x"], env: { A: "1" }, cwd: "sub" });
    expect(entry?.place).toEqual({ kind: "stdio", command: "npx", args: ["-y", "x"], env: { A: "1" }, cwd: "sub" });
    expect(entry).toMatchObject({ lanes: ["fast", "deep"], timeoutMs: 60_000, off: false });
    expect(one({ type: "stdio", command: "x" })?.place).toMatchObject({ kind: "stdio", args: [] });
  });

  it("addresses, by whatever name their kind goes", () => {
    const url = "https://example.com/mcp";
    for (const type of ["http", "streamable-http", "streamableHttp", undefined])
      expect(one({ ...(type !== undefined && { type }), url })?.place).toEqual({ kind: "http", url, headers: {} });
    expect(one({ type: "sse", url, headers: { A: "b" } })?.place).toEqual({ kind: "sse", url, headers: { A: "b" } });
  });

  it("lanes, tools, time and off; what nobody knows is left alone", () => {
    const entry = one({ command: "x", lanes: ["deep"], tools: ["get_*"], timeout: 5, disabled: true, alwaysAllow: ["x"] });
    expect(entry).toMatchObject({ lanes: ["deep"], tools: ["get_*"], timeoutMs: 5000, off: true });
  });

  it.each([
    [7, "it must be an object"],
    [{}, 'it needs "command" or "url"'],
    [{ command: "" }, '"command" must be a text'],
    [{ command: "x", args: [1] }, '"args" must be a list of texts'],
    [{ command: "x", env: { A: 1 } }, '"env" must be an object of texts'],
    [{ type: "carrier-pigeon", url: "x" }, '"type" must be stdio, http or sse'],
    [{ url: "https://a", headers: 7 }, '"headers" must be an object of texts'],
    [{ command: "x", lanes: ["slow"] }, '"lanes" must be a list of fast, deep'],
    [{ command: "x", timeout: 0 }, '"timeout" must be a number of seconds above 0'],
  ])("%j is told as what it is", (value, text) => {
    expect(why(value)).toBe(text);
  });

  it("a file that is no JSON, or something else, is one fault and hides no other file", () => {
    const read = readServers([
      { owner: "user", file: "u", text: "{ nonsense" },
      { owner: "project", file: "p", text: "[]" },
      file({ it: { command: "x" } }),
    ]);
    expect(read.faults.map(({ file: where }) => where)).toEqual(["u", "p"]);
    expect(read.entries).toHaveLength(1);
    expect(readServers([{ owner: "user", file: "u", text: '{"model":"a/b"}' }])).toEqual({ entries: [], faults: [] });
  });

  it("any text is read or told, and never thrown at", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify({ mcpServers: { it: value } })),
        ),
        (text) => {
          readServers([{ owner: "project", file: "p", text }]);
        },
      ),
    );
  });
});

describe("which entry it is", () => {
  it("the same whatever the order of its keys, another with any other word", () => {
    const [first, second] = [
      one({ command: "x", args: ["a"], env: { A: "1", B: "2" } }),
      one({ env: { B: "2", A: "1" }, args: ["a"], command: "x" }),
    ];
    expect(first?.hash).toBe(second?.hash);
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.string()), (args, others) => {
        const same = JSON.stringify(args) === JSON.stringify(others);
        expect(one({ command: "x", args })?.hash === one({ command: "x", args: others })?.hash).toBe(same);
      }),
    );
  });

  it("the person's own counts, and the other is told", () => {
    const read = readServers([file({ it: { command: "mine" } }, "user"), file({ it: { command: "theirs" } })]);
    expect(read.entries).toMatchObject([{ owner: "user", place: { command: "mine" } }]);
    expect(read.faults).toEqual([{ name: "it", file: "project.json", why: "user.json has a server of this name, which counts" }]);
  });
});

describe("variables", () => {
  const env = { TOKEN: "s3cret", HOME: "/home/x", EMPTY: "" };
  const ready = (value: unknown) => readyPlace(one(value)!.place, { env, open: { HOME: "/home/x" } });

  it("come from the environment, or from what stands behind them", () => {
    expect(ready({ command: "${HOME}/x", args: ["${NONE:-a b}", "$HOME"], env: { T: "Bearer ${TOKEN}" } })).toEqual({
      ...{ kind: "stdio", command: "/home/x/x", args: ["a b", "$HOME"] },
      env: { T: "Bearer s3cret" },
    });
    expect(ready({ url: "https://a/${TOKEN}", headers: { A: "${TOKEN}" } })).toMatchObject({
      url: "https://a/s3cret",
      headers: { A: "s3cret" },
    });
  });

  it("that are not there are named", () => {
    expect(ready({ command: "x", env: { A: "${NONE}", B: "${EMPTY}" } })).toBe(
      "set NONE, EMPTY in the environment, then start again",
    );
  });

  it("that look like secrets do not go where every process sees them", () => {
    expect(ready({ command: "x", args: ["--token=${TOKEN}"] })).toMatch(/^TOKEN looks like a secret .* "env"$/);
  });

  it("are shown by name, and what stands there in plain words is not shown", () => {
    const shown = runsOf(one({ command: "x", args: ["a b"], env: { A: "${TOKEN}", B: "in the clear" } })!.place);
    expect(shown).toBe('x "a b" [env A=${TOKEN}] [env B=…]');
  });

  it("make no address of what is none", () => {
    expect(ready({ url: "file:///etc/passwd" })).toBe('"url" must be an http or https address');
  });
});
