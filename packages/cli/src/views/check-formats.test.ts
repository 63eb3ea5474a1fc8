/** The forms of a report: each reader gets what it understands, and text of the change stays text in all of them. */
import type { CheckReport } from "@twolane/engine";
import { describe, expect, it } from "vitest";
import { type CheckFormat, formatCheck } from "./check-formats.ts";
import { createStyle } from "./style.ts";

const finding = (path: string, line: number, more: Partial<CheckReport["findings"][number]["verdict"]> = {}) => ({
  path,
  line,
  verdict: { decision: "hold", rule: "infra", reason: `${path} is held`, wayOut: "Ask the platform team.", ...more } as const,
});

const report: CheckReport = {
  source: { kind: "commits", base: "main", from: "1".repeat(40), head: "2".repeat(40), diff: "3".repeat(64) },
  policy: [".twolane/policy.yaml (main)"],
  notes: ["The approval of sam is older than the change; it is another one since."],
  files: 3,
  linesAdded: 5,
  linesRemoved: 2,
  findings: [
    finding("infra/main.tf", 4, { source: ".twolane/policy.yaml:3", subject: "infra/main.tf" }),
    finding("src/a b#1.ts", 0, { decision: "block", rule: "vendor" }),
  ],
  approved: [{ ...finding("package.json", 7, { rule: "dependencies" }), by: ["tess"] }],
  verdict: "blocked",
};

const style = createStyle({}, false);
const format = (name: CheckFormat, of: CheckReport = report): string => formatCheck(of, { format: name, style });

