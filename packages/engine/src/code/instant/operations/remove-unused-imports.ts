/** Removes imports that nothing uses; the text of all others stays as it is. */
import type { ImportsRequest } from "../requests.ts";
import type { OperationResult, Workspace } from "../workspace.ts";
import { changeImports } from "./imports.ts";

/** The language service's name for the correction. */
const fixAll = "unusedIdentifier_deleteImports";

export function removeUnusedImports(workspace: Workspace, { path }: ImportsRequest): OperationResult {
  return changeImports(workspace, path, {
    changes: (file, settings) => {
      const { service } = workspace.projects.ownerOf(file);
      return service.getCombinedCodeFix({ type: "file", fileName: file }, fixAll, settings, {}).changes;
    },
    done: "Removed unused imports",
    nothing: "Every import is used.",
  });
}
