/** Which files of a program import which, kept from one look to the next: only what was parsed anew is followed again. */
import type ts from "typescript6";
import type { TypeScript } from "../instant/typescript-choice.ts";

interface Imports {
  readonly file: ts.SourceFile;
  readonly targets: readonly string[];
  /** It names a module that was not found: a new file may be it. */
  readonly hasMissing: boolean;
}

export interface Importer {
  readonly path: string;
  /** The changed file that it reaches. */
  readonly via: string;
}

export class ImportGraph {
  readonly #ts: TypeScript;
  readonly #known = new Map<string, Imports>();
  #importers: Map<string, string[]> | undefined;

  constructor(typescript: TypeScript) {
    this.#ts = typescript;
  }

  /** `filesMoved`: files came or went, so that a name may lead elsewhere. */
  update(program: ts.Program, filesMoved: boolean): void {
    for (const file of program.getSourceFiles()) {
      if (program.isSourceFileFromExternalLibrary(file) || program.isSourceFileDefaultLibrary(file)) continue;
      const known = this.#known.get(file.fileName);
      if (known?.file === file && !(filesMoved && known.hasMissing)) continue;
      this.#known.set(file.fileName, this.#follow(program, file));
      this.#importers = undefined;
    }
  }

  knows(path: string): boolean {
    return this.#known.has(path);
  }

  /** Files that import one of these directly, and those that name a module that nobody had. */
  near(changed: readonly string[], filesMoved: boolean): Importer[] {
    const found = new Map(changed.map((path) => [path, path]));
    this.#reach(found, changed);
    const [first = ""] = changed;
    if (filesMoved) for (const [path, { hasMissing }] of this.#known) if (hasMissing && !found.has(path)) found.set(path, first);
    return importersIn(found, changed);
  }

  /** All that reach them over any number of files, nearest first. */
  far(changed: readonly string[]): Importer[] {
    const found = new Map(changed.map((path) => [path, path]));
    let last: readonly string[] = changed;
    while (last.length > 0) last = this.#reach(found, last);
    return importersIn(found, changed);
  }

  /** Adds what imports the last ones; gives those that are new. */
  #reach(found: Map<string, string>, last: readonly string[]): string[] {
    const importers = (this.#importers ??= this.#turned());
    const fresh: string[] = [];
    for (const path of last) {
      for (const importer of importers.get(path) ?? []) {
        if (found.has(importer)) continue;
        found.set(importer, found.get(path) ?? path);
        fresh.push(importer);
      }
    }
    return fresh;
  }

  #turned(): Map<string, string[]> {
    const importers = new Map<string, string[]>();
    for (const [path, { targets }] of this.#known) {
      for (const target of targets) {
        const known = importers.get(target);
        if (known === undefined) importers.set(target, [path]);
        else known.push(path);
      }
    }
    return importers;
  }

  #follow(program: ts.Program, file: ts.SourceFile): Imports {
    const checker = program.getTypeChecker();
    const targets = new Set<string>();
    let hasMissing = false;
    for (const name of this.#namesIn(file)) {
      const target = checker.getSymbolAtLocation(name)?.declarations?.find(this.#ts.isSourceFile);
      if (target !== undefined) targets.add(target.fileName);
      else hasMissing ||= name.text.startsWith(".");
    }
    return { file, targets: [...targets], hasMissing };
  }

  /** Of imports and exports, and of the `require` that stands where they would. */
  #namesIn(file: ts.SourceFile): ts.StringLiteralLike[] {
    const t = this.#ts;
    return file.statements.flatMap((statement) => {
      if (t.isImportDeclaration(statement) || t.isExportDeclaration(statement)) {
        const name = statement.moduleSpecifier;
        return name !== undefined && t.isStringLiteralLike(name) ? [name] : [];
      }
      if (t.isImportEqualsDeclaration(statement)) {
        const { moduleReference: reference } = statement;
        return t.isExternalModuleReference(reference) && t.isStringLiteralLike(reference.expression)
          ? [reference.expression]
          : [];
      }
      if (!t.isVariableStatement(statement)) return [];
      return statement.declarationList.declarations.flatMap(({ initializer: call }) => {
        if (call === undefined || !t.isCallExpression(call) || !t.isIdentifier(call.expression)) return [];
        const [name] = call.arguments;
        return call.expression.text === "require" && name !== undefined && t.isStringLiteralLike(name) ? [name] : [];
      });
    });
  }
}

function importersIn(found: ReadonlyMap<string, string>, changed: readonly string[]): Importer[] {
  const own = new Set(changed);
  return [...found].filter(([path]) => !own.has(path)).map(([path, via]) => ({ path, via }));
}
