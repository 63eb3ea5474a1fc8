/** Weakened tests: a hunk after which a test file checks less than before it. Moves and new names check as much, and are let through. */
import type { HunkFacts } from "../facts.ts";
import type { Refusal } from "../judge.ts";
import { mergeSettings } from "../layers.ts";
import type { PolicyLayer } from "../rules.ts";
import { goTests, rustTests } from "./bracket-tests.ts";
import { type TestProfile, noTests, weakenings } from "./profile.ts";
import { pythonTests } from "./python-tests.ts";
import { scriptTests } from "./script-tests.ts";

interface TestRules {
  hunk(facts: HunkFacts): readonly Refusal[];
}

export function compileTests(layers: readonly PolicyLayer[]): TestRules {
  const { weakened } = mergeSettings(layers).tests;
  const said = layers.find(({ tests }) => tests?.weakened === weakened);
  if (weakened === "allow") return { hunk: () => [] };
  return {
    hunk(facts) {
      const [first, ...more] = weakeningsOf(facts);
      if (first === undefined) return [];
      return [
        {
          decision: weakened,
          rule: "tests",
          reason: `${facts.path} ${first}${more.length > 0 ? `, and ${more.length} more like it` : ""}`,
          wayOut: "Leave the test as it is and change the code, or have a person say yes.",
          ...(said !== undefined && { source: said.path }),
        },
      ];
    },
  };
}

function weakeningsOf({ path, movedTo, before, after }: HunkFacts): readonly string[] {
  const read = reader(path);
  if (read === undefined) return [];
  const old = before();
  if (old === undefined) return [];
  const fresh = after();
  const goneFrom = movedTo !== undefined && reader(movedTo) === undefined;
  const now = fresh === undefined || goneFrom ? noTests : read(fresh);
  const was = read(old);
  if (was.items.length === 0) return [];
  if (fresh === undefined) return [`is deleted with its ${was.items.filter(({ kind }) => kind === "test").length} tests`];
  if (goneFrom) return [`is moved to ${movedTo}, where no runner looks for tests`];
  return weakenings(was, now);
}

type Read = (text: string) => TestProfile;

/** How the tests of a file are read; undefined: it is no test. */
function reader(path: string): Read | undefined {
  if (path.endsWith(".rs")) return rustTests;
  if (path.endsWith("_test.go")) return goTests;
  const inTests = /(?:^|\/)(?:tests?|__tests__|specs?|e2e)\//i.test(path);
  if (path.endsWith(".py"))
    return inTests || /(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)\.py$/.test(path) ? pythonTests : undefined;
  if (!/\.[cm]?[jt]sx?$/.test(path)) return undefined;
  return inTests || /[._-](?:test|spec|e2e)\.[cm]?[jt]sx?$|(?:^|\/)(?:test|spec)[-_.][^/]*$/.test(path) ? scriptTests : undefined;
}
