/** Each constraint against generated hunks: a hundred that break it are held, a hundred that do not are not. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Constraint } from "@twolane/protocol";
import type { HunkContext, HunkFacts } from "../facts.ts";
import type { Refusal } from "../judge.ts";
import { compileConstraints } from "./constraint-judge.ts";
import { type Module, breaking, harmless, languages, modules } from "./generated-modules.ts";

const context: HunkContext = { lane: "fast", turn: new Map(), changeSet: new Map(), fileText: () => undefined };

/** `undefined`: there is no such file. */
function facts(
  path: string,
  [before, after]: readonly [string | undefined, string | undefined],
  more: Partial<HunkFacts> = {},
): HunkFacts {
  const [old, now] = [before?.split("\n") ?? [], after?.split("\n") ?? []];
  return {
    ...{ path, operation: before === undefined ? "create" : after === undefined ? "delete" : "update", line: 1 },
    ...{ added: now.filter((line) => !old.includes(line)), removed: old.filter((line) => !now.includes(line)) },
    ...{ before: () => before, after: () => after, ...more },
  };
}

const judged = (
  constraint: Constraint,
  hunk: HunkFacts,
  around: Partial<HunkContext> = {},
  testFailed = false,
): readonly Refusal[] =>
  compileConstraints([constraint], { testFailed: () => testFailed }).refusals(hunk, { ...context, ...around });

const hundred = <T>(values: fc.Arbitrary<T>): T[] => fc.sample(values, { seed: 50, numRuns: 100 });
const word = fc.stringMatching(/^[a-z]{2,8}$/).filter((one) => !/^(?:tests?|specs?)$/.test(one));
const inside = fc
  .tuple(fc.constantFrom("src/auth", "src/auth/deep"), word, fc.constantFrom("ts", "py", "go"))
  .map(([folder, name, kind]) => `${folder}/${name}.${kind}`);
const outside = fc
  .tuple(fc.constantFrom("", "src/", "src/author/", "lib/", "auth/", "src/Auth/"), word, fc.constantFrom("ts", "md"))
  .map(([folder, name, kind]) => `${folder}${name}.${kind}`);
const update = (path: string): HunkFacts => facts(path, ["a\n", "b\n"]);

