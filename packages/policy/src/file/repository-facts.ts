/** What a repository's files tell somebody who is to write a policy for it. Which rules follow from it, `draft.ts` says. */

import { generatedFolder, generatedNames, lockFile } from "../tool-written.ts";
import { matchFolded, patternFault } from "../globs.ts";

/** A repository to look at: its paths, and the text of a file that is asked for by name. */
export interface RepositoryFiles {
  readonly paths: readonly string[];
  readonly text: (path: string) => string | undefined;
}

/** Folders or files, each with one path that is really there. */
export interface Found {
  readonly globs: readonly string[];
  readonly example: string;
}

export interface RepositoryFacts {
  /** The most frequent first, e.g. `TypeScript`. */
  readonly languages: readonly string[];
  readonly files: number;
  readonly tests: Found | undefined;
  readonly generated: Found | undefined;
  readonly vendored: Found | undefined;
  readonly infrastructure: Found | undefined;
  readonly sensitive: Found | undefined;
  /** Test data that looks as if it were about people. */
  readonly personal: Found | undefined;
  readonly lockFiles: readonly string[];
  readonly snapshots: boolean;
  readonly codeowners: string | undefined;
  /** Commands that the project checks itself with. */
  readonly checks: readonly string[];
}

/** Texts that are asked for; whoever reads files may read them beforehand. */
export const factFiles: readonly string[] = [
  ...["package.json", "pyproject.toml", "Cargo.toml", "go.mod", "Makefile", ".gitattributes", "composer.json", "Gemfile"],
  ...["tox.ini", "pytest.ini", "noxfile.py"],
];

export function repositoryFacts({ paths, text }: RepositoryFiles): RepositoryFacts {
  const marked = attributeGlobs(text(".gitattributes") ?? "");
  const first = (pattern: RegExp): string | undefined => paths.find((path) => pattern.test(path));
  return {
    languages: languagesOf(paths),
    files: paths.length,
    tests: folders(paths, /^(?:tests?|__tests__|specs?|e2e|testing)$/i),
    generated: joined(folders(paths, generatedFolder), [
      ...generatedNames.map(([glob, name]) => globFound(paths, glob, name)),
      ...marked.generated.map((glob) => attributeFound(paths, glob)),
    ]),
    vendored: joined(folders(paths, /^(?:vendor|vendored|third[_-]party|node_modules|Godeps)$/i), [
      ...marked.vendored.map((glob) => attributeFound(paths, glob)),
    ]),
    infrastructure: joined(
      folders(paths, /^(?:infra|infrastructure|terraform|deploy|deployment|k8s|kubernetes|helm|charts|ansible|migrations)$/i),
      [globFound(paths, "**/Dockerfile*", /(?:^|\/)Dockerfile[^/]*$/), globFound(paths, "**/*.tf", /\.tf$/)],
    ),
    sensitive: folders(
      paths,
      /^(?:auth|authn|authz|authentication|authorization|crypto|security|permissions|payments?|billing)$/i,
    ),
    personal: folders(paths, /^(?:customers?|patients?|employees|personal[-_]data|pii)$/i),
    lockFiles: [...new Set(paths.filter((path) => lockFile.test(path)).map((path) => `**/${path.split("/").at(-1)}`))],
    snapshots: paths.some((path) => path.endsWith(".snap")),
    codeowners: first(/^(?:\.github\/|\.gitlab\/|docs\/)?CODEOWNERS$/),
    checks: checksOf({ paths, text }),
  };
}

const languageOf: Readonly<Record<string, string>> = {
  ...{ ts: "TypeScript", tsx: "TypeScript", mts: "TypeScript", js: "JavaScript", jsx: "JavaScript", mjs: "JavaScript" },
  ...{ cjs: "JavaScript", py: "Python", go: "Go", rs: "Rust", java: "Java", kt: "Kotlin", rb: "Ruby", php: "PHP", cs: "C#" },
  ...{ c: "C", h: "C", cpp: "C++", cc: "C++", hpp: "C++", swift: "Swift", scala: "Scala", ex: "Elixir", vue: "Vue" },
};

function languagesOf(paths: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const language = languageOf[/\.(\w+)$/.exec(path)?.[1] ?? ""];
    if (language !== undefined) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  return [...counts].toSorted((a, b) => b[1] - a[1]).map(([language]) => language);
}

