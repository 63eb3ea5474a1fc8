/** Imports the names that a file uses without having them. A name that different modules offer is asked about. */
import type ts from "typescript6";
import { formatSettings } from "../format-settings.ts";
import type { Project } from "../projects.ts";
import type { ImportsRequest } from "../requests.ts";
import { ask, type OperationResult, refuse, type Workspace } from "../workspace.ts";
import { fileEdit, filesMeant, inFiles } from "./imports.ts";

const fixName = "import";
const fixAll = "fixMissingImport";

export function addMissingImports(workspace: Workspace, { path }: ImportsRequest): OperationResult {
  const meant = filesMeant(workspace, path);
  if ("failed" in meant) return meant.failed;
  const files = [];
  const unknown: string[] = [];
  for (const file of meant.files) {
    const project = workspace.projects.ownerOf(file);
    const settings = formatSettings(workspace.ts, workspace.view.read(file) ?? "");
    const missing = missingNames(workspace, { project, file, settings });
    const torn = missing.find(({ modules }) => modules.length > 1);
    if (torn !== undefined)
      return ask(
        `${torn.name} in ${torn.place} is exported by ${torn.modules.join(" and ")}.`,
        "Import it from the right one yourself, then ask again.",
      );
    unknown.push(...missing.filter(({ modules }) => modules.length === 0).map(({ name, place }) => `${name} in ${place}`));
    if (!missing.some(({ modules }) => modules.length === 1)) continue;
    const { changes } = project.service.getCombinedCodeFix({ type: "file", fileName: file }, fixAll, settings, preferences);
    files.push(...fileEdit(workspace, file, changes));
  }
  const notes = unknown.length === 0 ? [] : [`Nothing exports ${unknown.slice(0, 8).join(", ")}.`];
  if (files.length > 0) return { kind: "edits", files, summary: `Added missing imports ${inFiles(files)}.`, notes };
  return notes[0] === undefined ? { kind: "nothing", text: "No import is missing." } : refuse(notes[0]);
}

const preferences: ts.UserPreferences = { includeCompletionsForModuleExports: true, allowTextChangesInNewFiles: false };

interface MissingName {
  readonly name: string;
  readonly place: string;
  /** As an import would name them; several paths to one declaration count once, the shortest. */
  readonly modules: readonly string[];
}

interface Looked {
  readonly project: Project;
  readonly file: string;
  readonly settings: ts.FormatCodeSettings;
}

function missingNames(workspace: Workspace, { project, file, settings }: Looked): MissingName[] {
  const names = new Map<string, MissingName>();
  const errors = project.service.getSemanticDiagnostics(file);
  for (const { code, start = 0, length = 0 } of errors) {
    const name = (workspace.view.read(file) ?? "").slice(start, start + length);
    if (!isUnresolvedName(code) || names.has(name)) continue;
    const fixes = project.service.getCodeFixesAtPosition(file, start, start + length, [code], settings, preferences);
    const modules = fixes
      .filter((fix) => fix.fixName === fixName)
      .map(({ description }) => /["']([^"']+)["']\.?$/.exec(description)?.[1]);
    names.set(name, {
      name,
      place: workspace.lineOf(file, start),
      modules: distinct(workspace, { project, file, name, modules }),
    });
  }
  return [...names.values()];
}

/** Cannot find a name or namespace, with and without a suggestion, for values, types, JSX and shorthand properties. */
const isUnresolvedName = (code: number): boolean => [2304, 2503, 2552, 2686, 2693, 18004].includes(code);

interface Offers {
  readonly project: Project;
  readonly file: string;
  readonly name: string;
  readonly modules: readonly (string | undefined)[];
}

/** One module for each declaration that is offered: a re-export of the same thing is no other choice. */
function distinct({ ts: typescript }: Workspace, { project, file, name, modules }: Offers): string[] {
  const program = project.program();
  const checker = program.getTypeChecker();
  const seen = new Map<unknown, string>();
  for (const module of modules) {
    if (module === undefined) continue;
    const resolved = typescript.resolveModuleName(module, file, project.options(), typescript.sys).resolvedModule
      ?.resolvedFileName;
    const source = resolved === undefined ? undefined : program.getSourceFile(resolved);
    const exporter = source && checker.getSymbolAtLocation(source);
    const found =
      exporter && checker.getExportsOfModule(exporter).find((symbol) => symbol.name === name || symbol.name === "default");
    const target = found !== undefined && found.flags & typescript.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found;
    const key = target ?? module;
    if (!seen.has(key)) seen.set(key, module);
  }
  return [...seen.values()];
}
