/** Whether an expression may be evaluated somewhere else, or more often, without anything that could tell. By syntax and declarations alone. */
import type ts from "typescript6";
import type { TypeScript } from "./typescript-choice.ts";

export interface Judged {
  readonly typescript: TypeScript;
  readonly checker: ts.TypeChecker;
}

/** It has the same value wherever and however often it is evaluated: literals, constants, and operators on them. */
export function isFixed(judged: Judged, node: ts.Expression): boolean {
  const { typescript: t } = judged;
  if (t.isStringLiteralLike(node) || t.isNumericLiteral(node) || t.isBigIntLiteral(node)) return true;
  if ([t.SyntaxKind.TrueKeyword, t.SyntaxKind.FalseKeyword, t.SyntaxKind.NullKeyword].includes(node.kind)) return true;
  if (t.isIdentifier(node)) return node.text === "undefined" || isConstant(judged, node);
  if (
    t.isParenthesizedExpression(node) ||
    t.isAsExpression(node) ||
    t.isSatisfiesExpression?.(node) ||
    t.isNonNullExpression(node)
  )
    return isFixed(judged, node.expression);
  if (t.isPrefixUnaryExpression(node)) return !isChanging(t, node.operator) && isFixed(judged, node.operand);
  if (t.isTypeOfExpression(node)) return isFixed(judged, node.expression);
  if (t.isConditionalExpression(node))
    return [node.condition, node.whenTrue, node.whenFalse].every((part) => isFixed(judged, part));
  if (t.isTemplateExpression(node)) return node.templateSpans.every(({ expression }) => isFixed(judged, expression));
  if (!t.isBinaryExpression(node)) return false;
  return !isAssigning(t, node) && isFixed(judged, node.left) && isFixed(judged, node.right);
}

/** What a name stands for here never changes: a `const`, an import, a function, a class, an enum. */
function isConstant({ typescript: t, checker }: Judged, node: ts.Identifier): boolean {
  const declarations = checker.getSymbolAtLocation(node)?.declarations ?? [];
  return (
    declarations.length > 0 &&
    declarations.every((one) =>
      t.isVariableDeclaration(one)
        ? (t.getCombinedNodeFlags(one) & t.NodeFlags.Const) !== 0
        : t.isFunctionDeclaration(one) || t.isClassDeclaration(one) || t.isEnumDeclaration(one),
    )
  );
}

/** Something in it can change what others see, or is seen by others' changes in between: calls, assignments, waiting. */
export function acts(typescript: TypeScript, node: ts.Node): boolean {
  const t = typescript;
  if (t.isFunctionLike(node)) return false;
  if (t.isCallExpression(node) || t.isNewExpression(node) || t.isTaggedTemplateExpression(node)) return true;
  if (t.isAwaitExpression(node) || t.isYieldExpression(node) || t.isDeleteExpression(node)) return true;
  if (t.isPrefixUnaryExpression(node) && isChanging(t, node.operator)) return true;
  if (t.isPostfixUnaryExpression(node) || (t.isBinaryExpression(node) && isAssigning(t, node))) return true;
  return t.forEachChild(node, (child) => (acts(t, child) ? true : undefined)) === true;
}

/** Between it and `around` stands something that evaluates it not always, later or several times. */
export function isConditional(typescript: TypeScript, node: ts.Node, around: ts.Node): boolean {
  const t = typescript;
  for (let at = node; at !== around && at.parent !== undefined; at = at.parent) {
    const { parent } = at;
    if (t.isFunctionLike(parent) || t.isClassLike(parent) || t.isIterationStatement(parent, false)) return true;
    if (t.isConditionalExpression(parent) && at !== parent.condition) return true;
    if (t.isBinaryExpression(parent) && at === parent.right && isShort(t, parent.operatorToken.kind)) return true;
    if (t.isIfStatement(parent) && at !== parent.expression) return true;
    if (t.isCaseClause(parent) || t.isTryStatement(parent) || t.isOptionalChain(parent)) return true;
  }
  return false;
}

const isShort = (t: TypeScript, kind: ts.SyntaxKind): boolean =>
  [t.SyntaxKind.AmpersandAmpersandToken, t.SyntaxKind.BarBarToken, t.SyntaxKind.QuestionQuestionToken].includes(kind);

const isChanging = (t: TypeScript, operator: ts.PrefixUnaryOperator): boolean =>
  operator === t.SyntaxKind.PlusPlusToken || operator === t.SyntaxKind.MinusMinusToken;

const isAssigning = (t: TypeScript, { operatorToken: { kind } }: ts.BinaryExpression): boolean =>
  kind >= t.SyntaxKind.FirstAssignment && kind <= t.SyntaxKind.LastAssignment;
