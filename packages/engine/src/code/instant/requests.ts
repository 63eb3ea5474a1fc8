/**
 * What the session and its worker say to each other: a request that was understood, and what became of it.
 * Paths in requests are as the person wrote them; paths in answers are relative to the workspace, `/` as separator.
 */
import type { Failure } from "@twolane/protocol";

/** A place as a person writes it: a file or folder, and perhaps a 1-based line; or a class or the like that holds a name. */
export interface Place {
  readonly path: string;
  readonly line?: number;
}

export const symbolKinds = [
  "function",
  "class",
  "interface",
  "type",
  "enum",
  "method",
  "property",
  "variable",
  "parameter",
  "namespace",
] as const;
export type SymbolKind = (typeof symbolKinds)[number];

export interface RenameSymbolRequest {
  readonly operation: "rename-symbol";
  readonly name: string;
  readonly newName: string;
  readonly kind?: SymbolKind;
  /** The class, interface, enum or namespace that declares it. */
  readonly container?: string;
  readonly place?: Place;
  /** Names under which other files re-export it change as well. */
  readonly everywhere: boolean;
}

export interface RenameFileRequest {
  readonly operation: "rename-file";
  readonly from: string;
  readonly to: string;
  /** True: `to` without a folder is a new name in the same folder. */
  readonly inPlace: boolean;
}

/** `path` absent: the whole workspace. */
export interface ImportsRequest {
  readonly operation: "organize-imports" | "sort-imports" | "remove-unused-imports" | "add-missing-imports";
  readonly path?: string;
}

/** `from`, `to`: 1-based lines. A constant is made of the expression that is written so, `from` saying on which line. */
export interface ExtractRequest {
  readonly operation: "extract";
  readonly what: "function" | "constant";
  readonly newName: string;
  readonly path: string;
  readonly from?: number;
  readonly to?: number;
  readonly expression?: string;
}

export interface InlineRequest {
  readonly operation: "inline";
  readonly name: string;
  readonly place: Place;
}

export const fixKinds = [
  "missing await",
  "missing async",
  "missing override",
  "missing members",
  "unused names",
  "unused imports",
  "unreachable code",
  "spelling",
] as const;
export type FixKind = (typeof fixKinds)[number];

/** `path` absent: the whole workspace. */
export interface FixAllRequest {
  readonly operation: "fix-all";
  readonly kind: FixKind;
  readonly path?: string;
}

export type InstantRequest =
  | RenameSymbolRequest
  | RenameFileRequest
  | ImportsRequest
  | ExtractRequest
  | InlineRequest
  | FixAllRequest;

export type InstantAnswer =
  /** One git-style patch per file, in the order in which they are to be applied. */
  | { readonly kind: "plan"; readonly patches: readonly string[]; readonly summary: string; readonly notes: readonly string[] }
  /** Everything is as asked already. */
  | { readonly kind: "nothing"; readonly text: string }
  | { readonly kind: "failure"; readonly failure: Failure };

/** How the last plan stands on disk. */
export interface PlanState {
  readonly done: readonly string[];
  /** Exactly as before the plan. */
  readonly untouched: readonly string[];
  /** Neither as before nor as planned: somebody else changed it too, or a part found no place. */
  readonly different: readonly string[];
}

export type WorkerTask =
  | { readonly task: "plan"; readonly request: InstantRequest }
  | { readonly task: "check" }
  /** Whether the files that the last plan was made of are as they were. */
  | { readonly task: "compare" };
export type WorkerMessage = WorkerTask & { readonly id: number };

export type WorkerReply =
  | { readonly id: number; readonly task: "plan"; readonly answer: InstantAnswer }
  | { readonly id: number; readonly task: "check"; readonly state: PlanState }
  | { readonly id: number; readonly task: "compare"; readonly same: boolean };

export interface WorkerSetup {
  /** The id of the task that is waited for, as one 32-bit number; an earlier one is given up as soon as it can be. */
  readonly latest?: SharedArrayBuffer;
  readonly workspaceRoot: string;
  /** Only a trusted workspace's own TypeScript is loaded. */
  readonly trusted: boolean;
  /** A file from which the bundled TypeScript can be resolved. */
  readonly resolveFrom: string;
}
