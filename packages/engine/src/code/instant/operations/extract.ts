/** Makes a function of lines, or a constant of an expression, with the name that was asked for. */
import type ts from "typescript6";
import { applyEdits } from "../file-view.ts";
import { acts, isConditional, isFixed } from "../evaluation.ts";
import type { ExtractRequest } from "../requests.ts";
import { ask, type OperationResult, refuse, type Workspace } from "../workspace.ts";
import { fileEdit } from "./imports.ts";
import { type RefactoringPlace, placeOf, proven, refactor } from "./refactoring.ts";

const refactoring = "Extract Symbol";

export function extract(workspace: Workspace, request: ExtractRequest): OperationResult {
  const { what, newName, path: written } = request;
  const place = placeOf(workspace, written);
  if ("failed" in place) return place.failed;
  const { ts: t } = workspace;
  if (!isName(t, newName)) return refuse(`${newName} is no name.`);
  if (identifiers(t, place.file, newName).length > 0)
    return refuse(`${newName} is used in ${workspace.relative(place.path)} already.`);
  const range = what === "constant" ? expressionRange(workspace, place, request) : linesRange(place, request);
  if ("failed" in range) return range.failed;
  const objection = what === "constant" ? changeOfMeaning(workspace, place, range) : undefined;
  if (objection !== undefined) return refuse(objection);
  const edits = refactor(workspace, {
    place,
    range,
    name: refactoring,
    choose: (actions) => chosen(actions, what, place.file.text.slice(range.pos, range.end)),
  });
  if (typeof edits === "string") return refuse(`No ${what} can be made of that${edits === "" ? "." : `: ${edits}`}`);
  const changes = renamed(workspace, { place, edits, newName });
  if (changes === undefined) return refuse(`No ${what} can be made of that.`);
  return proven(workspace, { path: place.path, changes, summary: `Extracted the ${what} ${newName}.` });
}

/** A function goes where all can call it, or to the class whose `this` it needs; a constant stays as near as it can. */
function chosen(actions: readonly ts.RefactorActionInfo[], what: ExtractRequest["what"], text: string) {
  const offered = actions.filter(({ name }) => name.startsWith(`${what}_scope_`));
  if (what === "constant") return offered[0];
  if (/\b(?:this|super)\b/.test(text)) return offered.find(({ description }) => /^Extract to method\b/.test(description));
  return offered.find(({ description }) => /\b(?:module|global) scope\b/.test(description)) ?? offered[0];
}

type Range = ts.TextRange | { readonly failed: OperationResult };

function linesRange({ file, path }: RefactoringPlace, { from = 1, to = from }: ExtractRequest): Range {
  const starts = file.getLineStarts();
  const [first, behind] = [starts[from - 1], starts[to] ?? file.end];
  if (first === undefined || to < from) return { failed: refuse(`${path} has no lines ${from}-${to}.`) };
  const text = file.text.slice(first, behind);
  const pos = first + (text.length - text.trimStart().length);
  return { pos, end: Math.max(pos, first + text.trimEnd().length) };
}

/** The only place where the expression stands so, on its line or in the file. */
function expressionRange(workspace: Workspace, place: RefactoringPlace, { expression = "", from }: ExtractRequest): Range {
  const { file } = place;
  const found = expressionsLike(workspace.ts, file, expression).filter(
    (node) => from === undefined || file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1 === from,
  );
  const [only] = found;
  const where = workspace.relative(place.path);
  if (only === undefined)
    return { failed: refuse(`There is no expression ${expression} in ${where}${from === undefined ? "" : `:${from}`}.`) };
  if (found.length === 1) return { pos: only.getStart(file), end: only.end };
  const lines = found.map((node) => file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1);
  return { failed: ask(`${expression} stands on the lines ${lines.join(", ")}.`, `Say which: … in ${where}:LINE.`) };
}

function expressionsLike(t: Workspace["ts"], file: ts.SourceFile, text: string): ts.Expression[] {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (t.isExpression(node) && node.getText(file) === text) found.push(node);
    else t.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** A constant is made in front of the statement: it must be the same there, and nothing may act between. */
function changeOfMeaning(
  { ts: t }: Workspace,
  { project, file }: RefactoringPlace,
  { pos, end }: ts.TextRange,
): string | undefined {
  const node = expressionsLike(t, file, file.text.slice(pos, end)).find((one) => one.getStart(file) === pos);
  if (node === undefined || isFixed({ typescript: t, checker: project.program().getTypeChecker() }, node)) return undefined;
  let statement: ts.Node = node;
  while (!t.isStatement(statement) && !t.isSourceFile(statement) && !t.isFunctionLike(statement)) statement = statement.parent;
  if (isConditional(t, node, statement)) return "It would be evaluated where it is not now, or another number of times.";
  const before = file.text.slice(statement.getStart(file), pos);
  const isFirst = !acts(t, t.createSourceFile("before.ts", `(${before}`, t.ScriptTarget.ESNext, true)) || !acts(t, statement);
  return isFirst ? undefined : "Something else happens before it is evaluated.";
}

interface Named {
  readonly place: RefactoringPlace;
  readonly edits: ts.RefactorEditInfo;
  readonly newName: string;
}

/** TypeScript gives a name of its own that the file does not have; it stands only in what is new. */
function renamed(workspace: Workspace, { place: { path }, edits, newName }: Named): readonly ts.FileTextChanges[] | undefined {
  const [edit] = fileEdit(workspace, path, edits.edits);
  if (edit === undefined || edits.renameLocation === undefined) return undefined;
  const after = applyEdits(workspace.view.read(path) ?? "", edit.edits);
  const given = /^[\w$]+/.exec(after.slice(edits.renameLocation))?.[0] ?? "";
  const pattern = new RegExp(`(?<![\\w$])${given.replaceAll("$", "\\$")}(?![\\w$])`, "g");
  const written = edit.edits.flatMap(({ text }) => [...text.matchAll(pattern)]).length;
  const file = workspace.ts.createSourceFile(path, after, workspace.ts.ScriptTarget.ESNext, true);
  if (given === "" || identifiers(workspace.ts, file, given).length !== written) return undefined;
  return edits.edits.map(({ fileName, textChanges }) => ({
    fileName,
    textChanges: textChanges.map(({ span, newText }) => ({ span, newText: newText.replace(pattern, () => newName) })),
  }));
}

function identifiers(t: Workspace["ts"], file: ts.SourceFile, name: string): ts.Identifier[] {
  const found: ts.Identifier[] = [];
  const visit = (node: ts.Node): void => {
    if (t.isIdentifier(node) && node.text === name) found.push(node);
    t.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

const isName = (t: Workspace["ts"], text: string): boolean =>
  text !== "" &&
  Array.from(text).every((character, at) => {
    const code = character.codePointAt(0) ?? 0;
    return at === 0 ? t.isIdentifierStart(code, t.ScriptTarget.ESNext) : t.isIdentifierPart(code, t.ScriptTarget.ESNext);
  });
