/** Weakened tests: a hunk after which a test file checks less than before it. Moves and new names check as much, and are let through. */
import type { HunkFacts } from "../facts.ts";
import type { Refusal } from "../judge.ts";
import { mergeSettings } from "../layers.ts";
import type { PolicyLayer } from "../rules.ts";
import { goTests, rustTests } from "./bracket-tests.ts";
import { type BlockForm, changedBlock } from "./changed-block.ts";
import { goMasking, pythonMasking, rustMasking, scriptMasking } from "./masked.ts";
import { type TestProfile, weakenings } from "./profile.ts";
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
    return weakenings(read(block.before), read(block.after));
  }
  const tests = read(old).items.filter(({ kind }) => kind === "test");
  if (tests.length === 0) return [];
  return [isGone ? `is moved to ${movedTo}, where no runner looks for tests` : `is deleted with its ${tests.length} tests`];
}

/** How the tests of a language are read, and where its blocks begin. */
interface Language extends BlockForm {
  readonly read: (text: string) => TestProfile;
}

const script: Language = {
  ...{ read: scriptTests, masking: scriptMasking },
  test: /^\s*(?:await\s+)?(?:t\.)?[xf]?(?:it|test|specify)\b/,
  group: /^\s*[xf]?(?:describe|context|suite)\b/,
};
const python: Language = {
  ...{ read: pythonTests, masking: pythonMasking },
  test: /^\s*(?:async\s+)?def\b/,
  group: /^\s*class\b/,
  above: /^\s*(?:@|[)\]}])/,
};
const go: Language = { read: goTests, masking: goMasking, test: /^func\b/, group: /^(?!)/ };
const rust: Language = {
  ...{ read: rustTests, masking: rustMasking },
  test: /^\s*(?:pub\s+)?(?:async\s+)?fn\b/,
  group: /^\s*(?:pub\s+)?(?:mod|impl)\b/,
  above: /^\s*(?:#\[|\)\])/,
};

/** Undefined: it is no test. */
function languageOf(path: string): Language | undefined {
  if (path.endsWith(".rs")) return rust;
  if (path.endsWith("_test.go")) return go;
  const inTests = /(?:^|\/)(?:tests?|__tests__|specs?|e2e)\//i.test(path);
  if (path.endsWith(".py")) return inTests || /(?:^|\/)(?:test_[^/]*|[^/]*_test|conftest)\.py$/.test(path) ? python : undefined;
  if (!/\.[cm]?[jt]sx?$/.test(path)) return undefined;
  return inTests || /[._-](?:test|spec|e2e)\.[cm]?[jt]sx?$|(?:^|\/)(?:test|spec)[-_.][^/]*$/.test(path) ? script : undefined;
}
