/** The door to verdicts: a policy, compiled once, asked at every gate. What it answers depends on nothing but its arguments. */
import type { NearLimit, Verdict } from "@twolane/protocol";
import type { CommandFacts, FileChange, Finding, HunkContext, HunkFacts, Reader, ServedFacts } from "./facts.ts";
import type {
  AuditContent,
  AuditSettings,
  FormatSettings,
  PolicyLayer,
  ReviewRule,
  SecretSettings,
  TestSettings,
  TelemetrySettings,
} from "./rules.ts";

export type Refusal = Extract<Verdict, { reason: string }>;

export interface PolicyJudge {
  readonly layers: readonly PolicyLayer[];
  /** What can be said as soon as a path is known. */
  path(path: string): Verdict;
  /** Everything that can be said of one hunk; what `path` says included. */
  hunk(facts: HunkFacts, context: HunkContext): Verdict;
  /**
   * Every verdict that does not allow it, one for each rule and subject; `hunk` gives the strictest. A yes to one of them is no yes to
   * the others. Of a hunk that still streams it is asked with the lines so far and neither `before` nor `after`: then rules that
   * need the file say nothing.
   */
  refusals(facts: HunkFacts, context: HunkContext): readonly Refusal[];
  /** What only shows over all of a change: manifest against lock file, sizes, files without hunks. */
  change(files: readonly FileChange[], context: Pick<HunkContext, "lane" | "fileText" | "hasFile">): readonly Finding[];
  /** The limit on the size of a diff that is used up most, from four fifths of it on. */
  near(context: Pick<HunkContext, "lane" | "turn" | "changeSet">): NearLimit | undefined;
  /** Whether a path may be read into a prompt of this reader. */
  read(path: string, reader: Reader): Verdict;
  /** What the audit keeps of content of this path. */
  auditContent(path: string): AuditContent;
  /** Whether a turn may go on that something else answers than was asked for. */
  served(facts: ServedFacts): Verdict;
  command(facts: CommandFacts): CommandVerdict;
  /** The rules that want a person for this path. */
  review(path: string): readonly ReviewRule[];
  readonly secrets: SecretSettings;
  readonly tests: TestSettings;
  readonly audit: AuditSettings;
  readonly telemetry: TelemetrySettings;
  readonly format?: FormatSettings;
}

export interface CommandVerdict {
  readonly verdict: Verdict;
  /** What would really be executed, as words; empty where that cannot be told. */
  readonly executed: readonly (readonly string[])[];
  /** Granted beyond the sandbox by the rules that allow it. */
  readonly network: boolean;
  readonly write: readonly string[];
}
