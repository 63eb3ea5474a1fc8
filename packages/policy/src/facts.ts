/** What the policy is asked about: hunks, whole changes, commands, reads. Made by whoever looks at the machine; text only. */
import type { HunkOperation, Lane, Verdict } from "@twolane/protocol";

/** One hunk, the same whether it comes from a stream, a commit or a branch. Paths relative to the workspace, `/` as separator. */
export interface HunkFacts {
  readonly path: string;
  readonly movedTo?: string;
  readonly operation: HunkOperation;
  /** 1-based line of the change; 0 where it has no place yet. */
  readonly line: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** The whole file without and with the hunk; undefined where there is none. Only asked by rules that cannot do without. */
  readonly before: () => string | undefined;
  readonly after: () => string | undefined;
}

/** What surrounds a hunk. */
export interface HunkContext {
  readonly lane: Lane;
  /** What counts for the size of the diff so far, without this hunk. Absent: nobody knows of turns, as at commit and in CI. */
  readonly turn?: ChangeTotals;
  readonly changeSet: ChangeTotals;
  /** Hunks of the turn so far, without this one. Absent: not known. */
  readonly turnHunks?: number;
  /** The text of a manifest, lock file or CODEOWNERS of the workspace as it is now. Never waits for the disk. */
  readonly fileText: (path: string) => string | undefined;
  /** Whether the workspace has this file. Never waits for the disk. Absent: that is not known. */
  readonly hasFile?: (path: string) => boolean;
  /** All files of the change so far, without this hunk. Only asked by rules that cannot do without. Absent: not known. */
  readonly rest?: () => readonly ChangedText[];
}

/** A file before a change and with it; undefined: there is none, or it is no text. */
export interface ChangedText {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Lines added and removed together, by file. */
export type ChangeTotals = ReadonlyMap<string, number>;

/** One file of a change as a whole: at commit and in CI, or of a turn that has ended. */
export interface FileChange extends ChangedText {
  /** Its path before, of a file that was moved. */
  readonly from?: string;
  readonly hunks: readonly HunkFacts[];
  /** Not text: it has no hunks. */
  readonly binary: boolean;
}

/** A verdict at a place, as the gates at commit and in CI report it. */
export interface Finding {
  readonly path: string;
  /** 1-based; 0: the file as a whole. */
  readonly line: number;
  readonly verdict: Extract<Verdict, { reason: string }>;
}

/** Who would see something that is read. */
export interface Reader {
  readonly lane: Lane;
  /** Name of the provider; `local` where nothing leaves the machine. */
  readonly provider: string;
  readonly region?: string;
  /** True where the provider is known to keep nothing. */
  readonly keepsNothing: boolean;
}

/** Another model, or another service tier, answers than was asked for. */
export interface ServedFacts {
  readonly kind: "model" | "tier";
  readonly asked: string;
  readonly served: string;
}

/** A command before it runs: an argument vector, or a line for a POSIX shell. */
export type CommandFacts = ({ readonly argv: readonly string[] } | { readonly line: string }) & {
  /** Folder of the workspace in which it starts; absent: the workspace itself. */
  readonly cwd?: string;
};
