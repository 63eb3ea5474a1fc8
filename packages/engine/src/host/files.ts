/**
 * The port through which files of a workspace are read and changed. Paths are absolute and were resolved before
 * (`workspace.ts`); this port judges nothing. `disk.ts` is the real one, `memory-files.ts` its twin.
 */
import type { Result } from "@twolane/protocol";

/** Larger files are neither read nor edited. */
export const maxFileBytes = 32 * 1024 * 1024;

export interface FileSnapshot {
  readonly bytes: Uint8Array;
  /** SHA-256, hex; computed when it is first asked for. */
  readonly hash: string;
  /** Permission bits, e.g. 0o644. */
  readonly mode: number;
  readonly owner: { readonly uid: number; readonly gid: number };
  /** Which file it is, whatever its content: device and inode. */
  readonly identity: string;
}

/** What a file must be for a change to happen. */
export type Expected = Pick<FileSnapshot, "identity" | "bytes" | "mode">;

export interface StageOptions {
  readonly bytes: Uint8Array;
  /** Name of the temporary file, in the same folder. */
  readonly temp: string;
  /** Absent: a new file with the permissions that new files have here. */
  readonly like?: Pick<FileSnapshot, "mode" | "owner">;
}

/** New content, synced to the disk beside its target, waiting for one rename. */
export interface StagedFile {
  readonly identity: string;
  readonly mode: number;
  /**
   * Synchronous, so that nothing of this process can come in between: gives the target its new content if it still is as
   * expected (`undefined`: if nothing has that name). FILE_CHANGED or FILE_EXISTS if not; then nothing has happened.
   * Files up to `rereadLimit` are read once more for that; of larger ones only identity, mode and size are compared.
   */
  replace(expected: Expected | undefined): Result<ReplacedFile>;
  /** Removes the temporary file. */
  discard(): void;
}

/** The file that lost its name. It can still be read until it is closed, and shows what others write into it. */
export interface ReplacedFile {
  /** `undefined` when there was none. */
  read(): Uint8Array | undefined;
  /** It holds exactly this; true when there was none. */
  isStill(bytes: Uint8Array): boolean;
  close(): void;
}

export interface Files {
  /** Files up to this size, in bytes, are read once more right before they change. */
  readonly rereadLimit: number;
  /** Follows links. Regular files only, up to `maxFileBytes`. */
  read(path: string): Promise<Result<FileSnapshot>>;
  stage(path: string, options: StageOptions): Promise<Result<StagedFile>>;
  /** Synchronous. Removes the file if it still is as expected; FILE_CHANGED if not. */
  remove(path: string, expected: Expected): Result<ReplacedFile>;
  /** Creates what is missing; gives the folders that were made, outermost first. */
  makeFolders(path: string): Result<readonly string[]>;
  /** Removes the folder if it is empty; false if it stays. */
  removeFolder(path: string): boolean;
  /** Removes a temporary file of ours; false if there was none. */
  discard(path: string): boolean;
}
