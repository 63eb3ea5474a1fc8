/**
 * The policy, and what the request of the turn demands, applied to what is about to land: every name of the file (as it was named, and the
 * real one behind it; of a move both ends), with what surrounds the hunk, less what the person has said yes to. Waits for nothing.
 */
import type { Hunk, HunkId, HunkOperation, TurnId, Verdict } from "@twolane/protocol";
import type { ChangeTotals, ConstraintJudge, HunkContext, HunkFacts, PolicyJudge, Refusal, Scope } from "@twolane/policy";
import type { Target } from "../host/workspace.ts";
import type { Allowances } from "./allowances.ts";
import type { SessionTotals } from "./change-totals.ts";

export type Place = Pick<Target, "relative" | "real">;

/** What lands, as bytes would have it and not as its author says. */
export interface JudgedHunk extends Omit<HunkFacts, "path" | "movedTo"> {
  /**
   * A job brings it, and a person takes it: the rules of the deep lane hold for it. What else waits of the job is not proposed to anybody
   * at once, and taking much of it is no turn of too much.
   */
  readonly fromDeepLane?: true;
  readonly id: HunkId;
  readonly turn: TurnId;
  readonly operation: HunkOperation;
  readonly from: Place;
  /** Only of a move. */
  readonly to?: Place;
  /** A file as the turn leaves it so far; undefined where the turn has not touched it. */
  readonly touched: (path: string) => { readonly text: string | undefined } | undefined;
  /** All that the turn has read, as it found them and leaves them so far. */
  readonly rest?: HunkContext["rest"];
}

/** Of a hunk that still streams: its lines since it was last asked about, and how many came before. */
export interface OpenHunk {
  readonly turn: TurnId;
  readonly place: Place;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly linesBefore: number;
}

export interface HunkJudge {
  /** What is against a path, whatever happens to it in this turn. */
  path(place: Place, turn?: TurnId): readonly Refusal[];
  hunk(hunk: JudgedHunk): readonly Refusal[];
  open(hunk: OpenHunk): readonly Refusal[];
  /** It has its place: it counts for the size of the diff from now on. */
  admit(hunk: Hunk): void;
  /** Less what the person has said yes to in this hunk. */
  withoutConsent(hunk: HunkId, refusals: readonly Refusal[]): readonly Refusal[];
  /** The person sees this of a held hunk: a yes is one to these. */
  show(hunk: HunkId, refusals: readonly Refusal[]): void;
  /** Whether this was asked about the same change before. */
  wasHeld(print: string): boolean;
  /** The one of which the person has said that it is never to be asked about. */
  neverOf(refusals: readonly Refusal[]): Refusal | undefined;
}

export interface HunkJudgeDeps {
  readonly policy: Pick<PolicyJudge, "path" | "refusals">;
  /** Asked for each hunk: it may change while the session runs. */
  readonly scope: () => Scope;
  /** What the request of a turn demands of its hunks, also of those that land later. Absent: nothing. */
  readonly constraints?: (turn: TurnId) => ConstraintJudge | undefined;
  readonly lane: HunkContext["lane"];
  readonly totals: SessionTotals;
  readonly allowances: Allowances;
  readonly fileText: HunkContext["fileText"];
  /** Absent: not known. */
  readonly hasFile?: (path: string) => boolean;
}

export function createHunkJudge(deps: HunkJudgeDeps): HunkJudge {
  const { policy, scope, constraints = unknown, lane, totals, allowances, fileText, hasFile } = deps;
  const left = (refusals: readonly Refusal[]): readonly Refusal[] => allowances.without(once(refusals));
  return {
    path(place, turn = "") {
      const asked = constraints(turn);
      return left(
        namesOf(place).flatMap((path) => refused(path, [policy.path(path), scope()(path), ...(asked?.path(path) ?? [])])),
      );
    },
    hunk({ id, turn, from, to, touched, rest, fromDeepLane = false, ...what }) {
      const textNow = (path: string): string | undefined => {
        const own = touched(path);
        return own === undefined ? fileText(path) : own.text;
      };
      const around = {
        lane: fromDeepLane ? "deep" : lane,
        fileText: textNow,
        ...(hasFile && { hasFile }),
        ...(rest && { rest }),
      } as const;
      const sums = totals.around(id, turn);
      const context = fromDeepLane ? { ...around, changeSet: sums.changeSet } : { ...around, ...sums };
      const proposed = fromDeepLane ? undefined : totals.aroundProposed(id, turn);
      const asked = constraints(turn);
      const ends = to === undefined ? [undefined] : namesOf(to);
      const refusals = namesOf(from).flatMap((path) =>
        ends.flatMap((movedTo) => {
          const facts = { path, ...(movedTo !== undefined && { movedTo }), ...what };
          // What is held does not stand in the way of others, but a hard limit is one for all that is proposed.
          const hard = proposed === undefined ? [] : policy.refusals(facts, { ...around, ...proposed }).filter(isBlock);
          const ofScope = [path, movedTo].flatMap((end) => (end === undefined ? [] : refused(end, [scope()(end)])));
          const ofRequest = asked?.refusals(facts, context) ?? [];
          // What was asked for is said first.
          return [...refused(path, [...ofRequest, ...hard, ...policy.refusals(facts, context)]), ...ofScope];
        }),
      );
      const { operation, added, removed } = what;
      const said = { operation, path: from.real, ...(to && { movedTo: to.real }), added, removed };
      return allowances.withoutAllowed(id, once(refusals), said);
    },
    open({ turn, place, added, removed, linesBefore }) {
      const around = totals.around("", turn);
      return left(
        namesOf(place).flatMap((path) => {
          const facts = { path, operation: "update" as const, line: 0, added, removed, before: unknown, after: unknown };
          const context = {
            ...{ lane, fileText, turnHunks: around.turnHunks },
            turn: withLines(around.turn, path, linesBefore),
            changeSet: withLines(around.changeSet, path, linesBefore),
          };
          const ofRequest = constraints(turn)?.refusals(facts, context) ?? [];
          return refused(path, [...ofRequest, ...policy.refusals(facts, context), scope()(path)]);
        }),
      );
    },
    admit: (hunk) => totals.add(hunk),
    withoutConsent: (hunk, refusals) => allowances.withoutConsent(hunk, refusals),
    show: (hunk, refusals) => allowances.show(hunk, refusals),
    wasHeld: (print) => allowances.wasHeld(print),
    neverOf: (refusals) => allowances.neverOf(refusals),
  };
}

const isBlock = ({ decision }: Refusal): boolean => decision === "block";

const unknown = (): undefined => undefined;

const namesOf = ({ relative, real }: Place): readonly string[] => (relative === real ? [real] : [relative, real]);

/** What a yes is remembered for is the path where the rule says nothing closer. */
function refused(path: string, verdicts: readonly Verdict[]): readonly Refusal[] {
  return verdicts.flatMap((verdict) => (verdict.decision === "allow" ? [] : [{ ...verdict, subject: verdict.subject ?? path }]));
}

const once = (refusals: readonly Refusal[]): readonly Refusal[] =>
  refusals.filter((one, index) => refusals.findIndex((other) => isSame(one, other)) === index);

const isSame = (one: Refusal, other: Refusal): boolean =>
  one.rule === other.rule && one.subject === other.subject && one.decision === other.decision;

function withLines(totals: ChangeTotals, path: string, lines: number): ChangeTotals {
  return lines === 0 ? totals : new Map([...totals, [path, (totals.get(path) ?? 0) + lines]]);
}
