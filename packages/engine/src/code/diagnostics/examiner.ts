/**
 * The TypeScript side of diagnostics, without its thread: which errors changed files and their importers have now and had not before. Works
 * in small steps, so that who drives it can turn to something else between two files.
 */
import type { CodeProblem } from "@twolane/protocol";
import type ts from "typescript6";
import { documentsOf } from "../instant/planner.ts";
import type { Project } from "../instant/projects.ts";
import type { TypeScript } from "../instant/typescript-choice.ts";
import { Workspace } from "../instant/workspace.ts";
import { isCertain, isUntyped } from "./certain.ts";
import type { CheckedFile, FileBefore } from "./diagnostics.ts";
import { ImportGraph, type Importer } from "./import-graph.ts";
import { type FoundError, newErrors } from "./new-problems.ts";
import { type CodeAnswer, type CodeQuestion, outlineOf, placeIn, referencesOf } from "./questions.ts";

/** Importers that are checked: directly, and over other files. */
const limits = { near: 80, far: 120 };
/** Characters of a message. */
const messageLimit = 200;

/** A step was done; more is to come. */
type Steps<T> = Generator<undefined, T>;

interface OpenProject {
  readonly project: Project;
  readonly graph: ImportGraph;
}

interface Around {
  readonly token: ts.CancellationToken;
  readonly documents?: ts.DocumentRegistry;
}

export class Examiner {
  readonly #ts: TypeScript;
  readonly #workspace: Workspace;
  readonly #token: ts.CancellationToken;
  /** Options of configurations that have JavaScript checked. */
  readonly #checkingJavaScript = new WeakSet<ts.CompilerOptions>();
  readonly #open = new Map<Project, OpenProject>();
  /** Errors of a file before the changes. */
  readonly #base = new Map<string, readonly FoundError[]>();
  /** Texts of changed files before the changes; undefined: not there. */
  readonly #before = new Map<string, string | undefined>();
  /** Where something is wrong that was not before. */
  readonly #wrong = new Set<string>();

  /** A check that `token` does not want any more throws. `documents`: parsed files, when several are to have them in common. */
  constructor(typescript: TypeScript, root: string, { token, documents = documentsOf(typescript) }: Around) {
    this.#ts = typescript;
    this.#token = token;
    // JavaScript is always checked, and what is no more than a guess left out: else a missing name would not be seen.
    const adjust = (options: ts.CompilerOptions): ts.CompilerOptions => {
      const adjusted = { ...options, checkJs: true };
      if (options.checkJs === true) this.#checkingJavaScript.add(adjusted);
      return adjusted;
    };
    this.#workspace = new Workspace(typescript, root, { documents, adjust });
  }

  /** Reads the workspace. `early`: texts as they were read before that, by their paths. Gives how many source files there are. */
  begin(early: ReadonlyMap<string, string>): number {
    this.#workspace.refresh();
    const { sources } = this.#workspace.files;
    for (const path of sources) {
      const text = this.#workspace.view.onDisk(path)?.text;
      const was = early.get(path);
      if (was !== undefined && was !== text) this.#before.set(path, was);
    }
    return sources.length;
  }

