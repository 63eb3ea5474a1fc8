/** Finds what a file declares under a name, by syntax alone: which of these are one symbol is the checker's to say. */
import type ts from "typescript6";
import type { SymbolKind } from "./requests.ts";
import type { TypeScript } from "./typescript-choice.ts";

export interface Declaration {
  readonly path: string;
  /** Where the name begins. */
  readonly position: number;
  readonly kind: SymbolKind;
  /** A name that only passes on another one (import, shorthand, destructuring): meant when there is no other. */
  readonly passesOn: boolean;
  /** The class, interface, enum, namespace, type or variable around it. */
  readonly container?: string;
  readonly isFunction: boolean;
}

/** Which words of a request fit which declaration. */
export function isOfKind(declaration: Declaration, kind: SymbolKind): boolean {
  if (declaration.kind === kind) return true;
  switch (kind) {
    case "function":
      return declaration.isFunction;
    case "type":
      return declaration.kind === "interface" || declaration.kind === "enum" || declaration.kind === "class";
    case "variable":
      return declaration.kind === "parameter";
    case "method":
      return declaration.kind === "property" && declaration.isFunction;
    default:
      return false;
  }
}

export function declarationsNamed(typescript: TypeScript, file: ts.SourceFile, name: string): Declaration[] {
  const found: Declaration[] = [];
  const visit = (node: ts.Node, container: string | undefined): void => {
    const described = describe(typescript, node, file);
    if (described?.name.text === name) {
      const { name: nameNode, kind, passesOn, isFunction } = described;
      const position = nameNode.getStart(file);
      found.push({
        path: file.fileName,
        position,
        kind,
        passesOn,
        isFunction,
        ...(container === undefined ? {} : { container }),
      });
    }
    const inner = described !== undefined && holdsMembers(typescript, node) ? described.name.text : container;
    typescript.forEachChild(node, (child) => visit(child, inner));
  };
  visit(file, undefined);
  return found;
}

interface Described {
  readonly name: ts.Identifier | ts.PrivateIdentifier;
  readonly kind: SymbolKind;
  readonly passesOn: boolean;
  readonly isFunction: boolean;
}

function describe(typescript: TypeScript, node: ts.Node, file: ts.SourceFile): Described | undefined {
  const kind = kindOf(typescript, node);
  if (kind === undefined) return assignedMember(typescript, node, file);
  const name = isNamed(node) ? node.name : undefined;
  if (name === undefined || !(typescript.isIdentifier(name) || typescript.isPrivateIdentifier(name))) return undefined;
  return { name, kind, passesOn: isPassingOn(typescript, node), isFunction: isFunctionLike(typescript, node) };
}

const isNamed = (node: ts.Node): node is ts.NamedDeclaration => "name" in node;

function kindOf(t: TypeScript, node: ts.Node): SymbolKind | undefined {
  if (t.isFunctionDeclaration(node) || t.isFunctionExpression(node)) return "function";
  if (t.isClassLike(node)) return "class";
  if (t.isInterfaceDeclaration(node)) return "interface";
  if (t.isTypeAliasDeclaration(node) || t.isTypeParameterDeclaration(node)) return "type";
  if (t.isEnumDeclaration(node)) return "enum";
  if (t.isMethodDeclaration(node) || t.isMethodSignature(node)) return "method";
  if (t.isPropertyDeclaration(node) || t.isPropertySignature(node) || t.isPropertyAssignment(node)) return "property";
  if (t.isShorthandPropertyAssignment(node) || t.isAccessor(node) || t.isEnumMember(node)) return "property";
  if (t.isParameter(node)) return t.isParameterPropertyDeclaration(node, node.parent) ? "property" : "parameter";
  if (t.isVariableDeclaration(node) || t.isBindingElement(node)) return "variable";
  if (t.isImportSpecifier(node) || t.isImportClause(node) || t.isNamespaceImport(node)) return "variable";
  if (t.isImportEqualsDeclaration(node) || t.isExportSpecifier(node) || t.isNamespaceExport(node)) return "variable";
  return t.isModuleDeclaration(node) ? "namespace" : undefined;
}

/** JavaScript declares members by assigning them: `this.x = …`, `Shape.prototype.area = …`, `exports.read = …`. */
function assignedMember(t: TypeScript, node: ts.Node, file: ts.SourceFile): Described | undefined {
  if (!t.isBinaryExpression(node) || node.operatorToken.kind !== t.SyntaxKind.EqualsToken) return undefined;
  if (!t.isPropertyAccessExpression(node.left) || !/\.[mc]?jsx?$/.test(file.fileName)) return undefined;
  const isFunction = t.isFunctionExpression(node.right) || t.isArrowFunction(node.right);
  return { name: node.left.name, kind: "property", passesOn: true, isFunction };
}

function isPassingOn(t: TypeScript, node: ts.Node): boolean {
  if (t.isBindingElement(node)) return node.propertyName === undefined;
  return (
    t.isShorthandPropertyAssignment(node) ||
    t.isImportSpecifier(node) ||
    t.isImportClause(node) ||
    t.isNamespaceImport(node) ||
    t.isExportSpecifier(node)
  );
}

function isFunctionLike(t: TypeScript, node: ts.Node): boolean {
  if (t.isFunctionDeclaration(node) || t.isMethodDeclaration(node)) return true;
  if (!t.isVariableDeclaration(node) && !t.isPropertyAssignment(node) && !t.isPropertyDeclaration(node)) return false;
  return node.initializer !== undefined && (t.isArrowFunction(node.initializer) || t.isFunctionExpression(node.initializer));
}

function holdsMembers(t: TypeScript, node: ts.Node): boolean {
  if (t.isVariableDeclaration(node)) return node.initializer !== undefined && t.isObjectLiteralExpression(node.initializer);
  return (
    t.isClassLike(node) ||
    t.isInterfaceDeclaration(node) ||
    t.isEnumDeclaration(node) ||
    t.isModuleDeclaration(node) ||
    t.isTypeAliasDeclaration(node)
  );
}
