/** Sorts imports and merges those of one module; `organize` also removes what is not used. */
import type ts from "typescript6";
import type { ImportsRequest } from "../requests.ts";
import type { TypeScript } from "../typescript-choice.ts";
import type { OperationResult, Workspace } from "../workspace.ts";
import { changeImports } from "./imports.ts";

interface ImportWords {
  readonly mode: "All" | "SortAndCombine";
  readonly done: string;
  readonly nothing: string;
}

export function organizeImports(workspace: Workspace, request: ImportsRequest): OperationResult {
  return reorder(workspace, request, { mode: "All", done: "Organized imports", nothing: "The imports are organized already." });
}

export function sortImports(workspace: Workspace, request: ImportsRequest): OperationResult {
  return reorder(workspace, request, {
    mode: "SortAndCombine",
    done: "Sorted imports",
    nothing: "The imports are sorted already.",
  });
}

function reorder(workspace: Workspace, { path }: ImportsRequest, { mode, done, nothing }: ImportWords): OperationResult {
  return changeImports(workspace, path, {
    changes: (file, settings) => {
      const { service } = workspace.projects.ownerOf(file);
      const scope = { type: "file" as const, fileName: file, mode: workspace.ts.OrganizeImportsMode[mode] };
      const text = workspace.view.read(file) ?? "";
      // The language service sorts exports as well; nobody asked for that.
      const imports = service.getProgram()?.getSourceFile(file)?.statements.filter(workspace.ts.isImportDeclaration) ?? [];
      const isImport = ({ span }: ts.TextChange): boolean =>
        imports.some((node) => node.pos <= span.start && span.start < node.end);
      const keep = ({ span, newText }: ts.TextChange): ts.TextChange => ({
        span,
        newText: keepSpelling(workspace.ts, text, newText),
      });
      const changed = service.organizeImports(scope, settings, {});
      return changed.map(({ fileName, textChanges }) => ({ fileName, textChanges: textChanges.filter(isImport).map(keep) }));
    },
    done,
    nothing,
  });
}

/** The language service prints every import anew; those that say what they said before keep their own spelling. */
function keepSpelling(typescript: TypeScript, text: string, printed: string): string {
  const statements = (source: string): string[] =>
    typescript
      .createSourceFile("imports.tsx", source, typescript.ScriptTarget.ESNext, false)
      .statements.map((node) => source.slice(node.end - node.getFullWidth(), node.end).trim());
  const meaning = (statement: string): string => statement.replace(/,(?=\s*\})|[\s;"']/g, "");
  const spelled = new Map(
    statements(text)
      .filter((statement) => /^(?:import|export)\b/.test(statement))
      .map((statement) => [meaning(statement), statement]),
  );
  let result = printed;
  for (const statement of statements(printed)) {
    const own = spelled.get(meaning(statement));
    if (own !== undefined && own !== statement) result = result.replace(statement, () => own);
  }
  return result;
}
