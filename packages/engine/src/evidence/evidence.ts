/** The inner words of evidence: what a project is made of, what a runner is asked and answers. What surfaces see is `protocol/evidence.ts`. */
import type { RunnerName, TestFailure } from "@twolane/protocol";

/** What is on disk, as far as evidence needs it. Paths relative to the workspace, `/` as separator. */
export interface ProjectFiles {
  /** Absolute path of the workspace. */
  readonly root: string;
  /** Tracked and untracked files; what is ignored is not among them. */
  list(): Promise<readonly string[]>;
  /** Changes when the file does; undefined where there is none. */
  stamp(path: string): string | undefined;
  text(path: string): string | undefined;
  /** Of its content. */
  digest(path: string): string | undefined;
}

/** The text of the last look at a project; one slot. */
export interface EvidenceStore {
  read(): string | undefined;
  write(text: string): void;
}

/** A package of a workspace: a folder with a manifest and a runner of its own. */
export interface TestPackage {
  /** Relative to the workspace; empty for the workspace itself. */
  readonly folder: string;
  readonly runner: FoundRunner;
  /** Test files, relative to the workspace. */
  readonly tests: readonly string[];
}

export interface FoundRunner {
  readonly name: RunnerName;
  /** Whether a path of the package, relative to the package's folder, is a test. */
  isTest(path: string): boolean;
  /** A change here can make any test of the package fail; relative to its folder. */
  readonly settings: readonly string[];
  /** What starts these tests, relative to the package's folder; undefined: the program is not installed. */
  start(tests: readonly string[]): RunnerStart | undefined;
  parse(output: RunnerOutput): readonly RanTest[];
  /** How to get the program. */
  readonly cure: string;
}

export interface RunnerStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunnerOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
  /** Absolute, of the package. */
  readonly folder: string;
  readonly tests: readonly string[];
}

/** One test file, or package, as the runner reports it. */
export interface RanTest {
  /** Relative to the package's folder. */
  readonly path: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failure?: Omit<TestFailure, "path"> | undefined;
}

/** What a runner is found by. Reads files only. */
export interface PackageFiles {
  readonly folder: string;
  /** Relative to the package's folder. */
  text(path: string): string | undefined;
  /** Files of the package, relative to its folder, those of packages inside it left out. */
  readonly paths: readonly string[];
  /** Absolute path of a program that the package has installed, looked for in the folders above as well. */
  installed(program: string): string | undefined;
  /** Absolute path of the first of these, relative to the package's folder, that is there. */
  program(places: readonly string[]): string | undefined;
}
