/** What a test file checks, as far as its text tells; the same for every language. How a language is read is its own file's business. */

export interface TestItem {
  readonly kind: "test" | "group";
  readonly name: string;
  /** As it is written: `skip`, `@pytest.mark.xfail`; undefined: it runs. */
  readonly skipped?: string;
  /** All others do not run. */
  readonly only: boolean;
  /** Checks that could fail. */
  readonly checks: number;
  /** How much these say together: an equality more than a truth. */
  readonly strength: number;
  /** Failures that are caught and forgotten. */
  readonly swallowed: number;
  /** Nothing happens in it. */
  readonly empty: boolean;
  /** What is set for it alone. */
  readonly leniencies?: readonly Leniency[];
}

/** A number behind a name, e.g. a timeout: larger or smaller is more lenient. */
export interface Leniency {
  readonly what: "timeout" | "tolerance" | "retries";
  /** Higher is more lenient. */
  readonly value: number;
  readonly written: string;
}

export interface TestProfile {
  readonly items: readonly TestItem[];
  /** Those that are set outside of tests. */
  readonly leniencies: readonly Leniency[];
}

export interface Comparison {
  /** Tests that are not there any more, under no name. */
  readonly removed: readonly TestItem[];
  readonly added: readonly TestItem[];
  /** What is checked less in all others, in words that stand behind a path. */
  readonly less: readonly string[];
}

export function compareProfiles(before: TestProfile, after: TestProfile): Comparison {
  const { pairs, removed, added } = pair(before.items, after.items);
  const less = [
    ...pairs.flatMap(([old, now]) => [...lessIn(old, now), ...moreLenient(old.leniencies ?? [], now.leniencies ?? [])]),
    ...added.flatMap((item) => (item.only ? [`runs only “${item.name}”`] : [])),
    ...moreLenient(before.leniencies, after.leniencies),
  ];
  return { removed, added, less };
}

/** It runs like the other one and checks as much. */
export const isAsStrong = (now: TestItem, old: TestItem): boolean =>
  lessIn(old, now).length === 0 && moreLenient(old.leniencies ?? [], now.leniencies ?? []).length === 0;

type Pair = readonly [TestItem, TestItem];

/** By name first; what is left of the old ones may be called otherwise now, where it checks as much. */
function pair(before: readonly TestItem[], after: readonly TestItem[]) {
  const added = [...after];
  const pairs: Pair[] = [];
  const take = (fits: (item: TestItem) => boolean): TestItem | undefined => {
    const at = added.findIndex(fits);
    return at < 0 ? undefined : added.splice(at, 1)[0];
  };
  const unnamed = before.filter((old) => {
    const now = take((item) => item.kind === old.kind && item.name === old.name);
    if (now !== undefined) pairs.push([old, now]);
    return now === undefined;
  });
  const removed = unnamed.filter((old) => {
    const now = take(
      (item) => item.kind === old.kind && item.checks >= old.checks && (item.skipped === undefined || old.skipped !== undefined),
    );
    if (now !== undefined) pairs.push([old, now]);
    return now === undefined;
  });
  // A group that is dissolved takes nothing along: its tests are counted themselves.
  return { pairs, added, removed: removed.filter(({ kind }) => kind === "test") };
}

function lessIn(old: TestItem, now: TestItem): readonly string[] {
  const { name } = now;
  if (now.skipped !== undefined && old.skipped === undefined) return [`no longer runs “${name}” (${now.skipped})`];
  if (now.only && !old.only) return [`runs only “${name}”`];
  if (now.empty && !old.empty) return [`empties the test “${name}”`];
  if (now.checks < old.checks) return [`takes ${old.checks - now.checks} of ${old.checks} assertions out of “${name}”`];
  if (now.swallowed > old.swallowed) return [`catches what fails in “${name}”`];
  return now.checks === old.checks && now.strength < old.strength ? [`weakens an assertion of “${name}”`] : [];
}

/** Compared in their order where there are as many; else only where the most lenient one got more so. */
function moreLenient(before: readonly Leniency[], after: readonly Leniency[]): readonly string[] {
  return (["timeout", "tolerance", "retries"] as const).flatMap((what) => {
    const [old, now] = [before, after].map((list) => (list ?? []).filter((one) => one.what === what));
    if (old === undefined || now === undefined) return [];
    const words = { timeout: "raises a timeout", tolerance: "widens a tolerance", retries: "lets tests fail and try again" }[
      what
    ];
    if (old.length === now.length) {
      const at = now.findIndex((one, index) => one.value > (old[index]?.value ?? Infinity));
      return at < 0 ? [] : [`${words} (${old[at]?.written} → ${now[at]?.written})`];
    }
    const most = Math.max(...old.map(({ value }) => value));
    const more = now.find(({ value }) => value > most);
    return what === "tolerance" || more === undefined || now.length < old.length ? [] : [`${words} (${more.written})`];
  });
}
