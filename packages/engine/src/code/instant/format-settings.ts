/** How a file is written already, so that what is written anew looks the same. */
import type ts from "typescript6";
import type { TypeScript } from "./typescript-choice.ts";

export function formatSettings(typescript: TypeScript, text: string): ts.FormatCodeSettings {
  const newLine = /\r\n/.test(text) ? "\r\n" : "\n";
  const indentation = /^(?:(\t+)|( {2,8}))\S/m.exec(text);
  return {
    ...typescript.getDefaultFormatCodeSettings(newLine),
    convertTabsToSpaces: indentation?.[1] === undefined,
    indentSize: indentation?.[2]?.length ?? 4,
    insertSpaceAfterOpeningAndBeforeClosingNonemptyBraces: !/^import\b[^"'\n]*\{\w/m.test(text),
  };
}
