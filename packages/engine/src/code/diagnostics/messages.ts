/** What the session and the checker's thread say to each other. Paths from the workspace's root, `/` as separator. */
import type { WorkerSetup } from "../instant/requests.ts";
import type { CodeAnswer, CodeQuestion } from "./questions.ts";
import type { CheckedFile, FileBefore } from "./diagnostics.ts";

export interface CheckerSetup extends WorkerSetup {
  /** One number: how many changes were told. A check that it has outrun ends at once. */
  readonly told: Int32Array;
}

export type CheckerTask =
  | { readonly task: "expect"; readonly path: string; readonly was?: FileBefore }
  | { readonly task: "ask"; readonly id: number; readonly question: CodeQuestion }
  | { readonly task: "refresh"; readonly asked: number }
  /** `told`: the count of changes with this one. */
  | { readonly task: "check"; readonly paths: readonly string[]; readonly told: number };

export type CheckerReply =
  | { readonly reply: "answered"; readonly id: number; readonly answer: CodeAnswer }
  /** The workspace is read; with nothing to check in it, the thread is of no use. */
  | { readonly reply: "ready"; readonly files: number }
  /** `settled`: the changed files and those that import them directly are checked, up to this count of changes. `heap`: bytes in use. */
  | { readonly reply: "checked"; readonly files: readonly CheckedFile[]; readonly settled: number; readonly heap: number };
