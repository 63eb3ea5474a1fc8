/** What all operations on imports have in common: which files are meant, and the proof that nothing breaks. */
import type ts from "typescript6";
import { applyEdits, type FileEdit, type TextEdit } from "../file-view.ts";
import { formatSettings } from "../format-settings.ts";
import { objectionTo } from "../verify.ts";
import { type OperationResult, refuse, type Workspace } from "../workspace.ts";
import { isDeclarationPath } from "../workspace-files.ts";

/** The source files that a path stands for; without a path all of the workspace. */
export function filesMeant(
  workspace: Workspace,
  path: string | undefined,
): { readonly files: readonly string[] } | { readonly failed: OperationResult } {
  const written = workspace.files.sources.filter((file) => !isDeclarationPath(file));
  if (path === undefined) return { files: written };
  const found = workspace.find(path);
  if ("failed" in found) return found;
  if (!found.folder)
    return workspace.files.sources.includes(found.path)
      ? { files: [found.path] }
      : { failed: refuse(`${path} is no source file of the workspace.`) };
  const files = written.filter((file) => file.startsWith(`${found.path}/`));
  return files.length > 0 ? { files } : { failed: refuse(`There is no source file in ${path}.`) };
}

/** The changes of one file, none where the text stays the same. */
export function fileEdit(workspace: Workspace, path: string, changes: readonly ts.FileTextChanges[]): FileEdit[] {
  const text = workspace.view.read(path) ?? "";
  const edits: TextEdit[] = changes
    .filter(({ fileName }) => fileName === path)
    .flatMap(({ textChanges }) => textChanges)
    .map(({ span, newText }) => ({ start: span.start, end: span.start + span.length, text: newText }))
    .sort((a, b) => a.start - b.start);
  return applyEdits(text, edits) === text ? [] : [{ path, edits }];
}

export const inFiles = (files: readonly unknown[]): string => `in ${files.length} file${files.length === 1 ? "" : "s"}`;

export interface ImportChange {
  readonly changes: (file: string, settings: ts.FormatCodeSettings) => readonly ts.FileTextChanges[];
  readonly done: string;
  readonly nothing: string;
}

/** Changes the files one by one, and refuses all of it when something would break. */
export function changeImports(
  workspace: Workspace,
  path: string | undefined,
  { changes, done, nothing }: ImportChange,
): OperationResult {
  const meant = filesMeant(workspace, path);
  if ("failed" in meant) return meant.failed;
  const files = meant.files.flatMap((file) => {
    const settings = formatSettings(workspace.ts, workspace.view.read(file) ?? "");
    return fileEdit(workspace, file, changes(file, settings));
  });
  if (files.length === 0) return { kind: "nothing", text: nothing };
  const objection = objectionTo(workspace, files, { importersToo: false });
  if (objection !== undefined) return refuse(`The imports stay as they are: ${objection}`);
  return { kind: "edits", files, summary: `${done} ${inFiles(files)}.`, notes: [] };
}
