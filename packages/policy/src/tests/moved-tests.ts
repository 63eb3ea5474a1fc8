/**
 * Which tests a hunk takes away for good, and which stand in another file of the same change: by name, where they check as much and run.
 * Of two that are called the same both must have come up again.
 */
import type { ChangedText, HunkFacts } from "../facts.ts";
import { type Language, isNamed, languageOf } from "./languages.ts";
import { type TestItem, type TestProfile, compareProfiles, isAsStrong } from "./profile.ts";

interface Around {
  readonly facts: Pick<HunkFacts, "path" | "before">;
  readonly rest: (() => readonly ChangedText[]) | undefined;
}

/** Of the removed tests of a hunk those that came up nowhere else. */
export function lostTests(removed: readonly TestItem[], { facts, rest }: Around): readonly TestItem[] {
  const language = languageOf(facts.path);
  if (removed.length === 0 || rest === undefined || language === undefined) return removed;
  const files = rest();
  const wasNamed = isNamed(facts.path, language);
  const balances = [...balancesOf(files).filter(({ path }) => path !== facts.path), ...ownBefore(files, facts)].filter(
    (one) => one.language === language && (isNamed(one.path, language) || !wasNamed),
  );
  const gained = balances.flatMap(({ added }) => added);
  const goes = [...balances.flatMap((one) => one.removed), ...removed];
  return removed.filter((old) => {
    const ways = gained.filter((now) => now.name === old.name && isAsStrong(now, old)).length;
    return ways < goes.filter(({ name }) => name === old.name).length;
  });
}

/** What one file gained and lost. */
interface Balance {
  readonly path: string;
  readonly language: Language;
  readonly added: readonly TestItem[];
  readonly removed: readonly TestItem[];
}

/** One change is asked about hunk by hunk. */
const known = new WeakMap<readonly ChangedText[], readonly Balance[]>();

function balancesOf(files: readonly ChangedText[]): readonly Balance[] {
  const balances = known.get(files) ?? files.flatMap(balanceOf);
  known.set(files, balances);
  return balances;
}

/** What earlier hunks did to the same file. */
function ownBefore(files: readonly ChangedText[], { path, before }: Around["facts"]): readonly Balance[] {
  const own = files.find((file) => file.path === path);
  return own === undefined ? [] : balanceOf({ ...own, after: before() });
}

function balanceOf({ path, before = "", after = "" }: ChangedText): readonly Balance[] {
  const language = languageOf(path);
  if (language === undefined || before === after) return [];
  const [old, now] = [language.read(before), language.read(after)];
  const { added, removed } = compareProfiles(old, now);
  const tests = added.filter(({ kind }) => kind === "test");
  return [{ path, language, added: runsAll(now) ? tests : [], removed }];
}

/** What is in a group that is skipped, or beside a test that runs alone, does not run. */
const runsAll = ({ items }: TestProfile): boolean =>
  items.every(({ kind, skipped, only }) => !only && (kind === "test" || skipped === undefined));
