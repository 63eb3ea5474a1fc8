/** Policy files as text: what is taken, what is refused with which line and cure, and that no text does worse than be refused. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { presetNames } from "../src/rules.ts";
import { presets } from "../src/presets.ts";
import { exampleProblems } from "../src/file/examples.ts";
import { policySchema, readPolicy } from "../src/file/file.ts";
import { policyFile } from "../src/file/schema.ts";

const place = { kind: "project", path: ".twolane/policy.yaml" } as const;

function problemsOf(text: string): string[] {
  const read = readPolicy(text, place);
  return read.ok ? [] : read.problems.map(({ line, message, cure }) => `${line}: ${message} → ${cure}`);
}

/** The form that docs and parts agree on, with every key in it. */
const whole = `# yaml-language-server: $schema=./policy.schema.json
version: 1
preset: team
scope:
  - only: [src/**, test/**, infra/**]
  - hold: [infra/**]
    name: infra
    reason: The platform team looks at these.
    matches: [infra/main.tf]
    rejects: [src/infra.ts]
  - block: [vendor/**]
  - unreadable: [secrets/**]
diff:
  - per: turn
    lane: fast
    files: { hold: 8, block: 40 }
    lines: { hold: 200, block: 2000 }
    except: ["**/*.snap"]
dependencies:
  - hold: [add, change, source, script, import, lock]
    ecosystems: [npm]
    packages: ["*"]
  - allow: [add]
    packages: ["@types/*"]
    matches: ["@types/node@20.1.0", "@types/ws"]
    rejects: [left-pad]
commands:
  - allow: ["npm test", "npm run lint **"]
    network: true
    write: [~/.npm]
    matches: [npm test, npm run lint, npm run lint --fix]
    rejects: [npm publish, npm test -- -u]
  - block: ["curl **"]
secrets: { prompts: replace, edits: hold, except: ["test/fixtures/**"] }
tests: { auto: impacted, command: "npm test -- {files}", required: true, tell: true, weakened: hold, timeout: 120 }
review:
  - paths: ["**/auth/**"]
    approvals: 1
    by: ["@org/security"]
    codeowners: true
    own: false
data:
  - class: customer
    paths: [fixtures/customers/**]
    lanes: [deep]
    providers: [local]
    regions: [eu]
    retention: none
    audit: none
lanes:
  - lane: deep
    paths: [db/**]
    words: [migrate, schema change]
    filesOver: 4
    matches: ["migrate a.ts b.ts c.ts d.ts and db/e.sql"]
    rejects: [migrate db/e.sql]
audit: { content: hash, keep: 90, trailer: false }
telemetry: { content: true }
format: { command: "npx prettier --stdin-filepath {file}" }
`;

