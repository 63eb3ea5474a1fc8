/** What operations that TypeScript offers as a refactoring have in common: asked for at a place, proven like all others. */
import type ts from "typescript6";
import type { FileEdit } from "../file-view.ts";
import { formatSettings } from "../format-settings.ts";
import type { Project } from "../projects.ts";
import { objectionTo } from "../verify.ts";
import { type OperationResult, refuse, type Workspace } from "../workspace.ts";
import { fileEdit } from "./imports.ts";

export interface RefactoringPlace {
  readonly path: string;
  readonly project: Project;
  readonly file: ts.SourceFile;
}

/** The source file that a path stands for, with its project. */
export function placeOf(workspace: Workspace, written: string): RefactoringPlace | { readonly failed: OperationResult } {
  const found = workspace.find(written);
  if ("failed" in found) return found;
  const project = found.folder ? undefined : workspace.projects.ownerOf(found.path);
  const file = project?.program().getSourceFile(found.path);
  if (project === undefined || file === undefined) return { failed: refuse(`${written} is no source file of the workspace.`) };
  return { path: found.path, project, file };
}

export interface Refactoring {
  readonly place: RefactoringPlace;
  readonly range: ts.TextRange;
  /** TypeScript's names of it. */
  readonly name: string;
  /** Which of the actions that are offered; those that come first lie further inside. */
  readonly choose: (actions: readonly ts.RefactorActionInfo[]) => ts.RefactorActionInfo | undefined;
}

/** Its edits, or one line why it is not offered there. */
export function refactor({ ts: typescript, view }: Workspace, { place, range, name, choose }: Refactoring) {
  const { service } = place.project;
  const preferences: ts.UserPreferences = { provideRefactorNotApplicableReason: true };
  const offered = service
    .getApplicableRefactors(place.path, range, preferences, "invoked")
    .filter((one) => one.name === name)
    .flatMap(({ actions }) => actions);
  const action = choose(offered.filter(({ notApplicableReason }) => notApplicableReason === undefined));
  if (action === undefined) return offered.find(({ notApplicableReason }) => notApplicableReason)?.notApplicableReason ?? "";
  const settings = formatSettings(typescript, view.read(place.path) ?? "");
  return service.getEditsForRefactor(place.path, settings, range, name, action.name, {}) ?? "";
}

/** The edits, when nothing breaks by them. */
export function proven(
  workspace: Workspace,
  {
    path,
    changes,
    summary,
  }: { readonly path: string; readonly changes: readonly ts.FileTextChanges[]; readonly summary: string },
): OperationResult {
  const files: readonly FileEdit[] = fileEdit(workspace, path, changes);
  if (files.length === 0 || changes.some(({ fileName }) => fileName !== path))
    return refuse("That cannot be done in this file alone.");
  const objection = objectionTo(workspace, files, { importersToo: true });
  if (objection !== undefined) return refuse(`Nothing was changed: ${objection}`);
  return { kind: "edits", files, summary, notes: [] };
}
