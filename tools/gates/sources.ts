/** The TypeScript sources of the repository as syntax, for the gates that are our own: who imports whom, and how files are written. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import ts from "typescript6";

export interface Import {
  readonly specifier: string;
  readonly line: number;
  /** Gone when the program runs: nothing but types come from there. */
  readonly typeOnly: boolean;
}

export interface Source {
  /** From the root, with `/`. */
  readonly file: string;
  readonly syntax: ts.SourceFile;
  readonly imports: readonly Import[];
}

const skipped = new Set(["node_modules", "dist", "fixtures", "coverage", ".git"]);

/** Every file below a folder, from the root, with `/`, in order; nothing when the folder is missing. */
export function listFiles(root: string, folder: string): string[] {
  const absolute = path.join(root, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { withFileTypes: true })
    .filter((entry) => !skipped.has(entry.name))
    .flatMap((entry) => {
      const name = path.posix.join(folder, entry.name);
      return entry.isDirectory() ? listFiles(root, name) : [name];
    })
    .sort();
}

export function isTest(file: string): boolean {
  return file.endsWith(".test.ts") || /^packages\/[^/]+\/test\//.test(file);
}

export function readSources(root: string, folders: readonly string[]): Source[] {
  return folders
    .flatMap((folder) => listFiles(root, folder))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => {
      const text = readFileSync(path.join(root, file), "utf8");
      const syntax = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
      return { file, syntax, imports: importsOf(syntax) };
    });
}

/** Calls `visit` for every node of a file. */
export function eachNode(syntax: ts.SourceFile, visit: (node: ts.Node) => void): void {
  const walk = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, walk);
  };
  walk(syntax);
}

export function lineOf(syntax: ts.SourceFile, node: ts.Node): number {
  return syntax.getLineAndCharacterOfPosition(node.getStart(syntax)).line + 1;
}

function importsOf(syntax: ts.SourceFile): Import[] {
  const imports: Import[] = [];
  eachNode(syntax, (node) => {
    const found = importOf(node);
    if (found !== undefined) imports.push({ ...found, line: lineOf(syntax, node) });
  });
  return imports;
}

/** Every form in which a file names another: import, export from, import(), and `import("…").Type`. */
function importOf(node: ts.Node): Omit<Import, "line"> | undefined {
  if (ts.isImportDeclaration(node)) return named(node.moduleSpecifier, isTypeImport(node.importClause));
  if (ts.isExportDeclaration(node)) return named(node.moduleSpecifier, node.isTypeOnly);
  if (ts.isImportTypeNode(node)) return named(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return named(node.arguments[0], false);
  return undefined;
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return (
    clause.name === undefined &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

function named(node: ts.Node | undefined, typeOnly: boolean): Omit<Import, "line"> | undefined {
  return node !== undefined && ts.isStringLiteralLike(node) ? { specifier: node.text, typeOnly } : undefined;
}