describe("a policy file", () => {
  it("with every key becomes a layer that knows its lines", () => {
    const read = readPolicy(whole, place);
    expect(read.ok ? [] : read.problems).toEqual([]);
    if (!read.ok) return;
    const { layer } = read;
    expect(layer.scope.map(({ name, line, effect }) => [name, line, effect])).toEqual([
      ["scope-1", 5, "only"],
      ["infra", 6, "hold"],
      ["scope-3", 11, "block"],
      ["scope-4", 12, "unreadable"],
    ]);
    expect(layer.diff[0]).toMatchObject({ name: "diff-1", lane: "fast", files: { hold: 8, block: 40 }, except: ["**/*.snap"] });
    expect(layer.dependencies.map(({ decision, changes }) => [decision, changes.length])).toEqual([
      ["hold", 6],
      ["allow", 1],
    ]);
    expect(layer.commands[0]).toMatchObject({ decision: "allow", network: true, write: ["~/.npm"] });
    expect(layer.commands[1]).toMatchObject({ decision: "block", network: false, write: [] });
    expect(layer.data[0]).toMatchObject({ dataClass: "customer", lanes: ["deep"], noRetention: true, audit: "none" });
    expect(layer.lanes?.[0]).toMatchObject({ name: "lanes-1", lane: "deep", words: ["migrate", "schema change"], filesOver: 4 });
    expect(layer.telemetry).toEqual({ content: true });
    expect(layer.preset).toBe("team");
    expect(JSON.parse(JSON.stringify(layer))).toEqual(layer);
  });

  it("needs no more than its version", () => {
    const read = readPolicy("version: 1\n", place);
    expect(read.ok && read.layer).toEqual({
      ...place,
      ...{ scope: [], diff: [], dependencies: [], commands: [], review: [], data: [] },
    });
  });

  it.each([
    ["scope: []", "1: `version` is missing → Add `version: 1`."],
    ["", "1: the file must be a section with keys → docs/policy.md describes each key."],
    ["version: 2", "1: `version` is none of 1 → Write one of them."],
    ["version: 1\nscoop: []", "2: `scoop` is no key of a policy → Did you mean `scope`?"],
    ["version: 1\npreset: teem", "2: `preset` is none of solo, team, strict → Write one of them."],
    ["version: 1\nscope:\n  - hold: [a]\n    reson: x", "4: `reson` is no key of a rule of `scope` → Did you mean `reason`?"],
    ["version: 1\nscope:\n  - hold: a", "3: `hold` must be a list → Write it as a list, e.g. `[src/**]`."],
    [
      "version: 1\nscope:\n  - name: a",
      "3: the rule decides nothing → Give it exactly one of `only`, `hold`, `block`, `unreadable`.",
    ],
    [
      "version: 1\nscope:\n  - hold: [a]\n    block: [b]",
      "3: the rule decides 2 things → Give it exactly one of `only`, `hold`, `block`, `unreadable`.",
    ],
    [
      "version: 1\nversion: 1",
      "2: the same key stands here twice → Correct the text; an editor with a YAML schema shows the place.",
    ],
    ["version: 1\nreview:\n  - paths: [a]\n    own: no", "4: `own` must be true or false → docs/policy.md describes each key."],
    [
      "version: 1\nscope:\n  - hold: [/etc]",
      "3: `/etc` is no glob: paths are relative to the workspace → Write a path or glob relative to the workspace, e.g. `src/**`.",
    ],
    [
      'version: 1\nscope:\n  - hold:\n      - ok\n      - "a/{b"',
      "5: `a/{b` is no glob: its brackets do not pair → Write a path or glob relative to the workspace, e.g. `src/**`.",
    ],
    [
      "version: 1\nscope:\n  - hold: [a/../../b]",
      "3: `a/../../b` is no glob: it climbs out of the workspace → Write a path or glob relative to the workspace, e.g. `src/**`.",
    ],
    ["version: 1\nscope:\n  - hold: ['!a']", "3: it only takes paths out, so it matches none → Add a glob that lets paths in."],
    [
      "version: 1\nscope:\n  - hold: [a]\n    name: x\ndata:\n  - class: c\n    paths: [b]\n    name: x",
      "8: two rules have the name `x` → Give one of them another name.",
    ],
    [
      "version: 1\nscope:\n  - hold: [a]\n    name: permissions",
      "4: the rule `permissions` always holds and has no substitute → Give your rule another name.",
    ],
    ["version: 1\ndiff:\n  - per: turn", "3: the rule has no limit → Give it `files` or `lines`."],
    [
      "version: 1\ndiff:\n  - per: turn\n    files: { hold: 9, block: 8 }",
      "4: the limit for `hold` (9) is not below the one for `block` (8), so it never holds → Lower `hold`, or leave it out.",
    ],
    [
      "version: 1\nscope:\n  - only: [src/api/**]\n  - block: [src]",
      "3: `scope-1` lets in only what `scope-2` keeps out: nothing could be changed → Take the paths out of one of the two rules (the other stands in line 4).",
    ],
    [
      "version: 1\nscope:\n  - block: [infra/**]\n  - hold: [infra/main.tf]",
      "4: `scope-2` never decides: `scope-1` (line 3) covers all of its paths → Leave one of the two rules out.",
    ],
    [
      "version: 1\nscope:\n  - hold: [a/**]\n  - hold: [a]",
      "4: `scope-2` never decides: `scope-1` (line 3) covers all of its paths → Leave one of the two rules out.",
    ],
    [
      "version: 1\nscope:\n  - hold: [infra/**]\n    matches: [src/infra.ts]",
      "4: `scope-1` should match src/infra.ts and does not → Correct the rule or its example.",
    ],
    [
      "version: 1\nscope:\n  - hold: [infra/**]\n    rejects: [INFRA/main.tf]",
      "4: `scope-1` should leave INFRA/main.tf alone and matches it → Correct the rule or its example.",
    ],
    [
      "version: 1\ncommands:\n  - block: [curl **]\n    network: true",
      "4: only an allowed command is granted something → Leave it out, or allow the command.",
    ],
    [
      "version: 1\ncommands:\n  - allow: [make]\n    write: [build]",
      "4: `build` is no path to write to → Write it as `/…` or `~/…`.",
    ],
    [
      "version: 1\ncommands:\n  - allow: ['npm ** test']",
      "3: `npm ** test` is no command → Pair its quotes; `**` may only stand last.",
    ],
    [
      "version: 1\ncommands:\n  - allow: ['npm test**']",
      "3: in `npm test**` `**` is not the last word → Put `**` at the end, as a word of its own.",
    ],
    [
      "version: 1\ncommands:\n  - allow: [make, npm test]\n  - block: [npm test]",
      "4: `commands-2` contradicts `commands-1` (line 3): both speak of the same → Leave one of the two out.",
    ],
    [
      "version: 1\ndependencies:\n  - hold: [add, lock]\n  - allow: [add]",
      "4: `dependencies-2` contradicts `dependencies-1` (line 3): both speak of the same → Leave one of the two out.",
    ],
  ])("%j says %s", (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  it("names what is wrong in the order of the lines", () => {
    const text = "version: 1\nscope:\n  - hold: [/a]\n  - hold: ['{b']\nreview:\n  - paths: ['']\n";
    expect(problemsOf(text).map((problem) => problem.slice(0, 2))).toEqual(["6:"]);
    expect(problemsOf(text.replace("''", "../c")).map((problem) => problem.slice(0, 2))).toEqual(["3:", "4:", "6:"]);
  });

  it.each([
    ["a bomb of aliases", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"],
    ["a tag", "version: !!js/function 'x'\n"],
    ["two documents", "version: 1\n---\nversion: 1\n"],
    ["bytes", "\u0000\u0001"],
    ["a giant", `version: 1\n#${"x".repeat(300_000)}`],
  ])("that is %s is refused", (_, text) => {
    expect(problemsOf(text).length).toBeGreaterThan(0);
  });

  it("of any text is read or refused with a line of it", () => {
    const pieces = whole.split(/(?<=\n)|(?<=: )/);
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join("")),
      fc.tuple(fc.nat(whole.length), fc.nat(whole.length)).map(([a, b]) => whole.slice(0, a) + whole.slice(b)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const read = readPolicy(text, place);
        if (read.ok) return;
        expect(read.problems.length).toBeGreaterThan(0);
        for (const { line, message, cure } of read.problems) {
          expect(line).toBeGreaterThan(0);
          expect(line).toBeLessThanOrEqual(text.split(/\r\n?|\n/).length + 1);
          expect(`${message}${cure}`).not.toMatch(/undefined|\n/);
        }
      }),
    );
  });
});

