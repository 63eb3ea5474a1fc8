/** What `twolane init` drafts: for published packages and small repositories of several languages, and what holds under it. */
import { readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { strictest } from "@twolane/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HunkFacts, type PolicyJudge, compilePolicy, presetNames } from "@twolane/policy";
import { draftPolicy, readPolicy } from "../src/file/file.ts";

type Repository = Readonly<Record<string, string>>;

function published(name: string): Repository {
  const root = fileURLToPath(new URL(`../../../node_modules/${name}`, import.meta.url));
  const files: Record<string, string> = {};
  for (const entry of readdirSync(root, { recursive: true, encoding: "utf8" }).slice(0, 3000)) {
    const file = path.join(root, entry);
    if (!statSync(file).isFile()) continue;
    files[entry.split(path.sep).join("/")] = entry.endsWith("package.json") ? readFileSync(file, "utf8") : "";
  }
  return files;
}

const repositories: Readonly<Record<string, { readonly files: Repository; readonly source: string; readonly manifest: string }>> =
  {
    zod: { files: published("zod"), source: "src/index.ts", manifest: "package.json" },
    yaml: { files: published("yaml"), source: "dist/index.js", manifest: "package.json" },
    "fast-check": { files: published("fast-check"), source: "lib/fast-check.js", manifest: "package.json" },
    picomatch: { files: published("picomatch"), source: "lib/parse.js", manifest: "package.json" },
    python: {
      files: {
        "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["flask"]\n[tool.pytest.ini_options]\n',
        ...{ "src/shop/price.py": "", "tests/test_price.py": "", "migrations/0001.sql": "", ".github/workflows/ci.yml": "" },
        ...{ "src/shop/auth/login.py": "", "src/shop/api_pb2.py": "", "tests/fixtures/customers/a.json": "" },
      },
      source: "src/shop/price.py",
      manifest: "pyproject.toml",
    },
    go: {
      files: {
        "go.mod": "module example.com/shop\n\ngo 1.22\n\nrequire golang.org/x/text v0.14.0\n",
        ...{
          "go.sum": "",
          "main.go": "",
          "price/price.go": "",
          "price/price_test.go": "",
          "vendor/x/y.go": "",
          "api/a.pb.go": "",
        },
        ...{ Makefile: "test:\n\tgo test ./...\ndeploy:\n\trm -rf /\n", "deploy/main.tf": "", CODEOWNERS: "* @org/shop\n" },
      },
      source: "price/price.go",
      manifest: "go.mod",
    },
    rust: {
      files: {
        "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\n\n[dependencies]\nserde = "1"\n',
        ...{
          "Cargo.lock": "",
          "src/main.rs": "",
          "src/crypto/keys.rs": "",
          ".gitattributes": "src/schema.rs linguist-generated\n",
        },
        "src/schema.rs": "",
      },
      source: "src/main.rs",
      manifest: "Cargo.toml",
    },
    empty: { files: {}, source: "a.txt", manifest: "package.json" },
  };

const draftOf = (files: Repository, preset: (typeof presetNames)[number] = "team") =>
  draftPolicy({ paths: Object.keys(files), text: (name) => files[name] }, preset);

function judgeOf(text: string): PolicyJudge {
  const read = readPolicy(text, { kind: "project", path: ".twolane/policy.yaml" });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return compilePolicy([read.layer]);
}

/** What a hunk with these lines is told, in a repository as it is. */
function decided(
  judge: PolicyJudge,
  files: Repository,
  change: { readonly path: string; readonly added: readonly string[]; readonly after?: string },
) {
  const before = files[change.path];
  const facts: HunkFacts = {
    path: change.path,
    operation: before === undefined ? "create" : "update",
    ...{ line: 1, added: change.added, removed: [] },
    before: () => before,
    after: () => change.after ?? `${before ?? ""}${change.added.join("\n")}\n`,
  };
  const around = { lane: "fast", turn: new Map(), changeSet: new Map(), fileText: (name: string) => files[name] } as const;
  const refusals = judge.refusals(facts, { ...around, hasFile: (name) => name in files });
  return { decision: strictest(refusals).decision, rules: [...new Set(refusals.map(({ rule }) => rule))] };
}

/** The manifest with one more dependency. */
function withDependency(manifest: string, text = "{}"): string {
  if (manifest === "go.mod") return `${text}\nrequire github.com/left/pad v1.0.0\n`;
  if (manifest === "Cargo.toml") return text.replace("[dependencies]\n", '[dependencies]\nleft-pad = "1"\n');
  if (manifest === "pyproject.toml") return text.replace('"flask"', '"flask", "left-pad"');
  const json = JSON.parse(text);
  return JSON.stringify({ ...json, dependencies: { ...json.dependencies, "left-pad": "1.3.0" } }, null, 2);
}

describe.each(Object.entries(repositories))("the draft for %s", (_, { files, source, manifest }) => {
  it.each(presetNames)("with the preset %s is a policy that is right", (preset) => {
    const { text } = draftOf(files, preset);
    expect(text.startsWith("# yaml-language-server: $schema=./policy.schema.json\n")).toBe(true);
    const read = readPolicy(text, { kind: "project", path: "p" });
    expect(read.ok ? [] : read.problems).toEqual([]);
    if (!read.ok) return;
    const { scope, diff, dependencies, commands, review, data } = read.layer;
    for (const rule of [...scope, ...diff, ...dependencies, ...commands, ...review, ...data]) expect(rule.reason).toMatch(/\.$/);
  });

  it("lets an ordinary source edit pass", () => {
    const judge = judgeOf(draftOf(files).text);
    expect(decided(judge, files, { path: source, added: ["x = 1"] })).toEqual({ decision: "allow", rules: [] });
  });

  it("lets no dependency, secret, protected path or edit of the policy pass", () => {
    const judge = judgeOf(draftOf(files).text);
    const added = (line: string, at: string) => decided(judge, files, { path: at, added: [line] });
    const after = withDependency(manifest, files[manifest]);
    const lines = after.split("\n").filter((line) => !files[manifest]?.includes(line));
    expect(decided(judge, files, { path: manifest, added: lines, after })).toEqual({ decision: "hold", rules: ["dependencies"] });
    const token = ["ghp", "q7Zt2LmVx9RbKw4HsYd8NcPf3JgUa6TeXo1Q"].join("_");
    expect(added(`token = "${token}"`, source)).toEqual({ decision: "hold", rules: ["secrets"] });
    expect(added("on: push", ".github/workflows/ci.yml")).toEqual({ decision: "hold", rules: ["ci"] });
    expect(added("A=1", ".env")).toEqual({ decision: "block", rules: ["credentials"] });
    expect(added("version: 1", ".twolane/policy.yaml")).toEqual({ decision: "block", rules: ["permissions"] });
  });
});

describe("the draft", () => {
  it("holds what it found", () => {
    const { text, findings } = draftOf(repositories["go"]!.files);
    const judge = judgeOf(text);
    expect(judge.path("vendor/x/y.go")).toMatchObject({ decision: "block", rule: "vendored" });
    expect(judge.path("api/a.pb.go")).toMatchObject({ decision: "hold", rule: "generated" });
    expect(judge.path("deploy/main.tf")).toMatchObject({ decision: "hold", rule: "infrastructure" });
    expect(judge.review("deploy/main.tf")).toMatchObject([{ name: "review-sensitive", codeowners: true }]);
    expect(judge.command({ line: "go test ./..." }).verdict.decision).toBe("allow");
    expect(judge.command({ line: "make test" }).verdict.decision).toBe("allow");
    expect(judge.command({ line: "make deploy" }).verdict.decision).not.toBe("allow");
    expect(findings).toContain("vendored: vendor/**");
  });

  it("keeps data about people on the machine", () => {
    const judge = judgeOf(draftOf(repositories["python"]!.files).text);
    const reader = { lane: "deep", keepsNothing: true } as const;
    expect(judge.read("tests/fixtures/customers/a.json", { ...reader, provider: "acme" }).decision).toBe("block");
    expect(judge.read("tests/fixtures/customers/a.json", { ...reader, provider: "local" }).decision).toBe("allow");
  });

  it("of any names is a policy that is right", () => {
    const part = fc.oneof(
      fc.constantFrom(
        "src",
        "vendor",
        "generated",
        "auth",
        "infra",
        "customers",
        "a.pb.go",
        "x.tf",
        "yarn.lock",
        "Dockerfile",
        "[id]",
        "a b",
      ),
      fc.string({ minLength: 1, maxLength: 8 }).filter((text) => !text.includes("/") && text !== "." && text !== ".."),
    );
    const names = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
    const attributes = fc.array(fc.tuple(names, fc.constantFrom("linguist-generated", "linguist-vendored", "-text")), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(names, { maxLength: 12 }), attributes, fc.constantFrom(...presetNames), (paths, marks, preset) => {
        const texts: Repository = {
          ".gitattributes": marks.map((words) => words.join(" ")).join("\n"),
          "package.json": '{"scripts":{"test":"x"}}',
        };
        const { text } = draftPolicy({ paths: [...new Set(paths)], text: (name) => texts[name] }, preset);
        const read = readPolicy(text, { kind: "project", path: "p" });
        expect(read.ok ? [] : [read.problems, text]).toEqual([]);
      }),
      // The same names each time, and others in the long run.
      { ...(process.env["TWOLANE_TEST_SCALE"] === undefined && { seed: 20261126 }) },
    );
  });
});
