/** Who finds what a command changes in the workspace: the contract; `assembly/command-changes.ts` has it from snapshot and review. */
import type { HunkId, Result, TurnId } from "@twolane/protocol";
import type { FolderView } from "../../host/folder-index.ts";

export interface WatchedCall {
  readonly call: string;
  readonly turn: TurnId;
  readonly nextHunk: () => HunkId;
}

export interface CommandWatch {
  /** The first look, which takes longest. */
  prepare(view: FolderView): Promise<void>;
  /** Right before a command that can write. A failure: it would not be known what it changes, so it does not run. */
  begin(view: FolderView, call: WatchedCall & { readonly command: string }): Promise<Result<CommandInView>>;
}

export interface CommandInView {
  /** Behind it, while the folders are looked at once more; gives what changed, in lines for the model. */
  finish(view: Promise<FolderView>): Promise<readonly string[]>;
}
