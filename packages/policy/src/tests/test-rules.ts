/** Weakened tests: a hunk after which a test file checks less than before it. Moves, to other files as well, and new names check as much, and are let through. */
import type { HunkContext, HunkFacts } from "../facts.ts";
import type { Refusal } from "../judge.ts";
import { mergeSettings } from "../layers.ts";
import type { PolicyLayer } from "../rules.ts";
import { changedBlock } from "./changed-block.ts";
import { languageOf } from "./languages.ts";
import { lostTests } from "./moved-tests.ts";
import { compareProfiles } from "./profile.ts";

interface TestRules {
  hunk(facts: HunkFacts, context?: Pick<HunkContext, "rest">): readonly Refusal[];
}

export function compileTests(layers: readonly PolicyLayer[]): TestRules {
  const { weakened } = mergeSettings(layers).tests;
  const said = layers.find(({ tests }) => tests?.weakened === weakened);
  if (weakened === "allow") return { hunk: () => [] };
  return {
    hunk(facts, { rest } = {}) {
      const [first, ...more] = weakeningsOf(facts, rest);
      if (first === undefined) return [];
      return [
        {
          decision: weakened,
          rule: "tests",
          reason: `${facts.path} ${first}${more.length > 0 ? `, and ${more.length} more like it` : ""}`,
          wayOut:
            "Leave the test as it is and change the code (one that moves is written in its new file first), or have a person say yes.",
          ...(said !== undefined && { source: said.path }),
        },
      ];
    },
  };
}

function weakeningsOf(facts: HunkFacts, rest: HunkContext["rest"]): readonly string[] {
  const { path, movedTo, before, after } = facts;
  const language = languageOf(path);
  if (language === undefined) return [];
  const old = before();
  if (old === undefined) return [];
  const fresh = after();
  if (old === fresh && movedTo === undefined) return [];
  const isGone = movedTo !== undefined && languageOf(movedTo) === undefined;
  const { read } = language;
  if (fresh !== undefined && !isGone) {
    const block = changedBlock({ before: old, after: fresh }, language) ?? { before: old, after: fresh };
    const { removed, less } = compareProfiles(read(block.before), read(block.after));
    return [...lostTests(removed, { facts, rest }).map(({ name }) => `removes the test “${name}”`), ...less];
  }
  const tests = read(old).items.filter(({ kind }) => kind === "test");
  const lost = lostTests(tests, { facts, rest });
  if (lost.length === 0) return [];
  if (isGone) return [`is moved to ${movedTo}, where no runner looks for tests`];
  return [`is deleted with ${lost.length < tests.length ? `${lost.length} of ` : ""}its ${tests.length} tests`];
}
