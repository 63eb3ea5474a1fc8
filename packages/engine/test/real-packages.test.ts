/**
 * `instant` on the published sources of other people's packages: the type errors of the whole package stay as they were,
 * nothing but the request changes, and the patch taken back restores every byte. Part of the long run, because it
 * fetches the packages.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript6";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lacks } from "../../../tools/needs.ts";
import { gitApply, planIn, readTree } from "./instant-harness.ts";

const isLongRun =
  Number(process.env["TWOLANE_TEST_SCALE"] ?? 1) > 1 ||
  lacks("long run", { for: "instant on published packages", get: "npm run test:long" });

/** Fixed, so that what was true yesterday is true tomorrow. */
const versions = {
  rxjs: "7.8.2",
  zod: "4.6.7",
  immer: "11.2.10",
  preact: "11.2.0",
  "@reduxjs/toolkit": "2.14.0",
  "@tanstack/query-core": "5.108.0",
  "type-fest": "5.10.0",
} as const;

type Package = keyof typeof versions;

interface Case {
  readonly name: Package;
  readonly request: string;
  /** What must be equal before and after, given the new name where the request gives one. */
  readonly sameBut: "name" | "paths" | "imports" | "code";
}

const cases: readonly Case[] = [
  {
    name: "rxjs",
    request: "rename createErrorClass to makeErrorClass in src/internal/util/createErrorClass.ts",
    sameBut: "name",
  },
  { name: "rxjs", request: "rename type OperatorFunction to PipeStage", sameBut: "name" },
  { name: "rxjs", request: "rename Observable.pipe to chainThrough", sameBut: "name" },
  { name: "rxjs", request: "move the folder src/internal/scheduler to src/internal/timing", sameBut: "paths" },
  { name: "rxjs", request: "organize imports everywhere", sameBut: "imports" },
  { name: "zod", request: "rename ZodIssueCode to IssueCodeTable in src/v3/ZodError.ts", sameBut: "name" },
  { name: "zod", request: "move src/v4/core/doc.ts to src/v4/core/jit/doc.ts", sameBut: "paths" },
  { name: "immer", request: "rename DRAFT_STATE to STATE_OF_DRAFT", sameBut: "name" },
  { name: "immer", request: "move src/utils/common.ts to src/common.ts", sameBut: "paths" },
  { name: "preact", request: "rename diffChildren to reconcileChildren", sameBut: "name" },
  { name: "preact", request: "rename src/component.js to src/base-component.js", sameBut: "paths" },
  { name: "@reduxjs/toolkit", request: "rename createDraftSafeSelectorCreator to makeSafeSelectorCreator", sameBut: "name" },
  { name: "@reduxjs/toolkit", request: "remove unused imports in src", sameBut: "imports" },
  { name: "@reduxjs/toolkit", request: "rename the file src/devtoolsExtension.ts to reduxDevtools.ts", sameBut: "paths" },
  { name: "@tanstack/query-core", request: "rename the method notify of QueryCache to announceToAll", sameBut: "name" },
  { name: "@tanstack/query-core", request: "sort imports everywhere", sameBut: "imports" },
  { name: "rxjs", request: "extract src/internal/Subscription.ts:54-64 into function endParents", sameBut: "code" },
  { name: "rxjs", request: "inline LOADSTART in src/internal/ajax/ajax.ts", sameBut: "code" },
  {
    name: "rxjs",
    request: "extract `new UnsubscriptionError(errors)` in src/internal/Subscription.ts into constant failure",
    sameBut: "code",
  },
  { name: "@reduxjs/toolkit", request: "fix all unused imports in src", sameBut: "imports" },
  { name: "type-fest", request: "rename type IsAny to IsAnyAtAll in source/is-any.d.ts", sameBut: "name" },
  { name: "type-fest", request: "rename source/is-any.d.ts to source/any.d.ts", sameBut: "paths" },
];

