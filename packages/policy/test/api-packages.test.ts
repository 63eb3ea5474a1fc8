/** Exported declarations of real published packages: their names against another reader's, and edits that leave them as they are. */
import fs from "node:fs";
import path from "node:path";
import ts from "typescript6";
import { beforeAll, describe, expect, it } from "vitest";
import { isTestFile } from "../src/tests/test-files.ts";
import { apiChanges, exportedDeclarations } from "../src/api/api-changes.ts";

const modulesFolder = path.resolve(import.meta.dirname, "../../../node_modules");
const packages = [
  "zod",
  "yaml",
  "fast-check",
  "openai",
  "smol-toml",
  "picomatch",
  "ws",
  "chai",
  "tinybench",
  "magic-string",

  "undici-types",
];
const filesAtMost = 700;
const largest = 150_000;

interface SourceFile {
  readonly name: string;
  readonly text: string;
}

let files: readonly SourceFile[] = [];
beforeAll(() => {
  files = packages.flatMap((name) => sourcesIn(path.join(modulesFolder, name))).slice(0, filesAtMost);
});

const isSource = (name: string): boolean => /\.(?:[cm]?[jt]s)$/.test(name) && !name.endsWith(".min.js");

function sourcesIn(folder: string): readonly SourceFile[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => isSource(name) && !/(?:^|\/)(?:tests?|__tests__|node_modules)\//.test(name))
    .toSorted()
    .filter((_, at) => at % 6 === 0)
    .flatMap((name) => {
      const file = path.join(folder, name);
      const { size } = fs.statSync(file);
      return size > largest || !fs.statSync(file).isFile()
        ? []
        : [{ name: path.relative(modulesFolder, file), text: fs.readFileSync(file, "utf8") }];
    });
}

const namesOf = ({ name, text }: SourceFile): readonly string[] =>
  [...exportedDeclarations(text, name).keys()].filter((key) => !key.includes(".") && !key.startsWith("*"));

/** As the compiler reads it: names of the top level. */
function exportsOf({ name, text }: SourceFile): readonly string[] {
  const { statements } = ts.createSourceFile(name, text, ts.ScriptTarget.Latest);
  return statements.flatMap((statement) => {
    if (ts.isExportAssignment(statement)) return [statement.isExportEquals === true ? "=" : "default"];
    if (ts.isExportDeclaration(statement)) {
      const { exportClause } = statement;
      if (exportClause === undefined) return [];
      return ts.isNamespaceExport(exportClause) ? [exportClause.name.text] : exportClause.elements.map((one) => one.name.text);
    }
    const words = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
    if (!words.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    if (words.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)) return ["default"];
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.flatMap((one) => (ts.isIdentifier(one.name) ? [one.name.text] : []));
    const own = "name" in statement && statement.name !== undefined ? (statement.name as ts.Node) : undefined;
    return own !== undefined && ts.isIdentifier(own) ? [own.text] : [];
  });
}

describe("real packages", () => {
  it("have the names that another reader finds", () => {
    let compared = 0;
    const wrong: string[] = [];
    for (const file of files.filter(
      ({ name, text }) => !isTestFile(name) && /\.[cm]?[jt]s$/.test(name) && /^(?:export|import)\b/m.test(text),
    )) {
      const expected = exportsOf(file);
      const found = new Set(namesOf(file));
      for (const name of expected) if (!found.has(name)) wrong.push(`${file.name}: ${name} is missing`);
      for (const name of found) if (!expected.includes(name)) wrong.push(`${file.name}: ${name} is none`);
      compared += expected.length;
    }
    expect(wrong).toEqual([]);
    expect(compared).toBeGreaterThan(500);
  });

  it("export the same behind edits of comments and of bodies", () => {
    let edits = 0;
    for (const { name, text } of files) {
      const commented = `/* it isn't { ( \` */\n${text}\n// what's "this\n`;
      expect(apiChanges(text, text.startsWith("#!") ? `${text}\n// "\n` : commented, name), name).toEqual([]);
      if (/\.d\.[cm]?ts$/.test(name)) continue;
      const lines = text.split("\n");
      for (const [at, line] of lines.entries()) {
        if (!/^(?:export )?(?:async )?function \w+\([^(){}]*\) \{$/.test(line) || edits > 600) continue;
        edits++;
        const after = lines.with(at, `${line}\n    if (/[}]/.test("{")) throw new Error(\`}\${"}"}\`);`).join("\n");
        expect(apiChanges(text, after, name), `${name}:${at + 1}`).toEqual([]);
      }
    }
    expect(edits).toBeGreaterThan(100);
  });

  it("show what is taken out of them", () => {
    let taken = 0;
    for (const { name, text } of files) {
      const match = /^export (?:declare )?(?:async )?(?:function|const|class|interface|type) (\w+)/m.exec(text);
      if (match === null || isTestFile(name) || /\/\*[^*]*$/.test(text.slice(0, match.index))) continue;
      taken++;
      const without = `${text.slice(0, match.index)}${match[0].replace(match[1] ?? "", "somethingElse")}${text.slice(match.index + match[0].length)}`;
      expect(apiChanges(text, without, name).length, `${name}: ${match[1]}`).toBeGreaterThan(0);
    }
    expect(taken).toBeGreaterThan(100);
  });

  it("are compared within the budget: 50 ms a hunk in 1,000 files", () => {
    const times = files.map(({ name, text }) => {
      const from = performance.now();
      apiChanges(text, `${text}\n`, name);
      return performance.now() - from;
    });
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    const bytes = files.reduce((sum, { text }) => sum + text.length, 0);
    process.stdout.write(
      `API compared, nothing kept: ${at(0.5).toFixed(2)} ms median, ${at(0.99).toFixed(1)} ms 99th of 100, ${files.length} files of ${Math.round(bytes / files.length)} characters\n`,
    );
    expect(at(0.5)).toBeLessThan(50);
  });
});
