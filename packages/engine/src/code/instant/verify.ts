/** The proof of an operation: with its edits over the files, no type error appears that was not there before. */
import type ts from "typescript6";
import type { FileEdit } from "./file-view.ts";
import type { Project } from "./projects.ts";
import type { Workspace } from "./workspace.ts";

/** Files whose errors are compared in one project. */
const maxFiles = 2000;

/** Undefined when the edits hold, else one line that names the first thing that would break. */
export type Objection = string | undefined;

export interface Proof {
  /** False for edits that change nothing of what a file exports. */
  readonly importersToo: boolean;
  /** Runs while the edits are tried out, when no new error was found. */
  readonly alsoCheck?: () => Objection;
}

export function objectionTo(workspace: Workspace, edits: readonly FileEdit[], { importersToo, alsoCheck }: Proof): Objection {
  const touched = edits.map(({ path }) => path);
  const owners = new Set([...workspace.projects.naming(touched), ...touched.map((path) => workspace.projects.ownerOf(path))]);
  const scopes = [...owners].map((project) => {
    const program = project.program();
    const own = touched.filter((path) => program.getSourceFile(path) !== undefined);
    return { project, files: importersToo ? affectedFiles(workspace.ts, program, own) : own };
  });
  let further: Objection;
  const after = workspace.view.tryOut(edits, () => {
    const found = scopes.flatMap(({ project, files }) => files.map((path) => errorsAfter(workspace, project, path)));
    further = alsoCheck?.();
    return found.filter(({ errors }) => errors.length > 0);
  });
  // Most files have no error afterwards, so what they had before need not be found out: it would cost as much again.
  for (const errors of after) {
    const objection = firstNew(errors);
    if (objection !== undefined) return objection;
  }
  return further;
}

/** The touched files, those that import them, and on through files that re-export everything. */
function affectedFiles(typescript: Workspace["ts"], program: ts.Program, touched: readonly string[]): string[] {
  const importers = importersOf(typescript, program);
  const affected = new Set(touched);
  const queue = [...affected];
  for (let path = queue.pop(); path !== undefined && affected.size < maxFiles; path = queue.pop()) {
    for (const { importer, passesOn } of importers.get(path) ?? []) {
      if (affected.has(importer)) continue;
      affected.add(importer);
      if (passesOn) queue.push(importer);
    }
  }
  return [...affected];
}

interface Importer {
  readonly importer: string;
  /** `export * from`: what changes there changes here. */
  readonly passesOn: boolean;
}

function importersOf(typescript: Workspace["ts"], program: ts.Program): Map<string, Importer[]> {
  const importers = new Map<string, Importer[]>();
  const checker = program.getTypeChecker();
  for (const file of program.getSourceFiles()) {
    if (program.isSourceFileFromExternalLibrary(file) || program.isSourceFileDefaultLibrary(file)) continue;
    for (const statement of file.statements) {
      if (!typescript.isImportDeclaration(statement) && !typescript.isExportDeclaration(statement)) continue;
      const target = statement.moduleSpecifier && checker.getSymbolAtLocation(statement.moduleSpecifier)?.declarations?.[0];
      if (target === undefined || !typescript.isSourceFile(target)) continue;
      const passesOn = typescript.isExportDeclaration(statement) && statement.exportClause === undefined;
      const known = importers.get(target.fileName) ?? [];
      importers.set(target.fileName, [...known, { importer: file.fileName, passesOn }]);
    }
  }
  return importers;
}

function errorsOf({ service }: Project, path: string): ts.Diagnostic[] {
  return [...service.getSyntacticDiagnostics(path), ...service.getSemanticDiagnostics(path)];
}

interface FileErrors {
  readonly project: Project;
  readonly path: string;
  readonly errors: readonly { readonly code: number; readonly text: string }[];
}

/** Told as they would be then: place and message go by the text with the edits. */
function errorsAfter(workspace: Workspace, project: Project, path: string): FileErrors {
  const now = workspace.view.moved(path);
  if (project.program().getSourceFile(now) === undefined) {
    return { project, path, errors: [{ code: 0, text: `${workspace.relative(now)} would no longer be found by the project.` }] };
  }
  const errors = errorsOf(project, now).map(({ code, start = 0, messageText }) => {
    const message = workspace.ts.flattenDiagnosticMessageText(messageText, " ");
    return { code, text: `${workspace.lineOf(now, start)} would have a new error: ${message} (TS${code})` };
  });
  return { project, path, errors };
}

/** Compared by their codes: messages name what is renamed, and lines move. */
function firstNew({ project, path, errors }: FileErrors): Objection {
  const before = new Map<number, number>();
  for (const { code } of errorsOf(project, path)) before.set(code, (before.get(code) ?? 0) + 1);
  for (const { code, text } of errors) {
    const left = before.get(code) ?? 0;
    if (left === 0) return text;
    before.set(code, left - 1);
  }
  return undefined;
}
