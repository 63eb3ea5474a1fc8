/** Moves a file or a folder, and changes every import that leads to it or out of it. */
import { basename, dirname, extname, relative } from "node:path/posix";
import type ts from "typescript6";
import type { FileEdit, TextEdit } from "../file-view.ts";
import { formatSettings } from "../format-settings.ts";
import type { RenameFileRequest } from "../requests.ts";
import { objectionTo } from "../verify.ts";
import { type OperationResult, refuse, type Workspace } from "../workspace.ts";
import { filesBelow, isSourcePath } from "../workspace-files.ts";

export function renameFile(workspace: Workspace, request: RenameFileRequest): OperationResult {
  const found = workspace.find(request.from);
  if ("failed" in found) return found.failed;
  const to = target(workspace, request, found);
  if (to === undefined) return refuse(`${request.to} is outside the workspace.`);
  if (to === found.path) return { kind: "nothing", text: `${workspace.relative(to)} stands there already.` };
  if (found.path === workspace.root || to.startsWith(`${found.path}/`)) return refuse("A folder cannot move into itself.");
  if (workspace.ts.sys.fileExists(to) || workspace.ts.sys.directoryExists(to))
    return refuse(`${workspace.relative(to)} exists already.`);

  const moved = (path: string): string =>
    path === found.path ? to : path.startsWith(`${found.path}/`) ? to + path.slice(found.path.length) : path;
  const files = importEdits(workspace, found.path, to);
  for (const path of found.folder ? filesBelow(found.path) : [found.path]) files.set(path, files.get(path) ?? []);
  const edits: FileEdit[] = [...files].map(([path, changes]) => ({
    path,
    edits: changes.sort((a, b) => a.start - b.start),
    ...(moved(path) === path ? {} : { movedTo: moved(path) }),
  }));
  const sources = edits.filter(({ path }) => isSourcePath(path));
  const objection = objectionTo(workspace, sources, { importersToo: true });
  if (objection !== undefined) return refuse(`${workspace.relative(found.path)} cannot move: ${objection}`);

  const imports = [...files.values()].reduce((sum, changes) => sum + changes.length, 0);
  const changed = edits.filter((edit) => edit.edits.length > 0).length;
  const summary = `Moved ${workspace.relative(found.path)} → ${workspace.relative(to)}: ${imports} import${imports === 1 ? "" : "s"} changed in ${changed} file${changed === 1 ? "" : "s"}.`;
  return { kind: "edits", files: edits, summary, notes: manifestNotes(workspace, found.path) };
}

/** An existing folder or a final `/` takes the file as it is called; a name without ending keeps the file's. */
function target(
  workspace: Workspace,
  { to, inPlace }: RenameFileRequest,
  from: { readonly path: string; readonly folder: boolean },
): string | undefined {
  const isName = inPlace && !/[\\/]/.test(to);
  const path = workspace.absolute(
    isName
      ? `${workspace.relative(dirname(from.path)) === workspace.root ? "." : workspace.relative(dirname(from.path))}/${to}`
      : to,
  );
  if (path === undefined) return undefined;
  if (/[\\/]$/.test(to) || (!isName && workspace.ts.sys.directoryExists(path))) return `${path}/${basename(from.path)}`;
  return from.folder || extname(path) !== "" ? path : path + ending(from.path);
}

/** `.d.ts` and `.test.ts` are whole endings. */
const ending = (path: string): string => /\.(?:d|test|spec)\.[mc]?[jt]sx?$/.exec(path)?.[0] ?? extname(path);

function importEdits(workspace: Workspace, from: string, to: string): Map<string, TextEdit[]> {
  const name = basename(from).replace(/\.[^.]*$/, "");
  const folder = basename(dirname(from));
  // An importer names the file, or its folder when the file is an index, or a folder above it that moves.
  const naming = workspace.files.sources.filter((path) => {
    const text = workspace.view.read(path) ?? "";
    return (
      path === from ||
      path.startsWith(`${from}/`) ||
      text.includes(name) ||
      (name === "index" && (text.includes(folder) || /["']\.\.?\/?["']/.test(text)))
    );
  });
  const sources = new Set(workspace.files.sources);
  const files = new Map<string, TextEdit[]>();
  const projects = new Set([
    ...workspace.projects.naming(naming),
    ...(workspace.ts.sys.fileExists(from) && isSourcePath(from) ? [workspace.projects.ownerOf(from)] : []),
  ]);
  for (const project of projects) {
    const settings = formatSettings(workspace.ts, workspace.view.read(from) ?? "");
    for (const { fileName, textChanges } of project.service.getEditsForFileRename(from, to, settings, {
      allowRenameOfImportPath: true,
    })) {
      // Only sources: not what a build made of them, which a source map would lead to, and no configuration.
      if (!sources.has(fileName)) continue;
      const edits = files.get(fileName) ?? [];
      for (const edit of textChanges.map(textEdit)) if (!edits.some(({ start }) => start === edit.start)) edits.push(edit);
      files.set(fileName, edits);
    }
  }
  return files;
}

const textEdit = ({ span, newText }: ts.TextChange): TextEdit => ({
  start: span.start,
  end: span.start + span.length,
  text: newText,
});

/** Manifests and configurations are not edited: what a path means there only their tools know. */
function manifestNotes(workspace: Workspace, from: string): string[] {
  return workspace.files.manifests.flatMap((manifest) => {
    const written = relative(dirname(manifest), from);
    const text = workspace.view.read(manifest) ?? "";
    return text.includes(written) ? [`${workspace.relative(manifest)} mentions ${written}; it was not changed.`] : [];
  });
}