describe.skipIf(!isLongRun)("published packages", () => {
  const installed = mkdtempSync(join(tmpdir(), "real-packages-"));
  const rows: object[] = [];

  beforeAll(() => {
    writeFileSync(join(installed, "package.json"), JSON.stringify({ private: true, dependencies: versions }));
    execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: installed,
      stdio: ["ignore", "ignore", "pipe"],
    });
  }, 300_000);

  afterAll(() => console.table(rows));

  test.each(cases)(
    "$name: $request",
    ({ name, request, sameBut }) => {
      const root = mkdtempSync(join(tmpdir(), "real-"));
      cpSync(join(installed, "node_modules", name), root, { recursive: true });
      symlinkSync(join(installed, "node_modules"), join(root, "node_modules"));
      const before = readTree(root);
      const errors = errorsIn(root, before);

      const start = performance.now();
      const answer = planIn(root, request);
      const ms = Math.round(performance.now() - start);
      if (answer.kind !== "plan") throw new Error(JSON.stringify(answer));
      const patch = answer.patches.join("");
      gitApply(root, patch);
      const after = readTree(root);

      const errorsAfter = errorsIn(root, after);
      const count = (codes: Record<string, number>): number => Object.values(codes).reduce((sum, n) => sum + n, 0);
      rows.push({ name, request, summary: answer.summary, ms, errors: `${count(errors)} → ${count(errorsAfter)}` });
      expect(errorsAfter).toEqual(errors);

      const moves = new Map(
        [...patch.matchAll(/^rename from (.*)\nrename to (.*)$/gm)].map(([, from = "", to = ""]) => [from, to]),
      );
      const touched = new Set([...patch.matchAll(/^diff --git a\/(.*) b\//gm)].map(([, path]) => path));
      expect(Object.keys(after).sort()).toEqual(
        Object.keys(before)
          .map((path) => moves.get(path) ?? path)
          .sort(),
      );
      const [, oldName = "", newName = ""] = / (?:type |method |Observable\.)?(\w+) (?:of \w+ )?to (\w+)/.exec(request) ?? [];
      for (const [path, text] of Object.entries(before)) {
        const now = after[moves.get(path) ?? path] ?? "";
        if (!touched.has(path)) expect(now).toBe(text);
        else expect(reduce[sameBut](now, { oldName, newName })).toBe(reduce[sameBut](text, { oldName, newName }));
      }

      gitApply(root, patch, { reverse: true });
      expect(readTree(root)).toEqual(before);
    },
    600_000,
  );
});

interface Names {
  readonly oldName: string;
  readonly newName: string;
}

/** What remains of a text when that is taken away which the request was to change. */
const reduce = {
  /** Only that all errors are those from before, and the way back, say that it is right. */
  code: () => "",
  name: (text: string, { oldName, newName }: Names) =>
    text
      .replace(new RegExp(String.raw`\b${newName}\b`, "g"), oldName)
      .replace(new RegExp(String.raw`\b${oldName}(?: as|:) ${oldName}\b`, "g"), oldName),
  paths: (text: string) => text.replace(/(["'])\.[^"'\n]*\1/g, "path"),
  /** Comments count as text that stays; blanks do not. */
  imports: (text: string) => {
    const file = ts.createSourceFile("file.tsx", text, ts.ScriptTarget.ESNext, false);
    const imports = file.statements.filter((node) => ts.isImportDeclaration(node)).reverse();
    return imports
      .reduce((rest, node) => rest.slice(0, node.getStart(file)) + rest.slice(node.end), text)
      .replace(/[\s;]+/g, " ");
  },
};

/** Code → how often, over all the package's own sources, as one program with options of its own. */
function errorsIn(root: string, tree: Readonly<Record<string, string>>): Record<string, number> {
  const rootNames = Object.keys(tree).filter(
    (path) => /(?:^|\/)(?:src|source)\/.*\.[jt]sx?$/.test(path) && !path.startsWith("dist/"),
  );
  const program = ts.createProgram({
    rootNames: rootNames.map((path) => join(root, path)),
    options: {
      allowJs: true,
      allowImportingTsExtensions: true,
      jsx: ts.JsxEmit.Preserve,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      noEmit: true,
      strict: true,
      target: ts.ScriptTarget.ESNext,
    },
  });
  const counts: Record<string, number> = {};
  for (const { code } of ts.getPreEmitDiagnostics(program)) counts[`TS${code}`] = (counts[`TS${code}`] ?? 0) + 1;
  return counts;
}
