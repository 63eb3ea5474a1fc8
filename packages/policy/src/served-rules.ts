/** What becomes of a turn when another model or service tier answers than the one that was asked for. Whether it is another, the engine knows. */
import { type Verdict, strictest } from "@twolane/protocol";
import type { ServedFacts } from "./facts.ts";
import { fold, matchOfFolded } from "./globs.ts";
import type { PolicyLayer } from "./rules.ts";

/** Each layer that speaks of it decides for itself: what one lets through stays with the others. */
export function compileServedRules(layers: readonly PolicyLayer[]): (facts: ServedFacts) => Verdict {
  const rules = layers.flatMap(({ models, path }) =>
    models?.served === undefined || models.served === "allow"
      ? []
      : [{ decision: models.served, source: path, lets: matchOfFolded([...(models.allow ?? [])]) }],
  );
  return ({ kind, asked, served }) => {
    const name = kind === "tier" ? `tier:${served}` : served;
    const last = name.slice(name.lastIndexOf("/") + 1);
    const what = kind === "tier" ? "the service tier " : "";
    return strictest(
      rules.flatMap(({ decision, source, lets }) => {
        if (lets(fold(name)) || lets(fold(last))) return [];
        const reason = `${what}${served} answers, and ${asked} was asked for`;
        const wayOut = "Ask for what answers, or use another provider.";
        return [{ decision, rule: "models", reason, wayOut, subject: name, source } as const];
      }),
    );
  };
}
