/** Verdicts of the guardrails in one session: how often each rule held or blocked something, and what a person said to it. */
import type { HunkId } from "../hunk.ts";
import type { KpiInput, Scene } from "./fold.ts";
import type { VerdictCount } from "./report-data.ts";

/** What a hunk waits for by the way of working, not because anything is wrong with it. */
const waits: ReadonlySet<string> = new Set(["plan", "step", "deep", "depends", "conflict", "concurrent-edit"]);

type Answer = "allowed" | "rejected";

/** A hunk or a command that was held, by each rule once. */
interface Held {
  readonly lane: string;
  /** Absent answer: nobody has said anything. */
  readonly rules: Map<string, Answer | undefined>;
}

export class Verdicts {
  private readonly hunks = new Map<HunkId, Held>();
  private readonly commands = new Map<string, Held>();

  take(event: KpiInput, scene: Scene): void {
    switch (event.type) {
      case "hunk.held": {
        const { hunk, verdict } = event;
        if (waits.has(verdict.rule)) return;
        const lane = hunk.job === undefined ? scene.lane : "deep";
        return answerRule(heldIn(this.hunks, hunk.id, lane), verdict.rule);
      }
      case "hunk.allowed":
        for (const { rule } of event.rules)
          if (!waits.has(rule))
            answerRule(heldIn(this.hunks, event.hunk, scene.lane), rule, event.for === "never" ? "rejected" : "allowed");
        return;
      case "hunk.landed":
        return answerAll(this.hunks.get(event.hunk.id), "allowed");
      case "hunk.rejected":
        return answerAll(this.hunks.get(event.hunk), "rejected");
      case "command.held":
        return answerRule(heldIn(this.commands, event.call, scene.lane), event.verdict.rule);
      case "command.answered":
        return answerAll(this.commands.get(event.call), event.answer === "no" ? "rejected" : "allowed");
      default:
    }
  }

  counts(): readonly VerdictCount[] {
    const told = [...this.hunks.values(), ...this.commands.values()].flatMap(({ lane, rules }) =>
      [...rules].map(([rule, answer]) => ({
        ...{ rule, lane, told: 1 },
        ...{ allowed: answer === "allowed" ? 1 : 0, rejected: answer === "rejected" ? 1 : 0 },
      })),
    );
    return sumVerdicts(told);
  }
}

/** Of several sessions or people; those that speak most first. */
export function sumVerdicts(...lists: readonly (readonly VerdictCount[])[]): readonly VerdictCount[] {
  const sums = new Map<string, VerdictCount>();
  for (const { rule, lane, told, allowed, rejected } of lists.flat()) {
    const key = JSON.stringify([rule, lane]);
    const sum = sums.get(key) ?? { rule, lane, told: 0, allowed: 0, rejected: 0 };
    sums.set(key, { ...sum, told: sum.told + told, allowed: sum.allowed + allowed, rejected: sum.rejected + rejected });
  }
  const name = ({ rule, lane }: VerdictCount): string => `${rule} ${lane}`;
  return [...sums.values()].sort((one, other) => other.told - one.told || (name(one) < name(other) ? -1 : 1));
}

function heldIn<Id>(all: Map<Id, Held>, id: Id, lane: string): Held {
  const held = all.get(id) ?? { lane, rules: new Map<string, Answer | undefined>() };
  all.set(id, held);
  return held;
}

/** Held again is not held twice; the first answer stays. */
function answerRule({ rules }: Held, rule: string, answer?: Answer): void {
  rules.set(rule, rules.get(rule) ?? answer);
}

function answerAll(held: Held | undefined, answer: Answer): void {
  for (const rule of held?.rules.keys() ?? []) answerRule(held!, rule, answer);
}
