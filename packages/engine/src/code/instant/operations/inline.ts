/** Puts what a variable stands for in its place everywhere, and takes the variable out; refused where that could mean something else. */
import type ts from "typescript6";
import { declarationsNamed } from "../declarations.ts";
import { acts, isConditional, isFixed } from "../evaluation.ts";
import type { InlineRequest } from "../requests.ts";
import { ask, type OperationResult, refuse, type Workspace } from "../workspace.ts";
import { type RefactoringPlace, placeOf, proven, refactor } from "./refactoring.ts";

const refactoring = "Inline variable";

export function inlineVariable(workspace: Workspace, { name, place: written }: InlineRequest): OperationResult {
  const place = placeOf(workspace, written.path);
  if ("failed" in place) return place.failed;
  const all = declarationsNamed(workspace.ts, place.file, name).filter(({ kind, passesOn }) => kind === "variable" && !passesOn);
  const lineOf = (position: number): number => place.file.getLineAndCharacterOfPosition(position).line + 1;
  const named = written.line === undefined ? all : all.filter(({ position }) => lineOf(position) === written.line);
  const [only] = named;
  if (only === undefined) return refuse(`${workspace.relative(place.path)} declares no variable ${name}.`);
  if (named.length > 1) {
    const lines = named.map(({ position }) => lineOf(position)).join(", ");
    return ask(`${name} is declared on the lines ${lines}.`, `Say which: inline ${name} in ${written.path}:LINE.`);
  }
  const objection = changeOfMeaning(workspace, place, only.position);
  if (objection !== undefined) return refuse(`${name} stays: ${objection}`);
  const range = { pos: only.position, end: only.position + name.length };
  const edits = refactor(workspace, { place, range, name: refactoring, choose: ([first]) => first });
  if (typeof edits === "string") return refuse(`${name} stays: ${edits === "" ? "TypeScript cannot inline it." : edits}`);
  return proven(workspace, { path: place.path, changes: edits.edits, summary: `Inlined ${name}.` });
}

/** A value that may differ by then, or whose making does something, stays where it is made unless its only use follows at once. */
function changeOfMeaning({ ts: t }: Workspace, { project, path, file }: RefactoringPlace, position: number): string | undefined {
  const declaration = declarationAt(t, file, position);
  if (declaration?.initializer === undefined) return "it has no value of its own.";
  const checker = project.program().getTypeChecker();
  if (isFixed({ typescript: t, checker }, declaration.initializer)) return undefined;
  const uses = (project.service.getReferencesAtPosition(path, position) ?? []).filter(
    ({ textSpan }) => textSpan.start !== position,
  );
  if (uses.length !== 1) return `its value would be made ${uses.length} times, and could differ each time.`;
  const { statement, next } = neighbours(t, declaration);
  const use = uses[0]?.textSpan.start ?? 0;
  if (statement === undefined || next === undefined || use < next.getStart() || use >= next.end)
    return "between its value and its use something else happens.";
  const node = nodeAt(t, next, use);
  if (isConditional(t, node, next)) return "its value would not be made always, or more than once.";
  return actsBefore(t, next, use) ? "something else would happen before its value is made." : undefined;
}

function declarationAt(t: Workspace["ts"], file: ts.SourceFile, position: number): ts.VariableDeclaration | undefined {
  const node = nodeAt(t, file, position);
  return t.isVariableDeclaration(node.parent) && node.parent.name === node ? node.parent : undefined;
}

/** The innermost node there. */
function nodeAt(t: Workspace["ts"], around: ts.Node, position: number): ts.Node {
  const inner = t.forEachChild(around, (child) => (child.getStart() <= position && position < child.end ? child : undefined));
  return inner === undefined ? around : nodeAt(t, inner, position);
}

/** The statement that declares it alone, and the one behind that. */
function neighbours(t: Workspace["ts"], declaration: ts.VariableDeclaration) {
  const list = declaration.parent;
  const statement = list.parent;
  if (!t.isVariableDeclarationList(list) || list.declarations.length !== 1 || !t.isVariableStatement(statement)) return {};
  const block = statement.parent;
  const statements: readonly ts.Statement[] = t.isBlock(block) || t.isSourceFile(block) ? block.statements : [];
  return { statement, next: statements[statements.indexOf(statement) + 1] };
}

/** Whether what is evaluated in front of that place can be seen by it, or see it. */
function actsBefore(t: Workspace["ts"], around: ts.Node, position: number): boolean {
  const found = t.forEachChild(around, (child) => {
    if (child.end <= position) return acts(t, child) ? true : undefined;
    return child.getStart() <= position && actsBefore(t, child, position) ? true : undefined;
  });
  return found === true;
}