  /**
   * Somebody else may have written: what the files were at `asked` (ms since 1970) is what the next changes are compared with. What was
   * written since then comes from such a change, which is told later.
   */
  refresh(asked: number): void {
    const changed = this.#reread();
    this.#before.clear();
    for (const [path, was] of changed) {
      if (this.#workspace.view.changedAt(path) > asked) this.#before.set(path, was);
      else for (const one of [path, ...this.#reaching([path])]) this.#base.delete(one);
    }
  }

  /** Reads the workspace again. Gives what was changed, as it was. */
  #reread(): ReadonlyMap<string, string | undefined> {
    const { view, files } = this.#workspace;
    const were = new Map(files.sources.map((path) => [path, view.remembered(path)]));
    this.#workspace.refresh();
    const paths = new Set([...were.keys(), ...this.#workspace.files.sources]);
    return new Map([...paths].filter((path) => view.onDisk(path)?.text !== were.get(path)).map((path) => [path, were.get(path)]));
  }

  /** What a file was before the changes, where that was not seen here. */
  remember(relative: string, { before }: FileBefore): void {
    const path = `${this.#workspace.root}/${relative}`;
    if (before !== this.#workspace.view.remembered(path)) this.#before.set(path, before);
  }

  /** As the files are on disk now. */
  answer(question: CodeQuestion): CodeAnswer {
    const absolute = this.#workspace.absolute(question.path);
    if (absolute !== undefined && !this.#workspace.files.sources.includes(absolute)) this.take([question.path]);
    const place = placeIn(this.#workspace, question);
    if (typeof place === "string") return place;
    if (question.ask === "outline") return outlineOf(place);
    if (question.ask === "references") return referencesOf(place, question);
    return this.#errors(place.project, place.file.fileName).map(({ code, line, message }) => ({
      path: question.path,
      line,
      text: `TS${code} ${message}`,
    }));
  }

  /** Opens the project of a file that is about to change, and learns what is wrong before. */
  *expect(relative: string): Steps<void> {
    const path = `${this.#workspace.root}/${relative}`;
    if (this.#workspace.view.onDisk(path) === undefined) return;
    const { project, graph } = this.#openProject(this.#workspace.projects.ownerOf(path));
    graph.update(project.program(), false);
    yield;
    const touched = new Set([...this.#before.keys(), ...this.#reaching([...this.#before.keys()])]);
    const near = graph.near([path], false).map((one) => one.path);
    for (const one of [path, ...near.slice(0, limits.near)]) {
      if (this.#base.has(one) || touched.has(one)) continue;
      this.#base.set(one, this.#errors(project, one));
      yield;
    }
  }

  /** What the disk says of changed files counts from now on. Gives whether files came or went. */
  take(paths: readonly string[]): boolean {
    const { view, root } = this.#workspace;
    let moved = false;
    for (const path of paths.map((relative) => `${root}/${relative}`)) {
      const was = view.remembered(path);
      view.recheck(path);
      const isThere = view.onDisk(path) !== undefined;
      if (!this.#before.has(path)) this.#before.set(path, was);
      moved ||= (was !== undefined) !== isThere;
    }
    // What is read with them may belong to a change that is told next.
    if (moved) for (const [path, was] of this.#reread()) if (!this.#before.has(path)) this.#before.set(path, was);
    return moved;
  }

  /** The changed files, and those that import them directly. */
  *near(relative: readonly string[], moved: boolean): Steps<readonly CheckedFile[]> {
    const paths = this.#absolute(relative);
    const checked: CheckedFile[] = [];
    for (const { project, graph } of this.#concerned(paths)) {
      const program = project.program();
      graph.update(program, moved);
      yield;
      const own = paths.map((path) => ({ path, via: path }));
      const wrong = [...this.#wrong].map((path) => ({ path, via: paths.at(-1) ?? path }));
      checked.push(...(yield* this.#check(project, distinct([...own, ...wrong, ...graph.near(paths, moved)], limits.near))));
    }
    return checked;
  }

  /** Those that reach them over other files. */
  *far(relative: readonly string[]): Steps<readonly CheckedFile[]> {
    const paths = this.#absolute(relative);
    const checked: CheckedFile[] = [];
    for (const { project, graph } of this.#concerned(paths)) {
      const near = new Set(graph.near(paths, false).map(({ path }) => path));
      const far = graph.far(paths).filter(({ path }) => !near.has(path));
      checked.push(...(yield* this.#check(project, far.slice(0, limits.far))));
    }
    return checked;
  }

  *#check(project: Project, files: readonly Importer[]): Steps<readonly CheckedFile[]> {
    const found: { readonly file: Importer; readonly errors: readonly FoundError[] }[] = [];
    for (const file of files) {
      if (project.program().getSourceFile(file.path) === undefined && !this.#wrong.has(file.path)) continue;
      found.push({ file, errors: this.#errors(project, file.path) });
      yield;
    }
    // Most files have no error, so what they had before need not be found out.
    const unknown = found.filter(({ file, errors }) => errors.length > 0 && !this.#base.has(file.path));
    if (unknown.length > 0)
      this.#workspace.view.asWere(this.#before, () => {
        for (const { file } of unknown) this.#base.set(file.path, this.#errors(project, file.path));
      });
    return found.map(({ file: { path, via }, errors }) => {
      const fresh = newErrors(this.#base.get(path) ?? [], errors);
      if (fresh.length > 0) this.#wrong.add(path);
      else this.#wrong.delete(path);
      const relative = this.#workspace.relative(path);
      return { path: relative, via: this.#workspace.relative(via), problems: fresh.map((error) => told(relative, error)) };
    });
  }

  /** While a file cannot be parsed, what its types would be is nothing to go by. */
  #errors(project: Project, path: string): readonly FoundError[] {
    const program = project.program();
    const file = program.getSourceFile(path);
    if (file === undefined) return [];
    const syntactic = program.getSyntacticDiagnostics(file, this.#token);
    const found = syntactic.length > 0 ? syntactic : this.#semantic(project, file);
    const lines = file.getLineStarts();
    return found.map(({ code, start = 0, messageText }) => {
      const { line } = file.getLineAndCharacterOfPosition(start);
      const message = typeof messageText === "string" ? messageText : messageText.messageText;
      const text = file.text.slice(lines[line], lines[line + 1]).trim();
      return { code, line: line + 1, message: message.replace(/\s+/g, " ").slice(0, messageLimit), text };
    });
  }

  #semantic(project: Project, file: ts.SourceFile): readonly ts.Diagnostic[] {
    const errors = project
      .program()
      .getSemanticDiagnostics(file, this.#token)
      .filter(({ category }) => category === this.#ts.DiagnosticCategory.Error);
    if (!isUntyped(file, this.#checkingJavaScript.has(project.options()))) {
      // Without a configuration nobody has said how strict types are, or where those of packages stand.
      return project.configPath === undefined ? errors.filter(({ code }) => code < 7000 || code >= 8000) : errors;
    }
    const was = this.#before.get(file.fileName);
    const before = was === undefined ? undefined : this.#ts.createSourceFile(file.fileName, was, file.languageVersion);
    return errors.filter((error) => isCertain(this.#ts, error, { file, before }));
  }

  #openProject(project: Project): OpenProject {
    const open = this.#open.get(project) ?? { project, graph: new ImportGraph(this.#ts) };
    this.#open.set(project, open);
    return open;
  }

  /** The projects of files, and those that are open and know them. */
  #concerned(paths: readonly string[]): OpenProject[] {
    const { view, projects } = this.#workspace;
    const owners = paths.filter((path) => view.onDisk(path) !== undefined).map((path) => projects.ownerOf(path));
    for (const owner of owners) this.#openProject(owner);
    return [...this.#open.values()].filter(
      ({ project, graph }) => owners.includes(project) || paths.some((path) => graph.knows(path)),
    );
  }

  #reaching(paths: readonly string[]): string[] {
    return [...this.#open.values()].flatMap(({ graph }) => graph.far(paths).map(({ path }) => path));
  }

  #absolute(relative: readonly string[]): string[] {
    return relative.map((path) => `${this.#workspace.root}/${path}`);
  }
}

function distinct(files: readonly Importer[], limit: number): Importer[] {
  const first = new Map<string, Importer>();
  for (const file of files) if (!first.has(file.path)) first.set(file.path, file);
  return [...first.values()].slice(0, limit);
}

const told = (path: string, { code, line, message }: FoundError): CodeProblem => ({ path, line, code: `TS${code}`, message });
