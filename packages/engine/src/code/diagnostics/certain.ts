/**
 * Which errors count in a file that nobody wrote types for: a checker's other complaints about it are guesses. What is certain is what cannot
 * run: a module or a name that is not there.
 */
import type ts from "typescript6";
import { declarationsNamed } from "../instant/declarations.ts";
import type { TypeScript } from "../instant/typescript-choice.ts";

/** Cannot find name; … did you mean; no value in scope for the shorthand property. */
const missingName: ReadonlySet<number> = new Set([2304, 18004]);
const misspelledName = 2552;
/** Cannot find module; it has no such export, in four wordings. */
const missingModule: ReadonlySet<number> = new Set([2307, 2305, 2459, 2614, 2724]);

/** `before`: the file before the changes; a name that was declared in it and is not any more is certainly missing. */
export interface UntypedFile {
  readonly file: ts.SourceFile;
  readonly before: ts.SourceFile | undefined;
}

export function isCertain(typescript: TypeScript, { code, start = 0, length = 0 }: ts.Diagnostic, { file, before }: UntypedFile) {
  const named = file.text.slice(start, start + length);
  if (code === misspelledName) return true;
  if (missingName.has(code)) return before !== undefined && declarationsNamed(typescript, before, named).length > 0;
  // What a package exports is in types that may be missing or old.
  return missingModule.has(code) && /["']\.{1,2}\//.test(statementAround(file, start));
}

function statementAround(file: ts.SourceFile, position: number): string {
  const statement = file.statements.find(({ pos, end }) => pos <= position && position < end);
  return statement === undefined ? "" : file.text.slice(statement.pos, statement.end);
}

/** Nobody asks TypeScript to check this file: JavaScript, unless the configuration or the file says so. */
export function isUntyped(file: ts.SourceFile, checksJavaScript: boolean): boolean {
  return /\.[mc]?jsx?$/.test(file.fileName) && !checksJavaScript && !/^\s*\/\/+\s*@ts-check\b/m.test(file.text.slice(0, 2000));
}
