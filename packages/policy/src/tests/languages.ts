/** Which files are tests, by their paths, and how those of each language are read. How a text is read is its own file's business. */
import { goTests, rustTests } from "./bracket-tests.ts";
import type { BlockForm } from "./changed-block.ts";
import { goMasking, pythonMasking, rustMasking, scriptMasking } from "./masked.ts";
import type { TestProfile } from "./profile.ts";
import { pythonTests } from "./python-tests.ts";
import { scriptTests } from "./script-tests.ts";

/** How the tests of a language are read, and where its blocks begin. */
export interface Language extends BlockForm {
  readonly read: (text: string) => TestProfile;
  /** Files that a runner takes for tests by their names, wherever they are. Absent: it goes by what is in them. */
  readonly named?: RegExp;
}

const script: Language = {
  ...{ read: scriptTests, masking: scriptMasking },
  test: /^\s*(?:await\s+)?(?:t\.)?[xf]?(?:it|test|specify)\b/,
  group: /^\s*[xf]?(?:describe|context|suite)\b/,
  named: /[._-](?:test|spec|e2e)\.[cm]?[jt]sx?$|(?:^|\/)(?:test|spec)[-_.][^/]*$/,
};
const python: Language = {
  ...{ read: pythonTests, masking: pythonMasking },
  test: /^\s*(?:async\s+)?def\b/,
  group: /^\s*class\b/,
  above: /^\s*(?:@|[)\]}])/,
  named: /(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/,
};
const go: Language = { read: goTests, masking: goMasking, test: /^func\b/, group: /^(?!)/ };
const rust: Language = {
  ...{ read: rustTests, masking: rustMasking },
  test: /^\s*(?:pub\s+)?(?:async\s+)?fn\b/,
  group: /^\s*(?:pub\s+)?(?:mod|impl)\b/,
  above: /^\s*(?:#\[|\)\])/,
};

/** Undefined: it is no test. */
export function languageOf(path: string): Language | undefined {
  if (path.endsWith(".rs")) return rust;
  if (path.endsWith("_test.go")) return go;
  const inTests = /(?:^|\/)(?:tests?|__tests__|specs?|e2e)\//i.test(path);
  if (path.endsWith(".py")) return inTests || isNamed(path, python) || /(?:^|\/)conftest\.py$/.test(path) ? python : undefined;
  if (!/\.[cm]?[jt]sx?$/.test(path)) return undefined;
  return inTests || isNamed(path, script) ? script : undefined;
}

export const isNamed = (path: string, { named }: Language): boolean => named?.test(path) ?? true;
