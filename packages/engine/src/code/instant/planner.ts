/** Runs one request at a time: finds the operation, turns its edits into patches, remembers what was planned. */
import { failure } from "@twolane/protocol";
import type ts from "typescript6";
import { applyEdits, type FileEdit } from "./file-view.ts";
import { formatPatch } from "./git-diff.ts";
import { addMissingImports } from "./operations/add-missing-imports.ts";
import { extract } from "./operations/extract.ts";
import { fixAll } from "./operations/fix-all.ts";
import { inlineVariable } from "./operations/inline.ts";
import { organizeImports, sortImports } from "./operations/organize-imports.ts";
import { removeUnusedImports } from "./operations/remove-unused-imports.ts";
import { renameFile } from "./operations/rename-file.ts";
import { renameSymbol } from "./operations/rename-symbol.ts";
import type { InstantAnswer, InstantRequest, PlanState } from "./requests.ts";
import type { TypeScript } from "./typescript-choice.ts";
import { type OperationResult, Workspace } from "./workspace.ts";

export interface Planner {
  plan(request: InstantRequest): InstantAnswer;
  /** Compares the last plan with the disk. */
  check(): PlanState;
  /** True while every file that the last plan could be made of is as it was, and no other has come. */
  isUnchanged(): boolean;
}

interface PlannedFile {
  readonly path: string;
  readonly movedTo?: string;
  readonly before: string;
  readonly after: string;
}

const mark = "\ufeff";

export interface PlannerOptions {
  /** Parsed files, when several planners are to have them in common. */
  readonly documents?: ts.DocumentRegistry;
  /** True: nobody waits for the plan any more; `plan` throws TypeScript's OperationCanceledException then. */
  readonly isStale?: () => boolean;
}

export function createPlanner(
  typescript: TypeScript,
  workspaceRoot: string,
  { documents = documentsOf(typescript), isStale }: PlannerOptions = {},
): Planner {
  const workspace = new Workspace(typescript, workspaceRoot, { documents, ...(isStale && { isStale }) });
  let planned: readonly PlannedFile[] = [];
  return {
    plan: (request) => {
      workspace.refresh();
      const result = run(workspace, request);
      if (result.kind !== "edits") return result;
      const unreadable = result.files.find(({ path, edits }) => edits.length > 0 && workspace.view.onDisk(path)?.exact !== true);
      if (unreadable !== undefined) {
        return {
          kind: "failure",
          failure: failure("INSTANT_REFUSED", `${workspace.relative(unreadable.path)} is not valid UTF-8.`),
        };
      }
      planned = result.files.map((file) => plannedFile(workspace, file));
      const patches = planned.map((file) => formatPatch(relativeTo(workspace, file)));
      const notes = workspace.files.complete
        ? result.notes
        : [...result.notes, "The workspace has too many files; the last ones were not looked at."];
      return { kind: "plan", patches, summary: result.summary, notes };
    },
    check: () => checkPlan(workspace, planned),
    isUnchanged: () => workspace.isUnchanged(),
  };
}

export function documentsOf(typescript: TypeScript): ts.DocumentRegistry {
  return typescript.createDocumentRegistry(typescript.sys.useCaseSensitiveFileNames);
}

function run(workspace: Workspace, request: InstantRequest): OperationResult {
  switch (request.operation) {
    case "rename-symbol":
      return renameSymbol(workspace, request);
    case "rename-file":
      return renameFile(workspace, request);
    case "organize-imports":
      return organizeImports(workspace, request);
    case "sort-imports":
      return sortImports(workspace, request);
    case "remove-unused-imports":
      return removeUnusedImports(workspace, request);
    case "add-missing-imports":
      return addMissingImports(workspace, request);
    case "extract":
      return extract(workspace, request);
    case "inline":
      return inlineVariable(workspace, request);
    case "fix-all":
      return fixAll(workspace, request);
  }
}

function wholeText(workspace: Workspace, path: string): string | undefined {
  const file = workspace.view.onDisk(path);
  return file === undefined ? undefined : (file.bom ? mark : "") + file.text;
}

function plannedFile(workspace: Workspace, { path, edits, movedTo }: FileEdit): PlannedFile {
  const before = wholeText(workspace, path) ?? "";
  const bom = before.startsWith(mark) ? mark : "";
  const after = bom + applyEdits(before.slice(bom.length), edits);
  return { path, before, after, ...(movedTo === undefined ? {} : { movedTo }) };
}

function relativeTo(workspace: Workspace, { path, movedTo, before, after }: PlannedFile) {
  return {
    path: workspace.relative(path),
    before,
    after,
    ...(movedTo === undefined ? {} : { movedTo: workspace.relative(movedTo) }),
  };
}

function checkPlan(workspace: Workspace, planned: readonly PlannedFile[]): PlanState {
  workspace.view.refresh();
  const done: string[] = [];
  const untouched: string[] = [];
  const different: string[] = [];
  for (const { path, movedTo, before, after } of planned) {
    const name = workspace.relative(movedTo ?? path);
    if (wholeText(workspace, movedTo ?? path) === after && (movedTo === undefined || wholeText(workspace, path) === undefined))
      done.push(name);
    else if (wholeText(workspace, path) === before) untouched.push(name);
    else different.push(name);
  }
  return { done, untouched, different };
}
