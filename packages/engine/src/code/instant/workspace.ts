/** What an operation works with: the files, the projects, and paths as a person writes them. One per worker. */
import { type Failure, failure } from "@twolane/protocol";
import { basename, normalize } from "node:path/posix";
import { type FileEdit, FileView } from "./file-view.ts";
import { didYouMean, nearestNames } from "./nearest.ts";
import { Projects, type Surroundings } from "./projects.ts";
import type { TypeScript } from "./typescript-choice.ts";
import { type WorkspaceFiles, hasSameNames, walkWorkspace } from "./workspace-files.ts";

/** What an operation comes to: edits that hold, or one line why not. */
export type OperationResult =
  | { readonly kind: "edits"; readonly files: readonly FileEdit[]; readonly summary: string; readonly notes: readonly string[] }
  | { readonly kind: "nothing"; readonly text: string }
  | { readonly kind: "failure"; readonly failure: Failure };

export const refuse = (message: string, cure?: string): OperationResult => ({
  kind: "failure",
  failure: failure("INSTANT_REFUSED", message, cure),
});

export const ask = (message: string, cure: string): OperationResult => ({
  kind: "failure",
  failure: failure("INSTANT_QUESTION", message, cure),
});

export class Workspace {
  readonly ts: TypeScript;
  /** Absolute, `/` as separator, none at the end. */
  readonly root: string;
  readonly view: FileView;
  readonly projects: Projects;
  #files: WorkspaceFiles = { sources: [], configs: [], manifests: [], folders: new Map(), complete: true };

  constructor(ts: TypeScript, root: string, around: Pick<Surroundings, "documents" | "adjust" | "isStale">) {
    this.ts = ts;
    this.root = (ts.sys.realpath?.(root) ?? root).replaceAll("\\", "/").replace(/\/$/, "");
    this.view = new FileView(ts);
    this.projects = new Projects(this.view, { ts, root: this.root, ...around });
  }

  get files(): WorkspaceFiles {
    return this.#files;
  }

  /** Looks at the disk again. Once before each request. */
  refresh(): void {
    this.view.refresh();
    this.#files = walkWorkspace(this.root);
    this.projects.refresh(this.#files);
  }

  /** True while what the last `refresh` found, and what was read since, is on disk as it was. */
  isUnchanged(): boolean {
    return this.#hasSameFiles() && this.view.isUnchanged() && this.projects.isUnchanged();
  }

  #hasSameFiles(): boolean {
    const before = this.#files;
    if (hasSameNames(before)) return true;
    const now = walkWorkspace(this.root);
    return (["sources", "configs", "manifests"] as const).every(
      (kind) => now[kind].length === before[kind].length && now[kind].every((path, at) => path === before[kind][at]),
    );
  }

  relative(path: string): string {
    return path.startsWith(`${this.root}/`) ? path.slice(this.root.length + 1) : path;
  }

  /** Absolute form of a path as a person wrote it; undefined when it leads out of the workspace. */
  absolute(written: string): string | undefined {
    const slashed = written.replaceAll("\\", "/");
    const path = normalize(slashed.startsWith("/") ? slashed : `${this.root}/${slashed}`).replace(/\/$/, "");
    return path === this.root || path.startsWith(`${this.root}/`) ? path : undefined;
  }

  /** The file or folder that was meant: the path itself, or the only source file whose path ends so. */
  find(written: string): { readonly path: string; readonly folder: boolean } | { readonly failed: OperationResult } {
    const path = this.absolute(written);
    if (path === undefined) return { failed: refuse(`${written} is outside the workspace.`) };
    if (this.ts.sys.fileExists(path)) return { path, folder: false };
    if (this.ts.sys.directoryExists(path)) return { path, folder: true };
    const ending = `/${normalize(written.replaceAll("\\", "/"))}`;
    const matches = this.#files.sources.filter((source) => source.endsWith(ending));
    const [only] = matches;
    if (only !== undefined && matches.length === 1) return { path: only, folder: false };
    if (matches.length > 1) {
      const choices = matches.slice(0, 8).map((match) => this.relative(match));
      return { failed: ask(`${written} may be ${choices.join(", ")}.`, "Write the path from the workspace's root.") };
    }
    const near = nearestNames(
      basename(written),
      this.#files.sources.map((source) => basename(source)),
    );
    return { failed: refuse(`There is no ${written} in the workspace.${didYouMean(near)}`) };
  }

  /** `file:line`, 1-based. */
  lineOf(path: string, position: number): string {
    const text = this.view.read(path) ?? "";
    return `${this.relative(path)}:${text.slice(0, position).split("\n").length}`;
  }
}
