/** Renames one symbol everywhere it is used. A name that several symbols bear is asked about, never guessed. */
import { type Declaration, declarationsNamed, isOfKind } from "../declarations.ts";
import { type FileEdit, shift, type TextEdit } from "../file-view.ts";
import { didYouMean, nearestNames } from "../nearest.ts";
import { locationKey, type RenameLocation, renameLocations, type RenameScope, type SymbolPlace } from "../rename-locations.ts";
import type { RenameSymbolRequest } from "../requests.ts";
import { type Objection, objectionTo } from "../verify.ts";
import { ask, type OperationResult, refuse, type Workspace } from "../workspace.ts";
import { isDeclarationPath } from "../workspace-files.ts";
import { counted } from "../../../std/text.ts";

/** Choices that a question names. */
const maxChoices = 8;

interface Candidate {
  readonly declaration: Declaration;
  readonly locations: Map<string, RenameLocation>;
  readonly scope: RenameScope;
}

export function renameSymbol(workspace: Workspace, written: RenameSymbolRequest): OperationResult {
  const request = withContainer(workspace, written);
  const { name, newName } = request;
  if (name === newName) return { kind: "nothing", text: `${name} is called so already.` };
  const mentioning = workspace.files.sources.filter((path) => mentions(workspace.view.read(path) ?? "", name));
  const chosen = declarationsMeant(workspace, request, mentioning);
  if ("failed" in chosen) return chosen.failed;

  const isMember = chosen.declarations.every(({ kind }) => kind === "method" || kind === "property");
  const badName = objectionToName(workspace, { name, newName, isMember });
  if (badName !== undefined) return refuse(badName);

  const candidates = symbolsOf(workspace, { request, mentioning, declarations: chosen.declarations });
  const [candidate] = candidates;
  if (candidate === undefined) return refuse(whyNot(workspace, chosen.declarations, name));
  if (candidates.length > 1) return question(workspace, request, candidates);
  return plan(workspace, request, candidate);
}

/** "in Server": where no file or folder is called so, the class or the like around the name is meant. */
function withContainer(workspace: Workspace, request: RenameSymbolRequest): RenameSymbolRequest {
  const { place, ...others } = request;
  if (place === undefined || place.line !== undefined || !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(place.path))
    return request;
  return "failed" in workspace.find(place.path) ? { ...others, container: place.path } : request;
}

function mentions(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!isNamePart(text[at - 1]) && !isNamePart(text[at + name.length])) return true;
  }
  return false;
}

const isNamePart = (letter: string | undefined): boolean =>
  letter !== undefined && /[\p{ID_Continue}$\u200c\u200d]/u.test(letter);

type Meant = { readonly declarations: readonly Declaration[] } | { readonly failed: OperationResult };

/** The declarations that fit the request's words, or why there are none. */
function declarationsMeant(workspace: Workspace, request: RenameSymbolRequest, mentioning: readonly string[]): Meant {
  const { name, kind, container, place } = request;
  const found = place === undefined ? undefined : workspace.find(place.path);
  if (found !== undefined && "failed" in found) return found;
  const inPlace = (path: string): boolean =>
    found === undefined || (found.folder ? path.startsWith(`${found.path}/`) : path === found.path);
  const within =
    found !== undefined && !found.folder && !mentioning.includes(found.path) ? [found.path] : mentioning.filter(inPlace);

  const all = within.flatMap((path) => declarationsIn(workspace, path, name));
  const fitting = all.filter(
    (declaration) =>
      (kind === undefined || isOfKind(declaration, kind)) &&
      (container === undefined || declaration.container === container) &&
      (place?.line === undefined || workspace.lineOf(declaration.path, declaration.position).endsWith(`:${place.line}`)),
  );
  const own = fitting.filter(({ passesOn }) => !passesOn);
  if (own.length > 0) return { declarations: own };
  const resolved = fitting.map((declaration) => definitionOf(workspace, declaration, name) ?? declaration);
  if (resolved.length > 0) return { declarations: resolved };
  if (all.length > 0) return { failed: refuse(`${name} is declared ${listed(workspace, all)}, but not ${asked(request)}.`) };
  const used = usedIn(workspace, within, name);
  return used.length > 0 ? { declarations: used } : { failed: notFound(workspace, request, within) };
}

function declarationsIn(workspace: Workspace, path: string, name: string): Declaration[] {
  const text = workspace.view.read(path);
  if (text === undefined) return [];
  const { ScriptTarget } = workspace.ts;
  return declarationsNamed(workspace.ts, workspace.ts.createSourceFile(path, text, ScriptTarget.ESNext, true), name);
}

