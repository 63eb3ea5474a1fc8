/**
 * What a checker of a language says of changed files, as a port: the session tells what changed and hears what is wrong since. TypeScript and
 * JavaScript are behind it (script-diagnostics.ts); a language server can be.
 */
import type { CodeProblem } from "@twolane/protocol";
import type { CodeAnswer, CodeQuestion } from "./questions.ts";

/** A file that was checked, with everything that is wrong in it now and was not before the changes that were told. */
export interface CheckedFile {
  /** From the workspace's root, `/` as separator. */
  readonly path: string;
  /** The changed file for whose sake it was checked: itself, or one that it imports, near or far. */
  readonly via: string;
  readonly problems: readonly CodeProblem[];
}

/** `before`: its text; undefined where it was not there. */
export interface FileBefore {
  readonly before: string | undefined;
}

export interface DiagnosticsEvents {
  /** Some files were checked. */
  readonly onChecked: (files: readonly CheckedFile[]) => void;
  /** What was known is forgotten: it was given back, or it failed. */
  readonly onForgotten: () => void;
}

/** Nothing here waits or does work of its own: all of it is told to somebody else. */
export interface Diagnostics {
  /** False: it has not read the workspace yet, or was given back. */
  readonly isWarm: boolean;
  /** Whether it can say anything about such a file. */
  knows(path: string): boolean;
  /** Reads the workspace, so that later checks are quick. */
  warm(): void;
  /** A change of this file is about to come, or has come already: then it was so before. */
  expect(path: string, was?: FileBefore): void;
  /** These files have changed. What an earlier change has not been answered yet is answered with it. */
  changed(paths: readonly string[]): void;
  /** Files may have been changed by somebody else. */
  refresh(): void;
  /** Resolves when the last change is answered, as far as the files that import it directly. */
  settled(): Promise<void>;
  /** Undefined: nothing can say it. */
  ask(question: CodeQuestion): Promise<CodeAnswer | undefined>;
  /** Gives everything back. It may be warmed again. */
  end(): void;
}
