/** What the numbers were before: from a repository's own commits, whoever made them, for a comparison with a pilot. */
import { type KpiDimensions, type KpiSample, samplesOfCommit } from "@twolane/protocol/kpis";
import type { LoggedCommit, RepositoryLog } from "../host/git-log.ts";
import { type FactsReading, type FoundHunk, factsOf, readChange } from "./commit-facts.ts";

export interface BaselineWish {
  readonly repository: string;
  /** ms since 1970; of the commits' dates on the default branch. */
  readonly from: number;
  readonly to: number;
  /** Commits that are looked at, spread evenly over the time. */
  readonly most: number;
}

export interface Baseline {
  readonly samples: readonly KpiSample[];
  /** Commits of the time, and how many of them were looked at. */
  readonly commits: number;
  readonly looked: number;
}

/** Nobody writes these line by line. */
const generated =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|Cargo\.lock|go\.sum|poetry\.lock|composer\.lock|[^/]*\.min\.(?:js|css)|[^/]*\.map)$/;

/**
 * Lead time begins with the commit here, as git knows no prompt: it is shorter than the same work's lead time with one, and that has to be
 * said beside it.
 */
export async function baselineOf(log: RepositoryLog, wish: BaselineWish, reading: FactsReading): Promise<Baseline> {
  const dimensions: KpiDimensions = { lane: "fast", model: "none", repository: wish.repository };
  const all = log.commits.filter(
    ({ parents, onDefaultAt, files }) =>
      parents.length < 2 && files.length > 0 && onDefaultAt !== undefined && onDefaultAt >= wish.from && onDefaultAt < wish.to,
  );
  const chosen = spread(all, wish.most);
  const samples: KpiSample[] = [];
  for (const commit of chosen) {
    const own = await ownLines(commit, reading);
    const facts = await factsOf({ dimensions, hunks: [own], promptedAt: [commit.authoredAt] }, log, reading);
    samples.push(...samplesOfCommit(facts));
  }
  return { samples, commits: all.length, looked: chosen.length };
}

function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)]!);
}

/** All that a commit added, as if it were one hunk. */
async function ownLines(commit: LoggedCommit, { files }: FactsReading): Promise<FoundHunk> {
  const named = commit.files.filter((file) => !generated.test(file));
  await files.expect(named.flatMap((file) => [commit.hash, ...commit.parents].map((hash) => [hash, file] as const)));
  const lines = new Map<string, readonly number[]>();
  for (const file of named)
    lines.set(
      file,
      (await readChange(commit, file, files)).added.map(({ index }) => index),
    );
  return { sought: { hunk: "", session: "", files: [], landedAt: commit.authoredAt }, commit, lines };
}