/** Behind an import stands the declaration in the workspace that it imports; one of a dependency stays a local name. */
function definitionOf(workspace: Workspace, place: SymbolPlace, name: string): Declaration | undefined {
  const { service } = workspace.projects.ownerOf(place.path);
  for (const { fileName, textSpan } of service.getDefinitionAtPosition(place.path, place.position) ?? []) {
    if (!workspace.files.sources.includes(fileName)) continue;
    const same = declarationsIn(workspace, fileName, name).find(({ position }) => position === textSpan.start);
    if (same !== undefined) return same;
  }
  return undefined;
}

/** No declaration here, but uses: what they use is meant. */
function usedIn(workspace: Workspace, paths: readonly string[], name: string): Declaration[] {
  return paths.flatMap((path) => {
    const text = workspace.view.read(path) ?? "";
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
      const definition = definitionOf(workspace, { path, position: at }, name);
      if (definition !== undefined) return [definition];
    }
    return [];
  });
}

function notFound(workspace: Workspace, { name, place }: RenameSymbolRequest, within: readonly string[]): OperationResult {
  const paths = place === undefined ? workspace.files.sources : within;
  const names = new Set<string>();
  for (const path of paths)
    for (const [word] of (workspace.view.read(path) ?? "").matchAll(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu)) names.add(word);
  const where = place === undefined ? "the workspace" : place.path;
  return refuse(`There is no ${name} in ${where}.${didYouMean(nearestNames(name, names))}`);
}

function objectionToName(
  { ts: typescript }: Workspace,
  { name, newName, isMember }: { readonly name: string; readonly newName: string; readonly isMember: boolean },
): string | undefined {
  const { SyntaxKind } = typescript;
  const scanner = typescript.createScanner(typescript.ScriptTarget.ESNext, false, undefined, newName);
  const token = scanner.scan();
  const isWord = scanner.getTokenEnd?.() === newName.length || scanner.getTextPos() === newName.length;
  const isReserved = token >= SyntaxKind.FirstReservedWord && token <= SyntaxKind.LastFutureReservedWord;
  const isKeyword = token >= SyntaxKind.FirstKeyword && token <= SyntaxKind.LastKeyword;
  const isName = token === SyntaxKind.Identifier || token === SyntaxKind.PrivateIdentifier || isKeyword;
  if (!isWord || !isName) return `${newName} is not a name that code can use.`;
  if (isReserved && !isMember) return `${newName} is a word of the language.`;
  if (name.startsWith("#") !== newName.startsWith("#")) return `A private name begins with #, and only a private name does.`;
  return undefined;
}

interface Search {
  readonly request: RenameSymbolRequest;
  readonly mentioning: readonly string[];
  readonly declarations: readonly Declaration[];
}

/** Overloads, merged declarations and implementations of one member are one symbol: they are renamed together. */
function symbolsOf(workspace: Workspace, { request, mentioning, declarations }: Search): Candidate[] {
  const candidates: Candidate[] = [];
  const seeing = workspace.projects.naming(mentioning);
  for (const declaration of declarations) {
    const key = locationKey(declaration.path, declaration.position);
    if (candidates.some(({ locations }) => locations.has(key))) continue;
    const owner = workspace.projects.ownerOf(declaration.path);
    const scope: RenameScope = { everywhere: request.everywhere, projects: [...new Set([owner, ...seeing])] };
    const locations = isRenameable(workspace, declaration) ? renameLocations(workspace, declaration, scope) : undefined;
    if (locations !== undefined) candidates.push({ declaration, locations, scope });
    if (candidates.length > maxChoices) break;
  }
  return candidates;
}

function renameInfo(workspace: Workspace, { path, position }: SymbolPlace) {
  const preferences = { allowRenameOfImportPath: false, providePrefixAndSuffixTextForRename: true };
  return workspace.projects.ownerOf(path).service.getRenameInfo(path, position, preferences);
}

const isRenameable = (workspace: Workspace, place: SymbolPlace): boolean => renameInfo(workspace, place).canRename;

function whyNot(workspace: Workspace, declarations: readonly Declaration[], name: string): string {
  const [first] = declarations;
  const info = first && renameInfo(workspace, first);
  const reason =
    info !== undefined && !info.canRename ? info.localizedErrorMessage : "The language service finds no place that names it.";
  return `${name} cannot be renamed: ${reason}`;
}

