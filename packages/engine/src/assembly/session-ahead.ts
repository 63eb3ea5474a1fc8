/** The turn before Enter in a session: what it is allowed by configuration, and where its hunks are tried: on the files, in memory. */
import type { EventBody, ReviewMode } from "@twolane/protocol";
import { AheadDesk, type AheadWishes } from "../ahead/ahead-desk.ts";
import type { SecretScreen } from "../guard/secret-screen.ts";
import type { Loop } from "../loop/loop.ts";
import { readModelConfig } from "../models/catalog.ts";
import { type LandingPlan, openLander } from "./landing.ts";
import { type Environment, readCatalogInput } from "./place.ts";

export interface AheadParts {
  readonly env: Environment;
  readonly plan: LandingPlan;
  readonly screen: SecretScreen;
  readonly loop: () => Loop;
  readonly mode: () => ReviewMode;
  readonly emit: (event: EventBody) => void;
}

const wastedByDefault = 20_000;

export function openAhead({ env, plan, screen, loop, mode, emit }: AheadParts): AheadDesk {
  return new AheadDesk({
    wishes: wishesOf(env),
    isFree: () => loop().isIdle && mode() !== "plan",
    holdsSecret: (text) => screen.holds(text),
    requestFor: (text) => loop().requestFor(text),
    openPreview: (kit, onEvent) => {
      const turn = `t${loop().turnNumber + 1}`;
      let hunks = 0;
      const lander = openLander(forPreview(plan), { mode: "turn", dryRun: true }, onEvent);
      const isMessage = kit.model.capabilities.editForm === "message";
      return kit.edits.openStream({ lander, isMessage, turn, nextHunk: () => `draft-${++hunks}`, onEvent: () => undefined });
    },
    emit,
  });
}

/** The judge without a memory: what it is asked about a draft counts for nothing later, and nobody is asked. */
function forPreview(plan: LandingPlan): LandingPlan {
  const judge = {
    ...plan.guard.judge,
    admit: () => undefined,
    show: () => undefined,
    wasHeld: () => false,
    neverOf: () => undefined,
  };
  return { ...plan, guard: { ...plan.guard, judge, gate: undefined } };
}

/** A configuration that cannot be read has been told of by whoever chose the model. */
function wishesOf(env: Environment): AheadWishes {
  const config = readModelConfig(readCatalogInput(env));
  const { drafts = "instant", wasted = wastedByDefault } = config.ok ? config.value.ahead : {};
  return { drafts, wasted };
}
