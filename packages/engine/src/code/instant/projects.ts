/**
 * Which configuration a file belongs to, and one language service for each. Files that no configuration names share a
 * project with lenient options. Plugins that a configuration names are never loaded.
 */
import { dirname } from "node:path/posix";
import type ts from "typescript6";
import { type FileView, stampNow } from "./file-view.ts";
import type { TypeScript } from "./typescript-choice.ts";
import type { WorkspaceFiles } from "./workspace-files.ts";

export interface Project {
  readonly service: ts.LanguageService;
  /** Absent: the project of files without a configuration. */
  readonly configPath?: string;
  readonly program: () => ts.Program;
  readonly options: () => ts.CompilerOptions;
}

export interface Surroundings {
  readonly ts: TypeScript;
  /** Absolute, `/` as separator, none at the end. */
  readonly root: string;
  /** Parsed files; all projects have those they agree on in common. */
  readonly documents: ts.DocumentRegistry;
  /** What a configuration's options are changed to. */
  readonly adjust?: (options: ts.CompilerOptions) => ts.CompilerOptions;
  /** True: the services throw instead of going on. */
  readonly isStale?: () => boolean;
}

interface OpenProject extends Project {
  /** What the service reads at its next synchronisation. */
  parsed: ts.ParsedCommandLine;
}

/** Not found among the paths of its own configuration: the project of files without one. */
const withoutConfig = "";

export class Projects {
  readonly #ts: TypeScript;
  readonly #view: FileView;
  readonly #root: string;
  readonly #registry: ts.DocumentRegistry;
  readonly #open = new Map<string, OpenProject>();
  readonly #parsed = new Map<string, ts.ParsedCommandLine | undefined>();
  readonly #adjust: (options: ts.CompilerOptions) => ts.CompilerOptions;
  readonly #isStale: () => boolean;
  /** Stamps of all that the configurations were read from. */
  readonly #stamps = new Map<string, string | undefined>();
  #configs: readonly string[] = [];

  constructor(view: FileView, { ts, root, documents, adjust = (options) => options, isStale = () => false }: Surroundings) {
    this.#ts = ts;
    this.#view = view;
    this.#root = root;
    this.#registry = documents;
    this.#adjust = adjust;
    this.#isStale = isStale;
  }

