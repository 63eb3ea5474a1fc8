/**
 * How many tests each file had when it last passed, so that a file that has fewer now does not count as passed. What is committed is the person's
 * word: then the new number counts. Pure; where the numbers are kept is decided elsewhere.
 */
import type { Evidence, TestedFile } from "@twolane/protocol";
import { numberOf, parseJson, recordOf, textOf } from "./json.ts";

export type TestCounts = Readonly<Record<string, { readonly count: number; readonly head: string }>>;

export function readCounts(text: string | undefined): TestCounts {
  const entries = Object.entries(recordOf(parseJson(text))).map(([file, value]) => {
    const record = recordOf(value);
    return [file, { count: numberOf(record["count"]), head: textOf(record["head"]) ?? "" }] as const;
  });
  return Object.fromEntries(entries);
}

export interface Counted {
  readonly evidence: Evidence;
  /** Undefined: as they were. */
  readonly counts?: TestCounts;
}

export interface CountingPlace {
  /** Commit that is checked out. */
  readonly head: string;
  readonly changed: readonly string[];
  /** Test files that are not there any more. */
  readonly gone: readonly string[];
  /** A person says that fewer are right. */
  readonly fewer: boolean;
}

export function countTests(before: TestCounts, evidence: Evidence, place: CountingPlace): Counted {
  if (evidence.outcome !== "passed") return { evidence };
  const { head, gone, fewer } = place;
  const changed = new Set(place.changed);
  const isLess = ({ path, ...file }: TestedFile): boolean => {
    const known = before[path];
    if (known === undefined || sumOf(file) >= known.count) return false;
    return changed.has(path) || known.head === head;
  };
  const less = evidence.files.find(isLess);
  const lost = gone.find((file) => before[file] !== undefined);
  if (!fewer && (less !== undefined || lost !== undefined)) {
    const what =
      less === undefined
        ? `${lost} is gone, with its tests.`
        : `${less.path} had ${before[less.path]?.count} tests, now ${sumOf(less)}.`;
    return { evidence: { ...evidence, outcome: "not run", reason: `${what} If that is right: twolane test --fewer` } };
  }
  const counts = Object.fromEntries([
    ...Object.entries(before).filter(([file]) => !gone.includes(file)),
    ...evidence.files.map((file) => [file.path, { count: sumOf(file), head }] as const),
  ]);
  return { evidence, counts };
}

/** A skipped test is there, and is told apart; one that is skipped now and ran before is less. */
const sumOf = ({ passed, failed }: Pick<TestedFile, "passed" | "failed">): number => passed + failed;
