/** What a sandboxed command can reach, and what is started to make that true. Types only; who may have what is decided elsewhere. */

/** All paths are absolute, without links, and exist. What stands in several lists is decided by the last of them. */
export interface Confinement {
  /** The workspace. */
  readonly root: string;
  readonly cwd: string;
  /** The workspace can be written. */
  readonly writable: boolean;
  /** Further paths that can be written. */
  readonly write: readonly string[];
  /** Cannot be written though what is around them can; where nothing is there yet, nothing can come into being. */
  readonly frozen: readonly string[];
  /** Seen at another place, or again where it would be empty; read-only, whatever stands around it. `at` may be a folder of the workspace. */
  readonly bound?: readonly BoundPlace[];
  /** Nothing of them can be read. */
  readonly hidden: readonly string[];
  readonly network: boolean;
}

export interface BoundPlace {
  readonly from: string;
  readonly at: string;
}

export interface Wrapped {
  readonly command: string;
  readonly args: readonly string[];
  /** Written to file descriptor 3. */
  readonly extra?: string;
  /** Folders that do not exist yet and come into being as places to stand for; to be removed if they are empty. */
  readonly made: readonly string[];
}
