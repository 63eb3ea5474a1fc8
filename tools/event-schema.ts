/**
 * The JSON Schema of `run --json`, read off the protocol's own types with the compiler, so that it cannot go stale.
 * Knows the few kinds of types that events are made of and refuses any other.
 */
import ts from "typescript6";

type Schema = Record<string, unknown>;

/** The schema of every line, from the type `TwolaneEvent` of the given file. */
export function eventSchema(file: string): Schema {
  const program = ts.createProgram([file], {
    strict: true,
    exactOptionalPropertyTypes: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
    noEmit: true,
    types: [],
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  const event = module && checker.getExportsOfModule(module).find((symbol) => symbol.name === "TwolaneEvent");
  if (event === undefined) throw new Error(`${file} exports no TwolaneEvent`);
  const type = checker.getDeclaredTypeOfSymbol(event);
  if (!type.isUnion()) throw new Error("TwolaneEvent is no union");
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "One line of `twolane run --json`",
    description: "Every line is one of these events. New event types and fields may be added; ignore what you do not know.",
    anyOf: type.types.map((member) => schemaOf(member, checker)),
  };
}

function schemaOf(type: ts.Type, checker: ts.TypeChecker): Schema {
  if (type.isStringLiteral()) return { const: type.value };
  if (type.flags & ts.TypeFlags.String) return { type: "string" };
  if (type.flags & ts.TypeFlags.Number) return { type: "number" };
  if (type.flags & ts.TypeFlags.Boolean) return { type: "boolean" };
  if (type.flags & ts.TypeFlags.BooleanLiteral) return { const: checker.typeToString(type) === "true" };
  if (type.isUnion()) return unionSchema(type, checker);
  if (checker.isArrayType(type))
    return { type: "array", items: schemaOf(checker.getTypeArguments(type as ts.TypeReference)[0]!, checker) };
  if (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) return objectSchema(type, checker);
  throw new Error(`the schema has no word for ${checker.typeToString(type)}`);
}

function unionSchema(type: ts.UnionType, checker: ts.TypeChecker): Schema {
  const literals = type.types.filter((member) => member.isStringLiteral());
  if (literals.length === type.types.length) return { enum: literals.map((literal) => literal.value) };
  return { anyOf: type.types.map((member) => schemaOf(member, checker)) };
}

function objectSchema(type: ts.Type, checker: ts.TypeChecker): Schema {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const property of checker.getPropertiesOfType(type)) {
    const optional = (property.flags & ts.SymbolFlags.Optional) !== 0;
    const declared = checker.getTypeOfSymbol(property);
    properties[property.name] = schemaOf(optional ? checker.getNonNullableType(declared) : declared, checker);
    if (!optional) required.push(property.name);
  }
  return { type: "object", properties, required };
}
