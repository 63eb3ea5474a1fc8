/** What is found in failing output: by each tool's reader as it is written there, and for everybody else as places of the workspace. */

export type FailureTool =
  | "node"
  | "node-test"
  | "vitest"
  | "jest"
  | "mocha"
  | "python"
  | "pytest"
  | "go"
  | "rust"
  | "java"
  | "typescript"
  | "eslint"
  | "unknown";

export interface FailurePlace {
  /** Relative to the workspace where it is a file of it, else as written. */
  readonly path: string;
  /** 1-based; 0: the file as a whole. */
  readonly line: number;
  /** 1-based. */
  readonly column?: number;
  /** A file of the workspace. */
  readonly own: boolean;
}

export interface FoundFailure {
  readonly tool: FailureTool;
  /** Of the test, of the error's kind or rule; may be empty. */
  readonly name: string;
  /** A few lines at most. */
  readonly message: string;
  /** The likeliest first; the workspace's before others'. */
  readonly places: readonly FailurePlace[];
  /** The lines of the output that tell of it, capped. */
  readonly excerpt: string;
}

/** A place as the output names it. */
export interface WrittenPlace {
  readonly path: string;
  readonly line: number;
  readonly column?: number;
  /** A folder, or a dotted name of one, in which the file is: some tools name the file alone. */
  readonly within?: string;
}

/** What a tool's reader found; `from` and `to` are indexes of lines, both inclusive. */
export interface WrittenFailure {
  readonly tool: FailureTool;
  readonly name: string;
  readonly message: string;
  readonly places: readonly WrittenPlace[];
  readonly from: number;
  readonly to: number;
}

/** Reads the lines of one tool. No colours and no line ends are in them, and none is longer than a limit. */
export type FailureReader = (lines: readonly string[]) => readonly WrittenFailure[];