describe("the guide", () => {
  const guide = readFileSync(new URL("../../../docs/policy.md", import.meta.url), "utf8");

  it.each([...guide.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = ""]) => [text.split("\n")[1], text]))(
    "has an example of %s that is right",
    (_, text) => expect(problemsOf(text)).toEqual([]),
  );

  it.each(Object.keys(policyFile.shape).filter((key) => key !== "version"))("speaks of %s", (key) => {
    expect(guide).toMatch(new RegExp(`\\b${key}\\b`));
  });
});

describe("the presets", () => {
  it.each(presetNames)("%s has examples for each rule, and they hold", (name) => {
    const preset = presets[name];
    const rules = [preset.scope, preset.diff, preset.dependencies, preset.commands, preset.review, preset.data].flat();
    expect(rules.filter(({ matches }) => matches.length === 0).map((rule) => rule.name)).toEqual([]);
    expect(new Set(rules.map((rule) => rule.name)).size).toBe(rules.length);
    expect(exampleProblems({ kind: "preset", path: name, ...preset })).toEqual([]);
  });
});

describe("the published schema", () => {
  const published = fileURLToPath(new URL("../../../docs/policy.schema.json", import.meta.url));

  it("is what the reader takes (UPDATE_DOCS=1 writes it anew)", () => {
    const current = `${JSON.stringify(policySchema(), null, 2)}\n`;
    if (process.env["UPDATE_DOCS"] === "1") writeFileSync(published, current);
    expect(readFileSync(published, "utf8")).toBe(current);
  });

  it("takes the whole form and refuses a key too many", () => {
    const schema = z.fromJSONSchema(JSON.parse(readFileSync(published, "utf8")));
    expect(schema.safeParse(parse(whole)).success).toBe(true);
    expect(schema.safeParse({ version: 1, scoop: [] }).success).toBe(false);
    expect(schema.safeParse({ version: 1, scope: [{ hold: ["a"], block: ["b"] }] }).success).toBe(false);
    expect(schema.safeParse({ version: 1, scope: [{ name: "a" }] }).success).toBe(false);
  });
});
