/** Corrects all errors of one kind in a file, a folder or the workspace, as TypeScript's own quick fix would each of them. */
import { formatSettings } from "../format-settings.ts";
import type { FixAllRequest, FixKind } from "../requests.ts";
import { objectionTo } from "../verify.ts";
import { type OperationResult, refuse, type Workspace } from "../workspace.ts";
import { fileEdit, filesMeant, inFiles } from "./imports.ts";

/** TypeScript's names for fixing all of a kind. */
const fixes: Readonly<Record<FixKind, string>> = {
  "missing await": "addMissingAwait",
  "missing async": "fixAwaitInSyncFunction",
  "missing override": "fixOverrideModifier",
  "missing members": "fixMissingMember",
  "unused names": "unusedIdentifier_delete",
  "unused imports": "unusedIdentifier_deleteImports",
  "unreachable code": "fixUnreachableCode",
  spelling: "fixSpelling",
};

export function fixAll(workspace: Workspace, { kind, path }: FixAllRequest): OperationResult {
  const meant = filesMeant(workspace, path);
  if ("failed" in meant) return meant.failed;
  const files = meant.files.flatMap((file) => {
    const { service } = workspace.projects.ownerOf(file);
    const settings = formatSettings(workspace.ts, workspace.view.read(file) ?? "");
    return fileEdit(
      workspace,
      file,
      service.getCombinedCodeFix({ type: "file", fileName: file }, fixes[kind], settings, {}).changes,
    );
  });
  if (files.length === 0) return { kind: "nothing", text: `There is nothing to fix: ${kind}.` };
  const objection = objectionTo(workspace, files, { importersToo: true });
  if (objection !== undefined) return refuse(`Nothing was fixed: ${objection}`);
  return { kind: "edits", files, summary: `Fixed ${kind} ${inFiles(files)}.`, notes: [] };
}