describe("a report", () => {
  it("says to people by file what is against it, why, and the way out, in words that need no colour", () => {
    expect(format("text")).toBe(`! The approval of sam is older than the change; it is another one since.

▸ infra/main.tf
  ◌ held line 4  infra  infra/main.tf is held
    → Ask the platform team.  (.twolane/policy.yaml:3)

▸ src/a b#1.ts
  ✗ blocked  vendor  src/a b#1.ts is held
    → Ask the platform team.

✓ package.json  dependencies  approved by tess

What is held: change it, or somebody approves it on the forge, or by \`twolane approve --base main\`.
1 blocked, 1 held · main…222222222, 3 files, +5 −2 · .twolane/policy.yaml (main)
`);
    const clean = { ...report, findings: [], approved: [], notes: [], verdict: "clean" } as const;
    expect(format("text", clean)).toBe(
      "✓ nothing stands against it · main…222222222, 3 files, +5 −2 · .twolane/policy.yaml (main)\n",
    );
  });

  it("is one object for programs", () => {
    expect(JSON.parse(format("json"))).toEqual({ type: "check.finished", ...report });
  });

  it("is SARIF 2.1.0 for code scanning: what the standard requires is there, and nothing is where it has no place", () => {
    const log: Record<string, unknown> = JSON.parse(format("sarif"));
    expect(faultsOf(log, sarif, "$")).toEqual([]);
    expect(log).toMatchObject({
      runs: [
        {
          tool: { driver: { rules: [{ id: "infra" }, { id: "vendor" }] } },
          results: [
            { ruleId: "infra", ruleIndex: 0, level: "warning", locations: [place("infra/main.tf", 4)] },
            { ruleId: "vendor", ruleIndex: 1, level: "error", locations: [place("src/a%20b%231.ts", 1)] },
          ],
        },
      ],
    });
    expect(faultsOf(JSON.parse(format("sarif", { ...report, findings: [] })), sarif, "$")).toEqual([]);
    expect(faultsOf({ version: "2.1.0", runs: [{ tool: {}, results: [{ ruleId: 1 }] }] }, sarif, "$")).not.toEqual([]);
  });

  it("is annotations for GitHub, in which no text of the change can become another command", () => {
    const evil = finding("a\n::set-env name=X::y,z:1%", 2, { reason: "one\r\n::error::two", rule: "x,file=other" });
    const lines = format("github", { ...report, notes: ["\n::warning::x"], findings: [evil] })
      .trimEnd()
      .split("\n");
    expect(lines).toEqual([
      "::notice title=twolane::%0A::warning::x",
      "::error file=a%0A%3A%3Aset-env name=X%3A%3Ay%2Cz%3A1%25,line=2,title=held%3A x%2Cfile=other::one%0D%0A::error::two%0AAsk the platform team.",
      expect.stringMatching(/^twolane: /),
    ]);
  });

  it("is Markdown for a summary, in which text of the change stays text", () => {
    const evil = finding("a`b|c.ts", 1, { reason: "<img src=x> | [x](http://y) @team\n# head", wayOut: "`code` ![i](j)" });
    const text = format("markdown", { ...report, findings: [evil] });
    expect(text).toContain("#### `` a`b|c.ts ``");
    expect(text).not.toMatch(/<img|\]\(|@team|\n# head/);
    expect(text).toContain("### ⛔ twolane: ");
    expect(text).toContain("- ✅ `package.json` dependencies: approved by tess");
  });

  it("never begins a line of text with what a change says, nor passes on what a terminal obeys", () => {
    const evil = finding("::error::\u001b[31m\nx", 1, { reason: "::stop-commands::t\n\u001b]0;title\u0007", wayOut: "\u202ex" });
    const lines = format("text", { ...report, findings: [evil] }).split("\n");
    for (const line of lines) expect(line.trimStart()).not.toMatch(/^::/);
    expect(lines.join("")).not.toMatch(/[\u001b\u0007\u202e]/);
  });
});

const place = (uri: string, startLine: number) => ({
  physicalLocation: { artifactLocation: { uri, uriBaseId: "%SRCROOT%" }, region: { startLine } },
});

/** As much of the standard's schema as is written: every property that is allowed, what must be there, and of which kind. */
type Form =
  | "string"
  | "number"
  | readonly [Form]
  | { readonly needs: readonly string[]; readonly has: Readonly<Record<string, Form>> };

const message: Form = { needs: ["text"], has: { text: "string" } };
const rule: Form = { needs: ["id"], has: { id: "string", shortDescription: message, help: message } };
const location: Form = {
  needs: [],
  has: {
    physicalLocation: {
      needs: ["artifactLocation"],
      has: {
        artifactLocation: { needs: [], has: { uri: "string", uriBaseId: "string" } },
        region: { needs: [], has: { startLine: "number" } },
      },
    },
  },
};
const result: Form = {
  needs: ["message"],
  has: {
    ...{ ruleId: "string", ruleIndex: "number", level: "string", message, locations: [location] },
    partialFingerprints: { needs: [], has: { "twolane/v1": "string" } },
  },
};
const driver: Form = { needs: ["name"], has: { name: "string", version: "string", rules: [rule] } };
const sarif: Form = {
  needs: ["version", "runs"],
  has: {
    ...{ $schema: "string", version: "string" },
    runs: [{ needs: ["tool"], has: { tool: { needs: ["driver"], has: { driver } }, columnKind: "string", results: [result] } }],
  },
};

function faultsOf(value: unknown, form: Form, at: string): string[] {
  if (typeof form === "string") return typeof value === form ? [] : [`${at} is no ${form}`];
  if (isList(form))
    return Array.isArray(value) ? value.flatMap((one, index) => faultsOf(one, form[0], `${at}[${index}]`)) : [`${at} is no list`];
  if (typeof value !== "object" || value === null) return [`${at} is no object`];
  const missing = form.needs.filter((name) => !(name in value)).map((name) => `${at}.${name} is missing`);
  const inside = Object.entries(value).flatMap(([name, one]) => {
    const known = form.has[name];
    return known === undefined ? [`${at}.${name} has no place there`] : faultsOf(one, known, `${at}.${name}`);
  });
  return [...missing, ...inside];
}

const isList = (form: Form): form is readonly [Form] => Array.isArray(form);