function question(
  workspace: Workspace,
  { name, newName }: RenameSymbolRequest,
  candidates: readonly Candidate[],
): OperationResult {
  const declarations = candidates.slice(0, maxChoices).map(({ declaration }) => declaration);
  const more = candidates.length > maxChoices ? " and more" : "";
  const [first] = declarations;
  const example = first === undefined ? "FILE:LINE" : workspace.lineOf(first.path, first.position);
  return ask(
    `${name} is declared ${listed(workspace, declarations)}${more}.`,
    `Say which one, e.g. "rename ${name} to ${newName} in ${example}".`,
  );
}

function listed(workspace: Workspace, declarations: readonly Declaration[]): string {
  return declarations
    .slice(0, maxChoices)
    .map(({ path, position, kind }) => `in ${workspace.lineOf(path, position)} (${kind})`)
    .join(", ");
}

function asked({ kind, container, place }: RenameSymbolRequest): string {
  const as = kind === undefined ? "" : ` as ${kind}`;
  const of = container === undefined ? "" : ` in ${container}`;
  const at = place?.line === undefined ? "" : ` on line ${place.line}`;
  return `${as}${of}${at}`.trim();
}

function plan(workspace: Workspace, request: RenameSymbolRequest, candidate: Candidate): OperationResult {
  const { name, newName } = request;
  const places = [...candidate.locations.values()];
  const foreign = places.find(({ path }) => !path.startsWith(`${workspace.root}/`) || path.includes("/node_modules/"));
  if (foreign !== undefined)
    return refuse(
      `${name} is also declared outside the workspace's own files: ${workspace.lineOf(foreign.path, foreign.start)}.`,
    );

  const files = editsFor(places, newName);
  const objection = objectionTo(workspace, files, {
    importersToo: true,
    alsoCheck: () => captured(workspace, { candidate, files, newName }),
  });
  if (objection !== undefined) return refuse(`${name} cannot become ${newName}: ${objection}`);

  const kept = [...new Set(places.filter(({ keepsOldName }) => keepsOldName).map(({ path }) => workspace.relative(path)))];
  const notes =
    kept.length === 0 ? [] : [`Still exported as ${name} by ${kept.join(", ")} (say "everywhere" to change that too).`];
  const declarations = isDeclarationPath(candidate.declaration.path)
    ? ["The declaration stands in a declaration file; what it describes was not touched."]
    : [];
  const summary = `Renamed ${name} → ${newName}: ${counted(places.length, "place")} in ${counted(files.length, "file")}.`;
  return { kind: "edits", files, summary, notes: [...notes, ...declarations] };
}

function editsFor(places: readonly RenameLocation[], newName: string): FileEdit[] {
  const byPath = new Map<string, TextEdit[]>();
  for (const { path, start, length, prefix, suffix } of places) {
    const edits = byPath.get(path) ?? [];
    edits.push({ start, end: start + length, text: `${prefix}${newName}${suffix}` });
    byPath.set(path, edits);
  }
  return [...byPath].map(([path, edits]) => ({ path, edits: edits.sort((a, b) => a.start - b.start) }));
}

interface Renamed {
  readonly candidate: Candidate;
  readonly files: readonly FileEdit[];
  readonly newName: string;
}

/**
 * Runs while the edits are tried out: the renamed symbol must be named by exactly the renamed places. Another symbol of
 * the new name would take some of them over, or lose its own, often without a type error.
 */
function captured(workspace: Workspace, { candidate, files, newName }: Renamed): Objection {
  const edits = new Map(files.map((file) => [file.path, file.edits]));
  const now = (path: string, position: number): number => shift(position, edits.get(path) ?? []);
  const expected = new Map<string, SymbolPlace>();
  for (const { path, start, prefix } of candidate.locations.values()) {
    const position = now(path, start) + prefix.length;
    expected.set(locationKey(path, position), { path, position });
  }
  const { declaration, locations, scope } = candidate;
  const own = locations.get(locationKey(declaration.path, declaration.position));
  const position = now(declaration.path, declaration.position) + (own?.prefix.length ?? 0);
  const actual = renameLocations(workspace, { path: declaration.path, position }, scope) ?? new Map<string, RenameLocation>();
  for (const [key, { path, start }] of actual) {
    if (!expected.has(key))
      return `${newName} in ${workspace.lineOf(path, start)} would then mean the renamed ${declaration.kind}.`;
  }
  for (const [key, place] of expected) {
    if (!actual.has(key)) return `${newName} in ${workspace.lineOf(place.path, place.position)} would then mean something else.`;
  }
  return undefined;
}
