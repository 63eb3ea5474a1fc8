/** What a model may ask about code: answered from the checker's program, as lines of files. */
import type ts from "typescript6";
import type { Project } from "../instant/projects.ts";
import type { Workspace } from "../instant/workspace.ts";

/** Paths from the workspace's root, `/` as separator; `line` 1-based. */
export type CodeQuestion =
  | { readonly ask: "outline" | "problems"; readonly path: string }
  | { readonly ask: "references"; readonly path: string; readonly name: string; readonly line?: number };

export interface CodeLine {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

/** The lines, or a sentence why there are none. */
export type CodeAnswer = readonly CodeLine[] | string;

interface Place {
  readonly workspace: Workspace;
  readonly project: Project;
  readonly file: ts.SourceFile;
}

/** The file that a question is about, in its project. */
export function placeIn(workspace: Workspace, { path }: CodeQuestion): Place | string {
  const absolute = workspace.absolute(path);
  if (absolute === undefined || workspace.view.onDisk(absolute) === undefined) return `There is no file ${path}.`;
  if (!workspace.files.sources.includes(absolute)) return `${path} is no TypeScript or JavaScript file of the workspace.`;
  const project = workspace.projects.ownerOf(absolute);
  const file = project.program().getSourceFile(absolute);
  return file === undefined ? `${path} belongs to no project.` : { workspace, project, file };
}

/** What a file declares, what is inside of something indented. */
export function outlineOf({ workspace, project, file }: Place): readonly CodeLine[] {
  const lines: CodeLine[] = [];
  const path = workspace.relative(file.fileName);
  const add = ({ text, kind, spans: [span], childItems = [] }: ts.NavigationTree, depth: number): void => {
    const line = file.getLineAndCharacterOfPosition(span?.start ?? 0).line + 1;
    if (depth >= 0 && kind !== "alias") lines.push({ path, line, text: `${"  ".repeat(depth)}${kind} ${text}` });
    // What stands inside of functions is no part of the outline.
    if (depth < 0 || !/function|method|constructor|getter|setter|const|var|let/.test(kind))
      for (const child of childItems) add(child, depth + 1);
  };
  add(project.service.getNavigationTree(file.fileName), -1);
  return lines;
}

/** Every line that means the same symbol as the first such name in the file, or on the line. */
export function referencesOf(
  { workspace, project, file }: Place,
  { name, line }: { readonly name: string; readonly line?: number },
) {
  const { ts: t } = workspace;
  const isOnLine = (node: ts.Node): boolean =>
    line === undefined || file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1 === line;
  const find = (node: ts.Node): ts.Node | undefined =>
    (t.isIdentifier(node) || t.isPrivateIdentifier(node)) && node.text === name && isOnLine(node)
      ? node
      : t.forEachChild(node, find);
  const found = find(file);
  if (found === undefined)
    return `There is no ${name} in ${workspace.relative(file.fileName)}${line === undefined ? "" : `:${line}`}.`;
  const entries = project.service.getReferencesAtPosition(file.fileName, found.getStart(file)) ?? [];
  const lines = entries.flatMap(({ fileName, textSpan }): CodeLine[] => {
    const inside = project.program().getSourceFile(fileName);
    if (inside === undefined || !fileName.startsWith(`${workspace.root}/`) || fileName.includes("/node_modules/")) return [];
    const at = inside.getLineAndCharacterOfPosition(textSpan.start).line;
    const [start, end] = [inside.getLineStarts()[at], inside.getLineStarts()[at + 1]];
    return [{ path: workspace.relative(fileName), line: at + 1, text: inside.text.slice(start, end).trim() }];
  });
  return [...new Map(lines.map((one) => [`${one.path}:${one.line}`, one])).values()];
}
