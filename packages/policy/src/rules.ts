/**
 * The data of a policy: what one file says, once it has been read and checked. A policy is a list of layers (organisation, user,
 * project, what a prompt narrows); each decides for itself, and the strictest decision counts.
 */
import type { Lane } from "@twolane/protocol";

/** Where a layer comes from, the most binding first. `preset` stands for the defaults that ship with twolane. */
export const layerKinds = ["organisation", "user", "project", "prompt", "preset"] as const;
export type LayerKind = (typeof layerKinds)[number];

export const presetNames = ["solo", "team", "strict"] as const;
export type PresetName = (typeof presetNames)[number];

/** What every rule of a list has. */
export interface RuleHead {
  /** Unique in its layer; a rule without a name is called by its section and number, e.g. `scope-2`. */
  readonly name: string;
  /** 1-based line in its file; 0 for a rule of a preset. */
  readonly line: number;
  /** Why it is there, in the words of whoever wrote it. */
  readonly reason?: string;
  /** Examples (paths, commands, `name@version`) that it must decide on, and that it must leave alone; checked at load. */
  readonly matches: readonly string[];
  readonly rejects: readonly string[];
}

/** Paths are globs relative to the workspace; a folder means all below it. */
export interface ScopeRule extends RuleHead {
  /** `only`: what lies outside is held. `unreadable`: neither read into a prompt nor written. */
  readonly effect: "only" | "hold" | "block" | "unreadable";
  readonly paths: readonly string[];
}

/** Above `hold` a person must say yes, above `block` it never lands. */
export interface Limit {
  readonly hold?: number;
  readonly block?: number;
}

export interface DiffRule extends RuleHead {
  readonly per: "turn" | "change-set";
  /** Absent: both. */
  readonly lane?: Lane;
  readonly files?: Limit;
  /** Lines added and removed together. */
  readonly lines?: Limit;
  /** Globs of files that are not counted, e.g. generated ones and lock files. */
  readonly except: readonly string[];
}

/** `import`: code uses a package that no manifest names. `lock`: manifest and lock file do not agree. */
export const dependencyChanges = ["add", "change", "source", "script", "import", "lock"] as const;
export type DependencyChange = (typeof dependencyChanges)[number];

export const ecosystems = ["npm", "pip", "uv", "cargo", "go"] as const;
export type Ecosystem = (typeof ecosystems)[number];

export interface DependencyRule extends RuleHead {
  readonly decision: "allow" | "hold" | "block";
  readonly changes: readonly DependencyChange[];
  /** Absent: all. pnpm and yarn count as npm. */
  readonly ecosystems?: readonly Ecosystem[];
  /** Globs of package names; absent: all. */
  readonly packages?: readonly string[];
}

export interface CommandRule extends RuleHead {
  readonly decision: "allow" | "hold" | "block";
  /** Words of a command; `*` stands for one word or a part of it, a last `**` for any number of words. */
  readonly commands: readonly string[];
  /** What an allowed command gets beyond the sandbox. */
  readonly network: boolean;
  /** Absolute paths, or ones that begin with `~/`. */
  readonly write: readonly string[];
}

export interface ReviewRule extends RuleHead {
  readonly paths: readonly string[];
  /** How many people. */
  readonly approvals: number;
  /** Who may: logins, e-mail addresses, `@org/team`. Empty: anybody but the author. */
  readonly by: readonly string[];
  /** The owners in CODEOWNERS may as well. */
  readonly codeowners: boolean;
  /** The author's own approval counts. */
  readonly own: boolean;
}

/** Who may see these paths; what is absent is not restricted. */
export interface DataRule extends RuleHead {
  readonly paths: readonly string[];
  /** Name of the data class, e.g. `customer`. */
  readonly dataClass: string;
  readonly lanes?: readonly Lane[];
  /** Names of providers as `twolane doctor` lists them. */
  readonly providers?: readonly string[];
  readonly regions?: readonly string[];
  /** Only where the provider keeps nothing. */
  readonly noRetention: boolean;
  /** What the audit keeps of content of this class; absent: as the audit section says. */
  readonly audit?: AuditContent;
}

/** In which lane a request belongs. All that it names must hold. */
export interface LaneRule extends RuleHead {
  readonly lane: Lane;
  readonly paths?: readonly string[];
  readonly words?: readonly string[];
  readonly filesOver?: number;
}

export interface SecretSettings {
  /** What becomes of one on its way into a prompt. */
  readonly prompts: "replace" | "block";
  /** What becomes of a hunk that adds one. */
  readonly edits: "hold" | "block";
  /** Globs of files in which made-up ones stand, e.g. test fixtures: they may be added there. */
  readonly except: readonly string[];
}

export interface TestSettings {
  readonly auto: "off" | "ask" | "impacted";
  /** A shell line; `{files}` becomes the chosen test files. Absent: the runner that is found. */
  readonly command?: string;
  /** `/commit` wants passed evidence for what it commits. */
  readonly required: boolean;
  /** The first failure is told to the model, once. */
  readonly tell: boolean;
  /** What becomes of a hunk that removes, skips or weakens a test. */
  readonly weakened: "allow" | "hold" | "block";
  /** s */
  readonly timeout: number;
}

export interface ModelSettings {
  /** What becomes of a turn that another model or service tier answers than was asked for. */
  readonly served: "allow" | "hold" | "block";
  /** Globs of what may answer all the same: names of models, or `tier:NAME`. */
  readonly allow: readonly string[];
}

export type AuditContent = "none" | "hash" | "full";

export interface AuditSettings {
  readonly content: AuditContent;
  /** Days; 0: for ever. */
  readonly keep: number;
  /** The head's hash goes into the commit's trailers. */
  readonly trailer: boolean;
}

export interface TelemetrySettings {
  /** What people and models wrote may go along. */
  readonly content: boolean;
}

export interface FormatSettings {
  /** A shell line that reads a file on standard input and writes it formatted; `{file}` becomes its path. */
  readonly command: string;
}

/** The rules and settings of a layer, whoever wrote them. */
export interface PolicyRules {
  readonly scope: readonly ScopeRule[];
  readonly diff: readonly DiffRule[];
  readonly dependencies: readonly DependencyRule[];
  readonly commands: readonly CommandRule[];
  readonly review: readonly ReviewRule[];
  readonly data: readonly DataRule[];
  readonly lanes?: readonly LaneRule[];
  readonly secrets?: Partial<SecretSettings>;
  readonly tests?: Partial<TestSettings>;
  readonly audit?: Partial<AuditSettings>;
  readonly models?: Partial<ModelSettings>;
  readonly telemetry?: Partial<TelemetrySettings>;
}

/** What one file says. Absent: it says nothing of that. */
export interface PolicyLayer extends PolicyRules {
  readonly kind: LayerKind;
  /** As it is shown, e.g. `.twolane/policy.yaml`, or `preset solo`. */
  readonly path: string;
  /** Its rules come before the file's own, with line 0. */
  readonly preset?: PresetName;
  /** Nobody has trusted its workspace: none of its rules takes the place of a default. */
  readonly tightensOnly?: boolean;
  readonly format?: FormatSettings;
}
