/** Evidence: what the impacted tests said of exactly these bytes. How tests are found and run is the engine's business (`engine/evidence`). */

export const runnerNames = ["vitest", "jest", "node:test", "mocha", "pytest", "go test", "cargo test", "command"] as const;
export type RunnerName = (typeof runnerNames)[number];

/**
 * Why a test was chosen, the surest first. `itself`: it was changed. `imports`: it reaches the change by imports. `package`: its package uses
 * the changed package. `beside`: the change is data that lies with it. `name`: it is called like the changed file. `all`: nothing surer could
 * be said, or a configuration changed.
 */
export const choiceWays = ["itself", "imports", "package", "beside", "name", "all"] as const;
export type ChoiceWay = (typeof choiceWays)[number];

/** Each is its own word: skipped is not passed. */
export type TestOutcome = "passed" | "failed" | "skipped" | "not run";

export interface ChosenTest {
  /** File relative to the workspace; of Go and Rust the folder of the package. */
  readonly path: string;
  readonly way: ChoiceWay;
  /** The change, or the file on the way to it, that led here. */
  readonly via: string;
  readonly runner: RunnerName;
}

export interface TestChoice {
  readonly tests: readonly ChosenTest[];
  /** How many test files there are. */
  readonly of: number;
  /** Changes for which nothing better than all tests of their package could be said, and why. */
  readonly fallbacks: readonly { readonly path: string; readonly reason: string }[];
  /** Changes that no test needs, e.g. of documents. */
  readonly untested: readonly string[];
  /** Changed test files that are not there any more. */
  readonly gone: readonly string[];
  readonly ms: number;
}

/** How many of how many, by which way. */
export interface TestChoiceSummary {
  readonly tests: number;
  readonly of: number;
  readonly ways: Readonly<Partial<Record<ChoiceWay, number>>>;
  readonly runners: readonly RunnerName[];
}

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface TestFailure {
  /** Test file, or package. */
  readonly path: string;
  /** 1-based line in a file of the workspace; absent where the runner names none. */
  readonly line?: number;
  readonly name: string;
  /** Shortened to what matters; several lines. */
  readonly message: string;
}

export interface TestedFile extends TestCounts {
  readonly path: string;
  readonly outcome: TestOutcome;
}

export interface Evidence {
  /** Of the changed files, the tests and what they are configured and locked by. */
  readonly hash: string;
  /** `passed`: every chosen test ran, none failed, and none has gone. `void`: the files changed while it ran. */
  readonly outcome: "passed" | "failed" | "not run" | "void";
  /** Why it is not `passed`, where no failure says so. */
  readonly reason?: string;
  readonly counts: TestCounts;
  readonly files: readonly TestedFile[];
  /** The first. */
  readonly failure?: TestFailure;
  readonly ms: number;
}
