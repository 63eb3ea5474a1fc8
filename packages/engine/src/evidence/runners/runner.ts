/** What each runner's file exports: how it is found in a package. */
import type { FoundRunner, PackageFiles } from "../evidence.ts";
import type { RunnerName } from "@twolane/protocol";
import { parseJson, recordOf, textsOf } from "../json.ts";

export interface RunnerKind {
  readonly name: RunnerName;
  /** How a test script calls it. */
  readonly word?: RegExp;
  /** Undefined where the package does not use it. Reads files, starts nothing. */
  find(files: PackageFiles): FoundRunner | undefined;
}

/** Whether the manifest names the package as a dependency of its own. */
export function depends(files: PackageFiles, name: string): boolean {
  const manifest = recordOf(parseJson(files.text("package.json")));
  return ["dependencies", "devDependencies"].some((list) => name in recordOf(manifest[list]));
}

/** Configuration and lock files of JavaScript packages: a change of one can make any test fail. */
export const scriptSettings =
  /^(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|pnpm-workspace\.yaml|yarn\.lock|bun\.lockb?|\.npmrc|\.nvmrc|\.node-version|tsconfig[\w.-]*\.json|jsconfig\.json|babel\.config\.\w+|\.babelrc\w*|\.swcrc|(?:vite|vitest|jest)[\w.-]*\.config\.\w+|vitest\.workspace\.\w+|jest\.setup\.\w+|\.mocharc\.\w+|\.env[\w.]*)$/;

/** Files that a configuration says are run before tests. */
export function setupFiles(config: string | undefined): readonly string[] {
  const keys =
    /["']?\b(?:setupFiles(?:AfterEnv)?|globalSetup|globalTeardown|testEnvironment|snapshotSerializers|require|file|import|loader|resolver|runner|transform)["']?\s*:\s*(\[[^\]]*\]|\{[^}]*\}|["'`][^"'`\n]+["'`]|-?[^\n]+)/g;
  return [...(config ?? "").matchAll(keys)].flatMap(([, value = ""]) =>
    [...value.matchAll(/["'`]([^"'`\n]+)["'`]|(?<=^|\s)(\.\/[^\s,\]]+)/g)].map(([, quoted, plain]) =>
      (quoted ?? plain ?? "").replace(/^<rootDir>\//, "").replace(/^\.\//, ""),
    ),
  );
}

/** Strings in a list that a configuration gives a key, e.g. `include: ["a/**"]`; empty where it does not. */
export function listedStrings(config: string | undefined, key: string): readonly string[] {
  const [, value = ""] =
    new RegExp(`["']?\\b${key}["']?\\s*:\\s*(\\[[^\\]]*\\]|["'\`][^"'\`\\n]+["'\`])`).exec(config ?? "") ?? [];
  return [...value.matchAll(/["'`]([^"'`\n]+)["'`]/g)].map(([, text = ""]) => text.replace(/^<rootDir>\//, ""));
}

export const manifestStrings = (files: PackageFiles, section: string, key: string): readonly string[] =>
  textsOf(recordOf(recordOf(parseJson(files.text("package.json")))[section])[key]).map((text) =>
    text.replace(/^<rootDir>\//, ""),
  );