  /** Reads the configurations anew; services stay and follow. */
  refresh(files: WorkspaceFiles): void {
    this.#parsed.clear();
    this.#stamps.clear();
    const configs = new Set<string>();
    const add = (path: string): void => {
      if (configs.has(path) || !path.startsWith(`${this.#root}/`)) return;
      const parsed = this.#parse(path);
      if (parsed === undefined) return;
      configs.add(path);
      for (const reference of parsed.projectReferences ?? []) add(this.#ts.resolveProjectReferencePath(reference));
    };
    files.configs.forEach(add);
    this.#configs = [...configs];
    const named = new Set(this.#configs.flatMap((path) => this.#parse(path)?.fileNames ?? []));
    this.#parsed.set(withoutConfig, this.#lenient(files.sources.filter((path) => !named.has(path))));
    for (const [path, project] of this.#open) {
      const parsed = this.#parsed.get(path);
      if (parsed !== undefined) project.parsed = parsed;
      else this.#close(path, project);
    }
  }

  /** True while the configurations of the last `refresh` are as they were, with what they extend. */
  isUnchanged(): boolean {
    return [...this.#stamps].every(([path, stamp]) => stampNow(path) === stamp);
  }

  /** The nearest configuration that names the file, else the nearest whose program holds it, else none. */
  ownerOf(path: string): Project {
    const byDistance = [...this.#configs].sort((a, b) => distance(path, a) - distance(path, b));
    const naming = byDistance.find((config) => this.#parse(config)?.fileNames.includes(path));
    if (naming !== undefined) return this.#project(naming);
    for (const config of byDistance) {
      if (!path.startsWith(`${dirname(config)}/`) || (this.#parse(config)?.fileNames.length ?? 0) === 0) continue;
      const project = this.#project(config);
      if (project.program().getSourceFile(path) !== undefined) return project;
    }
    return this.#project(withoutConfig);
  }

  /** Every project that names one of the files. */
  naming(paths: readonly string[]): Project[] {
    const wanted = new Set(paths);
    return [...this.#configs, withoutConfig]
      .filter((config) => this.#parse(config)?.fileNames.some((name) => wanted.has(name)))
      .map((config) => this.#project(config));
  }

  #parse(configPath: string): ts.ParsedCommandLine | undefined {
    if (!this.#parsed.has(configPath)) {
      const readFile = (path: string): string | undefined => {
        this.#stamps.set(path, stampNow(path));
        return this.#ts.sys.readFile(path);
      };
      const host = { ...this.#ts.sys, readFile, onUnRecoverableConfigFileDiagnostic: () => undefined };
      const parsed = this.#ts.getParsedCommandLineOfConfigFile(configPath, {}, host);
      this.#parsed.set(configPath, parsed && { ...parsed, options: this.#adjust(parsed.options) });
    }
    return this.#parsed.get(configPath);
  }

  #lenient(fileNames: string[]): ts.ParsedCommandLine {
    const { JsxEmit, ModuleKind, ModuleResolutionKind, ScriptTarget } = this.#ts;
    const options: ts.CompilerOptions = {
      allowJs: true,
      allowImportingTsExtensions: true,
      esModuleInterop: true,
      experimentalDecorators: true,
      jsx: JsxEmit.Preserve,
      module: ModuleKind.ESNext,
      // Older versions lack `Bundler`; their classic Node resolution reads the same sources.
      moduleResolution: ModuleResolutionKind.Bundler ?? ModuleResolutionKind.Node10,
      noEmit: true,
      resolveJsonModule: true,
      skipLibCheck: true,
      strict: true,
      target: ScriptTarget.ESNext,
    };
    return { options: this.#adjust(options), fileNames, errors: [] };
  }

  #project(configPath: string): Project {
    const open = this.#open.get(configPath);
    if (open !== undefined) return open;
    const parsed = this.#parse(configPath) ?? this.#lenient([]);
    const service = this.#ts.createLanguageService(this.#host(configPath), this.#registry);
    const program = (): ts.Program => {
      const current = service.getProgram();
      if (current === undefined) throw new Error("A language service that is not in syntactic mode has a program.");
      return current;
    };
    const project: OpenProject = {
      service,
      program,
      options: () => project.parsed.options,
      parsed,
      ...(configPath === withoutConfig ? {} : { configPath }),
    };
    this.#open.set(configPath, project);
    return project;
  }

  #close(configPath: string, project: OpenProject): void {
    project.service.dispose();
    this.#open.delete(configPath);
  }

  #host(configPath: string): ts.LanguageServiceHost & { useSourceOfProjectReferenceRedirect(): boolean } {
    const { sys } = this.#ts;
    const view = this.#view;
    const parsed = (): ts.ParsedCommandLine => this.#open.get(configPath)?.parsed ?? this.#lenient([]);
    return {
      getCancellationToken: () => ({ isCancellationRequested: this.#isStale }),
      getCompilationSettings: () => parsed().options,
      getProjectReferences: () => parsed().projectReferences,
      getParsedCommandLine: (path) => this.#parse(path),
      // A referenced project is read from its sources, so that a rename reaches them without a build.
      useSourceOfProjectReferenceRedirect: () => true,
      getScriptFileNames: () => parsed().fileNames.map((path) => view.moved(path)),
      getScriptVersion: (path) => view.version(path),
      getScriptSnapshot: (path) => {
        const text = view.read(path);
        return text === undefined ? undefined : this.#ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => (configPath === withoutConfig ? this.#root : dirname(configPath)),
      getDefaultLibFileName: (options) => this.#ts.getDefaultLibFilePath(options),
      useCaseSensitiveFileNames: () => sys.useCaseSensitiveFileNames,
      fileExists: (path) => view.exists(path),
      readFile: (path) => view.read(path),
      readDirectory: sys.readDirectory,
      directoryExists: (path) => view.folderExists(path),
      getDirectories: sys.getDirectories,
      ...(sys.realpath ? { realpath: sys.realpath } : {}),
    };
  }
}

/** Steps from the file's folder up to the configuration's; far for one that does not stand above it. */
function distance(path: string, config: string): number {
  const folder = dirname(config);
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1).split("/").length : Number.MAX_SAFE_INTEGER;
}
