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
  const before = [...owners].map((project) => {
    const program = project.program();
    const own = touched.filter((path) => program.getSourceFile(path) !== undefined);
    const files = importersToo ? affectedFiles(workspace.ts, program, own) : own;
    return { project, files, counts: countErrors(project, files) };
  });
  return workspace.view.tryOut(edits, () => {
    for (const { project, files, counts } of before) {
      const objection = firstNewError(workspace, { project, files, counts });
      if (objection !== undefined) return objection;
    }
    return alsoCheck?.();
  });
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

/** By file and code: messages name what is renamed, so they may change. */
function countErrors(project: Project, files: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const path of files) for (const { code } of errorsOf(project, path)) counts.set(`${path} ${code}`, (counts.get(`${path} ${code}`) ?? 0) + 1);
  return counts;
}

interface Baseline {
  readonly project: Project;
  readonly files: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
}

function firstNewError(workspace: Workspace, { project, files, counts }: Baseline): Objection {
  for (const path of files) {
    const now = workspace.view.moved(path);
    if (project.program().getSourceFile(now) === undefined) return `${workspace.relative(now)} would no longer be found by the project.`;
    const seen = new Map<number, number>();
    for (const error of errorsOf(project, now)) {
      const count = (seen.get(error.code) ?? 0) + 1;
      seen.set(error.code, count);
      if (count <= (counts.get(`${path} ${error.code}`) ?? 0)) continue;
      const message = workspace.ts.flattenDiagnosticMessageText(error.messageText, " ");
      return `${workspace.lineOf(now, error.start ?? 0)} would have a new error: ${message} (TS${error.code})`;
    }
  }
  return undefined;
}
