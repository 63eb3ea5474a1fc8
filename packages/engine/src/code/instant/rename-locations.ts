/**
 * Every place that names one symbol, over all projects that see it, with the text that has to stand around the new name
 * (`{ a }` becomes `{ a: b }`), so that what other code sees stays.
 */
import type ts from "typescript6";
import type { Project } from "./projects.ts";
import type { Workspace } from "./workspace.ts";

export interface SymbolPlace {
  readonly path: string;
  readonly position: number;
}

export interface RenameLocation {
  readonly path: string;
  readonly start: number;
  readonly length: number;
  readonly prefix: string;
  readonly suffix: string;
  /** A re-export that keeps the old name for those who import it. */
  readonly keepsOldName: boolean;
}

export interface RenameScope {
  readonly projects: readonly Project[];
  /** Follow re-exports of other files as well. */
  readonly everywhere: boolean;
}

export const locationKey = (path: string, start: number): string => `${path}:${start}`;

/** Undefined when the language service will not rename what stands there. */
export function renameLocations(
  workspace: Workspace,
  symbol: SymbolPlace,
  scope: RenameScope,
): Map<string, RenameLocation> | undefined {
  const found = new Map<string, RenameLocation>();
  const followed = new Set<string>();
  const queue: SymbolPlace[] = [symbol];
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    for (const project of scope.projects) {
      const file = project.program().getSourceFile(place.path);
      if (file === undefined) continue;
      for (const location of query(project, place)) {
        const { fileName: path, textSpan } = location;
        const key = locationKey(path, textSpan.start);
        const reexport = reexportAt(workspace, project, { path, position: textSpan.start });
        const isFollowed = reexport !== undefined && (scope.everywhere || (path === symbol.path && !reexport.fromOtherFile));
        const decorated = location.prefixText !== undefined || location.suffixText !== undefined;
        if (isFollowed && !followed.has(key)) {
          followed.add(key);
          queue.push({ path, position: textSpan.start });
        }
        found.set(key, {
          path,
          start: textSpan.start,
          length: textSpan.length,
          // The name on both sides of a followed re-export changes: nothing is kept.
          prefix: isFollowed ? "" : (location.prefixText ?? ""),
          suffix: isFollowed ? "" : (location.suffixText ?? ""),
          keepsOldName: reexport !== undefined && decorated && !isFollowed,
        });
      }
    }
  }
  return found.size === 0 ? undefined : found;
}

function query({ service }: Project, { path, position }: SymbolPlace): readonly ts.RenameLocation[] {
  return service.findRenameLocations(path, position, false, false, { providePrefixAndSuffixTextForRename: true }) ?? [];
}

/** The export specifier without an alias whose name stands there. */
function reexportAt(
  { ts: typescript }: Workspace,
  project: Project,
  { path, position }: SymbolPlace,
): { readonly fromOtherFile: boolean } | undefined {
  const file = project.program().getSourceFile(path);
  const parent = file && tokenAt(typescript, file, position)?.parent;
  if (parent === undefined || !typescript.isExportSpecifier(parent) || parent.propertyName !== undefined) return undefined;
  return { fromOtherFile: parent.parent.parent.moduleSpecifier !== undefined };
}

function tokenAt(typescript: Workspace["ts"], file: ts.SourceFile, position: number): ts.Node | undefined {
  let node: ts.Node | undefined = file;
  let deepest: ts.Node | undefined;
  while (node !== undefined) {
    deepest = node;
    node = typescript.forEachChild(node, (child) =>
      child.getStart(file) <= position && position < child.end ? child : undefined,
    );
  }
  return deepest;
}
