/** For tests: a file before and after, judged as one hunk under the preset that holds everything. No test itself. */
import type { FileChange, HunkFacts } from "../facts.ts";
import { dependencyChanges, type DependencyRule, type PolicyLayer } from "../rules.ts";
import { compileDependencies } from "./dependencies.ts";

export const rule = (fields: Partial<DependencyRule> = {}): DependencyRule => ({
  name: "dependencies",
  line: 0,
  matches: [],
  rejects: [],
  decision: "hold",
  changes: dependencyChanges,
  ...fields,
});

export const layer = (dependencies: readonly DependencyRule[], kind: PolicyLayer["kind"] = "project"): PolicyLayer => ({
  kind,
  path: kind === "preset" ? "preset solo" : `${kind}.yaml`,
  scope: [],
  diff: [],
  dependencies,
  commands: [],
  review: [],
  data: [],
});

const strict = compileDependencies([layer([rule()], "preset")]);

/** Lines that are in one text and not in the other. */
function linesMissing(text: string | undefined, other: string | undefined): string[] {
  const known = new Set(other?.split("\n"));
  return text?.split("\n").filter((line) => !known.has(line)) ?? [];
}

export function hunkOf(path: string, before: string | undefined, after: string | undefined): HunkFacts {
  return {
    path,
    operation: before === undefined ? "create" : after === undefined ? "delete" : "update",
    line: 1,
    added: linesMissing(after, before),
    removed: linesMissing(before, after),
    before: () => before,
    after: () => after,
  };
}

export const fileOf = (path: string, before: string | undefined, after: string | undefined): FileChange => ({
  path,
  before,
  after,
  hunks: [hunkOf(path, before, after)],
  binary: false,
});

type Workspace = Readonly<Record<string, string>>;

const context = (files: Workspace) => ({ fileText: (path: string) => files[path], hasFile: (path: string) => path in files });

type Sides = [before: string | undefined, after: string | undefined, files?: Workspace];

const refusals = (path: string, [before, after, files = {}]: Sides) => strict.hunk(hunkOf(path, before, after), context(files));

/** What is held, as its subjects; a reason where there is none. */
export function held(path: string, ...sides: Sides): string[] {
  return refusals(path, sides).map(({ subject, reason }) => subject ?? reason);
}

export const reasons = (path: string, ...sides: Sides): string[] => refusals(path, sides).map(({ reason }) => reason);

/** What a whole change shows besides, as reasons. */
export const disagreements = (changed: readonly FileChange[], files: Workspace = {}): string[] =>
  strict.change(changed, context(files)).map(({ verdict }) => verdict.reason);
