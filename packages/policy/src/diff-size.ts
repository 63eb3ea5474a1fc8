/** Diff size: how many files and lines a turn and a change set may have. Who counts what has landed is not its business. */
import type { NearLimit } from "@twolane/protocol";
import type { ChangeTotals, FileChange, Finding, HunkContext, HunkFacts } from "./facts.ts";
import { type PathMatcher, matchFolded } from "./globs.ts";
import type { Refusal } from "./judge.ts";
import { type Placed, because, placedRules, sourceOf } from "./layers.ts";
import type { DiffRule, Limit, PolicyLayer } from "./rules.ts";

export interface DiffSizeRules {
  hunk(facts: HunkFacts, context: HunkContext): readonly Refusal[];
  /** Of the change set as a whole. A turn is not known at commit and in CI, so its limits do not count there. */
  change(files: readonly FileChange[], context: Pick<HunkContext, "lane">): readonly Finding[];
  /** The limit that is used up most, from four fifths of it on. */
  near(context: Pick<HunkContext, "lane" | "turn" | "changeSet">): NearLimit | undefined;
}

const nearFrom = 0.8;

export function compileDiffSize(layers: readonly PolicyLayer[]): DiffSizeRules {
  const rules = placedRules(layers, ({ diff }) => diff).map((placed) => new SizeRule(placed));
  return {
    hunk: (facts, context) =>
      rules.flatMap((rule) => {
        const totals = rule.per === "turn" ? context.turn : context.changeSet;
        return totals === undefined ? [] : rule.after(facts, context.lane, totals);
      }),
    change: (files, { lane }) => rules.flatMap((rule) => (rule.per === "turn" ? [] : rule.whole(files, lane))),
    near({ lane, turn, changeSet }) {
      const shares = rules.flatMap((rule) => {
        const totals = rule.per === "turn" ? turn : changeSet;
        return totals === undefined ? [] : rule.near(totals, lane);
      });
      return shares.toSorted((one, other) => other.now / other.limit - one.now / one.limit)[0];
    },
  };
}

class SizeRule {
  readonly per: DiffRule["per"];
  private readonly placed: Placed<DiffRule>;
  private readonly isExcepted: PathMatcher;
  private readonly counted = new Map<string, boolean>();

  constructor(placed: Placed<DiffRule>) {
    this.placed = placed;
    this.per = placed.rule.per;
    this.isExcepted = matchFolded(placed.rule.except);
  }

  /** With one more hunk: what is too much then. */
  after(facts: HunkFacts, lane: HunkContext["lane"], totals: ChangeTotals): Refusal[] {
    const paths = pathsOf(facts).filter((path) => this.counts(path));
    if (!this.isFor(lane) || paths.length === 0) return [];
    const lines = facts.added.length + facts.removed.length;
    const sums = this.sumOf(totals);
    const more = paths.filter((path) => !totals.has(path)).length;
    return this.refusals({ files: sums.files + more, lines: sums.lines + lines });
  }

  near(totals: ChangeTotals, lane: HunkContext["lane"]): NearLimit[] {
    if (!this.isFor(lane)) return [];
    const { rule } = this.placed;
    const sums = this.sumOf(totals);
    return (["files", "lines"] as const).flatMap((unit) => {
      const limit = rule[unit]?.hold ?? rule[unit]?.block;
      const isNear = limit !== undefined && sums[unit] > 0 && sums[unit] >= nearFrom * limit;
      return isNear ? [{ per: this.what, unit, now: sums[unit], limit }] : [];
    });
  }

  private get what(): NearLimit["per"] {
    return this.per === "turn" ? "turn" : "change set";
  }

  private sumOf(totals: ChangeTotals): { readonly files: number; readonly lines: number } {
    const sums = { files: 0, lines: 0 };
    for (const [path, count] of totals) {
      if (!this.counts(path)) continue;
      sums.files++;
      sums.lines += count;
    }
    return sums;
  }

  whole(files: readonly FileChange[], lane: HunkContext["lane"]): Finding[] {
    if (!this.isFor(lane)) return [];
    const sums = { files: 0, lines: 0 };
    let largest: { path: string; lines: number } | undefined;
    for (const { path, from, hunks } of files) {
      if (!this.counts(path)) continue;
      const lines = hunks.reduce((sum, { added, removed }) => sum + added.length + removed.length, 0);
      sums.files += from !== undefined && from !== path && this.counts(from) ? 2 : 1;
      sums.lines += lines;
      if (largest === undefined || lines > largest.lines) largest = { path, lines };
    }
    const path = largest?.path;
    return path === undefined ? [] : this.refusals(sums).map((verdict) => ({ path, line: 0, verdict }));
  }

  private isFor(lane: HunkContext["lane"]): boolean {
    const { rule } = this.placed;
    return rule.lane === undefined || rule.lane === lane;
  }

  private counts(path: string): boolean {
    let counts = this.counted.get(path);
    if (counts === undefined) {
      // A path is asked for again with each hunk of its turn; the memory is for speed, so it may be forgotten.
      if (this.counted.size >= 4096) this.counted.clear();
      this.counted.set(path, (counts = !this.isExcepted(path)));
    }
    return counts;
  }

  private refusals(sums: { readonly files: number; readonly lines: number }): Refusal[] {
    const { files, lines } = this.placed.rule;
    return [...this.over("files", sums.files, files), ...this.over("lines", sums.lines, lines)];
  }

  private over(unit: "files" | "lines", sum: number, limit: Limit | undefined): Refusal[] {
    const { rule } = this.placed;
    const decision = sum > (limit?.block ?? Infinity) ? "block" : sum > (limit?.hold ?? Infinity) ? "hold" : undefined;
    if (decision === undefined) return [];
    const { what } = this;
    return [
      {
        decision,
        rule: rule.name,
        reason: because(`the ${what} would change ${sum} ${unit}; ${limit?.[decision]} are allowed`, rule),
        wayOut: decision === "hold" ? "Split the request, or have a person say yes." : "Split the request.",
        subject: `${unit} per ${what}`,
        source: sourceOf(this.placed),
      },
    ];
  }
}

const pathsOf = ({ path, movedTo }: HunkFacts): string[] => (movedTo === undefined ? [path] : [path, movedTo]);
