import { describe, expect, it } from "vitest";
import { compilePolicy } from "../compile.ts";
import type { HunkContext, HunkFacts } from "../facts.ts";
import type { PolicyLayer, SecretSettings } from "../rules.ts";

const fake = (...parts: string[]): string => parts.join("");
const github = fake("gh", "p_", "b7Xk2QmW9sLr4TzVn8Yc3JdHf6GaPe1Ru5Ko");

const context: HunkContext = { lane: "fast", turn: new Map(), changeSet: new Map(), fileText: () => undefined };

const layer = (secrets?: Partial<SecretSettings>): PolicyLayer => ({
  ...{ kind: "project", path: ".twolane/policy.yaml" },
  ...{ scope: [], diff: [], dependencies: [], commands: [], review: [], data: [] },
  ...(secrets && { secrets }),
});

function judge(change: Partial<HunkFacts>, secrets?: Partial<SecretSettings>) {
  const facts: HunkFacts = {
    ...{ path: "src/a.ts", operation: "update", line: 10, added: [], removed: [] },
    ...{ before: () => undefined, after: () => undefined },
    ...change,
  };
  return compilePolicy([layer(secrets)])
    .refusals(facts, context)
    .filter(({ rule }) => rule === "secrets");
}

describe("a hunk", () => {
  it("that adds a secret is held, with kind and line, without the value", () => {
    const added = ["one", `const token = "${github}";`];
    const [verdict, ...others] = judge({
      added,
      after: () => ["", "x", ...Array.from({ length: 9 }, () => "y"), ...added].join("\n"),
    });
    expect(others).toEqual([]);
    expect(verdict).toMatchObject({ decision: "hold", rule: "secrets", line: 13 });
    expect(verdict?.reason).toBe("src/a.ts, line 13, adds a secret (github)");
    expect(JSON.stringify(verdict)).not.toContain(github.slice(4, 14));
  });

  it("is held as soon as the secret is whole, before its file is known", () => {
    expect(judge({ line: 0, added: [`const token = "${github}`] })).toMatchObject([
      { reason: "src/a.ts adds a secret (github)" },
    ]);
  });

  it("that changes the line beside a secret, or takes one away, is not", () => {
    expect(judge({ removed: [`f("${github}", 1)`], added: [`f("${github}", 2)`] })).toEqual([]);
    expect(judge({ removed: [`f("${github}", 1)`], added: ["f(key, 1)"] })).toEqual([]);
  });

  it("that brings a known secret to another file is held, and a yes to one is none to another", () => {
    const other = fake("gh", "p_", "c8Yl3RnX0tMs5UaWo9Zd4KeIg7HbQf2Sv6Lp");
    const subjects = [github, other].map((value) => judge({ path: "src/b.ts", added: [`x = "${value}"`] })[0]?.subject);
    expect(new Set(subjects).size).toBe(2);
  });

  it("with a stand-in that means nothing is held", () => {
    expect(judge({ added: ['x = "TWOLANE_SECRET_github_00000000"'], after: () => "" })).toMatchObject([{ decision: "hold" }]);
    const line = 'x = "TWOLANE_SECRET_github_00000000"';
    expect(judge({ removed: [line], added: [`${line};`], after: () => "" })).toEqual([]);
    expect(judge({ added: [line] })).toEqual([]);
  });

  it("is blocked, or let through in files for made-up ones, where the policy says so", () => {
    const added = [`"${github}"`];
    expect(judge({ added }, { edits: "block" })).toMatchObject([{ decision: "block", source: ".twolane/policy.yaml" }]);
    expect(judge({ added, path: "test/fixtures/a.ts" }, { except: ["test/fixtures/**"] })).toEqual([]);
    expect(judge({ added }, { except: ["test/fixtures/**"] })).toHaveLength(1);
  });

  it("that makes a file with a secret in its name is held, without the name", () => {
    const [made] = judge({ path: `docs/${github}.md`, operation: "create", added: ["a"] });
    const [moved] = judge({ operation: "move", movedTo: `docs/${github}.md` });
    for (const verdict of [made, moved]) {
      expect(verdict?.reason).toBe("the name of a new file holds a secret (github)");
      expect(JSON.stringify(verdict)).not.toContain(github.slice(4, 14));
    }
    expect(judge({ path: `docs/${github}.md`, added: ["a"] })).toEqual([]);
  });

  it("of a lock file may hold what looks like chance, and no key", () => {
    const chance = '  "resolvedKey": "q8Zr3nLw5Tk1Vb7Yx2Pd9Gm4Hs6Jf0Ca"';
    expect(judge({ path: "package-lock.json", added: [chance] })).toEqual([]);
    expect(judge({ path: "package-lock.json", added: [`"${github}"`] })).toHaveLength(1);
  });
});