/** Folders with such a name, the uppermost of each way down. */
function folders(paths: readonly string[], name: RegExp): Found | undefined {
  const found = new Map<string, string>();
  for (const path of paths) {
    const parts = path.split("/").slice(0, -1);
    const at = parts.findIndex((part) => name.test(part));
    const folder = parts.slice(0, at + 1).join("/");
    if (at >= 0 && !found.has(folder)) found.set(folder, path);
  }
  const [example] = found.values();
  if (example === undefined) return undefined;
  const names = [...found.keys()];
  // Many folders of one name are meant as one thing.
  const globs =
    names.length <= mostNamed
      ? names.map(escaped)
      : [...new Set(names.map((each) => `**/${escaped(each.split("/").at(-1) ?? "")}`))];
  return { globs: globs.map((glob) => `${glob}/**`), example };
}

const mostNamed = 4;

/** Names with brackets or stars in them are no globs; a question mark stands for each such letter. */
const escaped = (path: string): string => path.replace(/[*?[\]{}()|\\!"]/g, "?");

function globFound(paths: readonly string[], glob: string, pattern: RegExp): Found | undefined {
  const example = paths.find((path) => pattern.test(path));
  return example === undefined ? undefined : { globs: [glob], example };
}

/** A pattern of `.gitattributes` as a glob of ours: without a slash it holds in every folder. */
function attributeFound(paths: readonly string[], pattern: string): Found | undefined {
  const plain = pattern.replace(/^\//, "");
  const glob = pattern.includes("/") ? plain : `**/${plain}`;
  const example = patternFault(glob) === undefined ? paths.find(matchFolded([glob])) : undefined;
  return example === undefined ? undefined : { globs: [glob], example };
}

function joined(first: Found | undefined, more: readonly (Found | undefined)[]): Found | undefined {
  const all = [first, ...more].filter((one) => one !== undefined);
  const [one] = all;
  return one && { globs: [...new Set(all.flatMap(({ globs }) => globs))], example: one.example };
}

function attributeGlobs(text: string): { readonly generated: readonly string[]; readonly vendored: readonly string[] } {
  const rows = text.split("\n").map((line) => line.trim().split(/\s+/));
  const having = (attribute: RegExp): string[] =>
    rows
      .filter(([, ...words]) => words.some((word) => attribute.test(word)))
      .flatMap(([pattern]) => (pattern !== undefined && !/^[#!"]/.test(pattern) ? [pattern] : []));
  return { generated: having(/^linguist-generated(?:=true)?$/), vendored: having(/^linguist-vendored(?:=true)?$/) };
}

/** Scripts that look at the project and change nothing but what they build. */
const checkScript = /^(?:test|lint|check|typecheck|type-check|types|build|format:check|test:(?:unit|ci)|lint:(?:types|ci))$/;

function checksOf({ paths, text }: RepositoryFiles): string[] {
  const has = (path: string): boolean => paths.includes(path);
  const runner = has("pnpm-lock.yaml") ? "pnpm" : has("yarn.lock") ? "yarn" : has("bun.lock") ? "bun" : "npm";
  const scripts = scriptsOf(text("package.json")).filter((name) => checkScript.test(name));
  const targets = [...(text("Makefile") ?? "").matchAll(/^(test|lint|check|build)\s*:/gm)].map(([, target]) => `make ${target}`);
  return [
    ...scripts.map((name) => (name === "test" ? `${runner} test` : `${runner} run ${name}`)),
    ...(has("pytest.ini") || has("tox.ini") || /pytest/.test(text("pyproject.toml") ?? "") ? ["pytest **"] : []),
    ...(has("go.mod") ? ["go test **", "go vet **", "go build **"] : []),
    ...(has("Cargo.toml") ? ["cargo test **", "cargo check **", "cargo build **", "cargo clippy **"] : []),
    ...new Set(targets),
  ];
}

function scriptsOf(text: string | undefined): string[] {
  if (text === undefined) return [];
  try {
    const manifest: { readonly scripts?: unknown } | null = JSON.parse(text);
    return typeof manifest?.scripts === "object" && manifest.scripts !== null ? Object.keys(manifest.scripts) : [];
  } catch {
    return [];
  }
}
