/** What the review of a session can be asked and told, and what it needs. */
import type { AllowFor, EventBody, Hunk, HunkId, HunkLine, Review } from "@twolane/protocol";
import type { Allowances } from "../../guard/allowances.ts";
import type { HunkJudge } from "../../guard/hunk-judge.ts";
import type { Files } from "../../host/files.ts";
import type { Journal } from "../../journal/journal.ts";
import type { WithdrawalNote } from "../../journal/records.ts";
import type { Clock } from "../../std/clock.ts";
import type { HunkDraft } from "../edits.ts";
import type { Lander } from "../landing/lander.ts";
import type { FileCorrections } from "./corrections.ts";
import type { FileHistory } from "./file-history.ts";
import type { OfferedOutcomes } from "./land-offered.ts";
import type { Resolution } from "./offered-file.ts";
import type { Withdrawn } from "./withdrawn.ts";

export interface ReviewerDeps {
  readonly root: string;
  readonly files: Files;
  readonly journal: Journal;
  readonly lock: () => Promise<() => void>;
  readonly clock: Clock;
  /** The running turn's lander. */
  readonly running: () => Lander | undefined;
  /** A lander whose hunks the person has approved. */
  readonly openApproved: (onEvent: (event: EventBody) => void) => Lander;
  /** Keeps what a person wrote for a hunk and could not be put there; gives the file's absolute path. */
  readonly keepEdit?: (hunk: HunkId, text: string) => string | undefined;
  readonly allowances: Pick<Allowances, "answer" | "forget">;
  readonly judge: HunkJudge;
  readonly onEvent: (event: EventBody) => void;
  /** Before the event. */
  readonly onWithdrawn: (withdrawn: readonly Withdrawn[]) => void;
}

/** What cannot be done is told as `notice.given`, with the code of the failure, or `KEPT` where a person's text is in the way. */
export interface Reviewer {
  readonly review: Review;
  /**
   * Takes in what happens, of this process or of an earlier one. Behind the first events, which are those of an earlier process if
   * there was one, it tells what a crash kept from being told.
   */
  observe(event: EventBody): void;
  /** What is on disk is accepted; what is not lands first. Without a yes it only lands. */
  accept(hunks: readonly HunkId[], isYes?: boolean): Promise<void>;
  /** Answers the rules that hold these. */
  allow(hunks: readonly HunkId[], answer: AllowFor): Promise<void>;
  reject(hunks: readonly HunkId[], reason?: string): Promise<void>;
  /** Gives what left the disk, dependents included. */
  undo(hunks: readonly HunkId[]): Promise<readonly HunkId[]>;
  /** `text` takes the place of the kept and added lines as they were shown; then it is accepted. */
  edit(hunk: HunkId, text: string): Promise<void>;
  /** A job's hunk lands, with this in the place of the lines that the person has changed as well; then it is accepted. */
  resolve(hunk: HunkId, resolution: Resolution): Promise<void>;
  /** What would become of these of a job's if somebody said yes now. */
  foresee(hunks: readonly Hunk[]): Promise<OfferedOutcomes>;
  /** The hunk as a diff; undefined where nothing is left of its text. */
  lines(hunk: HunkId): readonly HunkLine[] | undefined;
  wasRejected(draft: HunkDraft): boolean;
  onGone(hunk: Hunk, draft: HunkDraft, note: WithdrawalNote): void;
  /** Resolves when nothing that was decided waits to be carried out. */
  idle(): Promise<void>;
  /** What a person has changed in standing hunks of this file (real path in the workspace). */
  corrections(path: string): Promise<FileCorrections | undefined>;
  /** Tells of hunks that somebody took off the disk from outside, and gives them. Without `paths`: of all files. */
  lookOutside(paths?: readonly string[]): Promise<readonly HunkId[]>;
  /** What the session did and still stands, with the contents in between. */
  histories(): Promise<readonly FileHistory[]>;
}
