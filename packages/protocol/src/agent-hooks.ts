/** A person's own commands for events of a session, as every surface sees them: which file names them, and whether they run. */

/** `waits`: for a person's yes to exactly these commands. `untrusted`: for trust of the workspace. */
export type HookFileStage = "waits" | "untrusted" | "denied" | "runs";

export interface HookFileState {
  readonly file: string;
  readonly stage: HookFileStage;
  /** One line: what to do about it. */
  readonly note?: string;
  readonly hooks: readonly { readonly event: string; readonly matcher?: string; readonly command: string }[];
  readonly faults: readonly string[];
}