describe("what a request demands", () => {
  it("only PATH: what lies outside is held", () => {
    const only: Constraint = { kind: "only", paths: ["src/auth"] };
    for (const path of hundred(outside))
      expect(judged(only, update(path)), path).toMatchObject([{ decision: "hold", rule: "prompt:only" }]);
    for (const path of hundred(inside)) expect(judged(only, update(path)), path).toEqual([]);
    const [refusal] = judged(only, update("lib/a.ts"));
    expect(refusal).toEqual({
      decision: "hold",
      rule: "prompt:only",
      reason: "lib/a.ts is outside of src/auth: the request says “only src/auth”",
      wayOut: "Leave it, or say why it is needed.",
      subject: "lib/a.ts",
      source: "the request",
    });
  });

  it("not PATH: what it names is held, also as one end of a move", () => {
    const not: Constraint = { kind: "not", paths: ["src/auth"] };
    for (const path of hundred(inside)) {
      expect(judged(not, update(path))).toMatchObject([{ rule: "prompt:not" }]);
      expect(judged(not, facts("lib/x.ts", ["a", "a"], { operation: "move", movedTo: path }))).toMatchObject([
        { rule: "prompt:not" },
      ]);
    }
    for (const path of hundred(outside.filter((one) => !one.startsWith("src/Auth"))))
      expect(judged(not, update(path)), path).toEqual([]);
  });

  it("no new dependencies: manifests and imports", () => {
    const none: Constraint = { kind: "no-dependencies" };
    const manifest = (names: readonly string[]): string =>
      JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, "1.0.0"])) }, null, 2);
    const known = manifest(["zod"]);
    const around = { fileText: (path: string) => (path === "package.json" ? known : undefined), hasFile: () => false };
    for (const [index, name] of hundred(word).entries()) {
      const added =
        index % 2 === 0
          ? facts("package.json", [known, manifest(["zod", `${name}-x`])])
          : facts("src/a.ts", ["", `import a from "${name}-x";\n`]);
      expect(judged(none, added, around), name).toMatchObject([{ decision: "hold", rule: "prompt:no-dependencies" }]);
      const fine =
        index % 2 === 0
          ? facts("package.json", [known, `${known}\n`])
          : facts("src/a.ts", ["", `import ${name} from "zod";\nimport x from "./${name}.js";\n`]);
      expect(judged(none, fine, { ...around, hasFile: () => true }), name).toEqual([]);
    }
  });

  it("at most N lines: counted over the turn", () => {
    const cases = fc.record({
      most: fc.integer({ min: 1, max: 60 }),
      before: fc.integer({ min: 0, max: 40 }),
      over: fc.integer({ min: 1, max: 30 }),
    });
    for (const { most, before, over } of hundred(cases)) {
      const earlier = Math.min(before, most);
      const turn = new Map([["src/a.ts", earlier]]);
      const lines = (count: number): Partial<HunkFacts> => ({ added: Array.from({ length: count }, () => "x"), removed: [] });
      const limit: Constraint = { kind: "lines", most };
      expect(judged(limit, { ...update("src/b.ts"), ...lines(most - earlier + over) }, { turn })).toMatchObject([
        { rule: "prompt:lines" },
      ]);
      expect(judged(limit, { ...update("src/b.ts"), ...lines(most - earlier) }, { turn })).toEqual([]);
    }
  });

  it("one file: a second one is held", () => {
    for (const [first, second] of hundred(fc.tuple(inside, outside))) {
      const turn = new Map([[first, 3]]);
      expect(judged({ kind: "one-file" }, update(second), { turn })).toMatchObject([{ rule: "prompt:one-file" }]);
      expect(judged({ kind: "one-file" }, update(first), { turn })).toEqual([]);
      expect(judged({ kind: "one-file" }, update(second))).toEqual([]);
    }
  });

  it("one change: a second hunk is held", () => {
    for (const [path, turnHunks] of hundred(fc.tuple(inside, fc.integer({ min: 1, max: 9 })))) {
      expect(judged({ kind: "one-change" }, update(path), { turnHunks })).toMatchObject([{ rule: "prompt:one-change" }]);
      expect(judged({ kind: "one-change" }, update(path), { turnHunks: 0 })).toEqual([]);
    }
  });

  it("tests unchanged: what there is of them is held, new ones are not", () => {
    const tests = fc
      .tuple(
        word,
        fc.constantFrom(
          "src/*.test.ts",
          "test/*.js",
          "tests/test_*.py",
          "pkg/*_test.go",
          "src/__tests__/*.tsx",
          "a/spec/*.rb",
          "src/test/java/*.java",
          "lib/__snapshots__/*.snap",
          "src/*Test.java",
        ),
      )
      .map(([name, form]) => form.replace("*", name));
    for (const path of hundred(tests)) {
      expect(judged({ kind: "tests-unchanged" }, update(path)), path).toMatchObject([{ rule: "prompt:tests-unchanged" }]);
      expect(judged({ kind: "tests-unchanged" }, facts(path, [undefined, "new"]))).toEqual([]);
      expect(judged({ kind: "tests-unchanged" }, facts(path, ["a", undefined]))).toHaveLength(1);
    }
    for (const path of hundred(fc.oneof(inside, outside)))
      expect(judged({ kind: "tests-unchanged" }, update(path)), path).toEqual([]);
  });

  it("new files only: what exists is held, but for what the turn made itself", () => {
    for (const path of hundred(fc.oneof(inside, outside))) {
      expect(judged({ kind: "new-files" }, update(path))).toMatchObject([{ rule: "prompt:new-files" }]);
      expect(judged({ kind: "new-files" }, facts(path, ["a", undefined]))).toHaveLength(1);
      expect(judged({ kind: "new-files" }, facts(path, [undefined, "a"]))).toEqual([]);
      expect(judged({ kind: "new-files" }, update(path), { rest: () => [{ path, before: undefined, after: "a" }] })).toEqual([]);
    }
  });

  it("one failing test first: all but tests is held until one has failed", () => {
    for (const path of hundred(fc.oneof(inside, outside))) {
      expect(judged({ kind: "test-first" }, update(path))).toMatchObject([{ rule: "prompt:test-first" }]);
      expect(judged({ kind: "test-first" }, update(path), {}, true)).toEqual([]);
      const test = path.replace(/\.(\w+)$/, ".test.$1");
      expect(judged({ kind: "test-first" }, update(test))).toEqual([]);
    }
    const source = "pub fn f() -> u8 { 1 }\n";
    const tested = `${source}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() { assert_eq!(super::f(), 2); }\n}\n`;
    expect(judged({ kind: "test-first" }, facts("src/a.rs", [source, tested]))).toEqual([]);
    expect(judged({ kind: "test-first" }, facts("src/a.rs", [tested, tested.replace("{ 1 }", "{ 2 }")]))).toHaveLength(1);
  });

  it("no edits: everything is blocked", () => {
    for (const path of hundred(fc.oneof(inside, outside)))
      expect(judged({ kind: "no-edits" }, update(path))).toMatchObject([{ decision: "block", rule: "prompt:no-edits" }]);
  });

  it.each(languages.map((language) => [language.ending, language] as const))(
    "API unchanged, %s: an exported signature is held, anything else is not",
    (_, language) => {
      const api: Constraint = { kind: "public-api" };
      const path = `src/module.${language.ending}`;
      const show = (module: Module): string => language.write(module);
      for (const { module, change } of hundred(fc.record({ module: modules, change: breaking }))) {
        const [before, after] = [show(module), show(change(module))];
        const refusals = judged(api, facts(path, [before, after]));
        expect(refusals, `${before}\n→\n${after}`).toMatchObject([
          { decision: "hold", rule: "prompt:public-api", subject: path },
        ]);
        expect(refusals[0]?.reason).toMatch(/changes what it exports \([-+] /);
      }
      for (const { module, change } of hundred(fc.record({ module: modules, change: harmless }))) {
        const [before, after] = [show(module), language.write(change(module), "other")];
        expect(judged(api, facts(path, [before, after])), `${before}\n→\n${after}`).toEqual([]);
      }
    },
  );

  it("holds a file that goes away with what it exports", () => {
    const api: Constraint = { kind: "public-api" };
    const text = "export const a = 1;\n";
    expect(judged(api, facts("src/a.ts", [text, undefined]))).toMatchObject([
      { reason: "src/a.ts changes what it exports (- export const a = number): the request says “API unchanged”" },
    ]);
    expect(judged(api, facts("src/a.ts", [text, text], { operation: "move", movedTo: "src/b.ts" }))).toHaveLength(1);
    expect(judged(api, facts("docs/a.md", ["a", undefined]))).toEqual([]);
  });

  it("says nothing early that it would not say of the whole hunk", () => {
    const open = facts("test/a.test.ts", [undefined, undefined], { operation: "update" });
    for (const kind of ["tests-unchanged", "new-files", "public-api", "one-change"] as const)
      expect(judged({ kind }, open), kind).toEqual([]);
    expect(judged({ kind: "test-first" }, { ...open, path: "src/a.rs" })).toEqual([]);
  });

  it("costs microseconds to compile", () => {
    const constraints: Constraint[] = [
      { kind: "only", paths: ["src/**/*.ts", "test"] },
      { kind: "not", paths: ["docs"] },
      { kind: "lines", most: 40 },
      { kind: "public-api" },
      { kind: "no-dependencies" },
    ];
    const taken = Array.from({ length: 200 }, () => {
      const from = performance.now();
      compileConstraints(constraints, { testFailed: () => false });
      return performance.now() - from;
    }).toSorted((a, b) => a - b);
    const median = taken[100] ?? Infinity;
    process.stdout.write(`constraints compiled: ${median.toFixed(3)} ms, median of ${taken.length}\n`);
    expect(median).toBeLessThan(1);
  });
});
