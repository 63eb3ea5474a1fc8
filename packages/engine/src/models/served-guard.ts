/** Ends an answer at its start when a rule does not let another model or service tier answer than was asked for. */
import { type Verdict, failure } from "@twolane/protocol";
import type { ModelEvent, ModelRun, ModelSession } from "./models.ts";
import { isSameModel } from "./served-model.ts";

export interface ServedGuard {
  readonly asked: { readonly name: string; readonly serviceTier?: string };
  readonly judge: (facts: { readonly kind: "model" | "tier"; readonly asked: string; readonly served: string }) => Verdict;
  /** Somebody is there: what was held once goes on when they say it again. */
  readonly asks: boolean;
}

type Started = Extract<ModelEvent, { kind: "started" }>;

export function guardServed(session: ModelSession, { asked, judge, asks }: ServedGuard): ModelSession {
  const told = new Set<string>();
  const refusalOf = ({ model, serviceTier }: Started): ModelEvent | undefined => {
    const wanted = asked.serviceTier;
    const verdicts = [
      ...(isSameModel(asked.name, model) ? [] : [judge({ kind: "model", asked: asked.name, served: model })]),
      ...(wanted === undefined || wanted === "auto" || serviceTier === undefined || serviceTier === wanted
        ? []
        : [judge({ kind: "tier", asked: wanted, served: serviceTier })]),
    ];
    for (const verdict of verdicts) {
      if (verdict.decision === "allow") continue;
      const held = verdict.decision === "hold";
      const said = `${verdict.subject ?? ""} ${verdict.source ?? ""}`;
      if (held && asks && told.has(said)) continue;
      told.add(said);
      const code = held ? "SERVED_HELD" : "SERVED_BLOCKED";
      const place = verdict.source === undefined ? "" : ` (${verdict.source})`;
      return {
        kind: "ended",
        ending: "failed",
        failure: failure(code, `${capital(verdict.reason)}${place}; nothing of the answer was used.`),
      };
    }
    return undefined;
  };
  return {
    ...{ model: session.model, capabilities: session.capabilities },
    prewarm: (request) => session.prewarm(request),
    ...(session.unchanged && { unchanged: () => session.unchanged?.() ?? Promise.resolve(false) }),
    close: () => session.close(),
    respond(request, onEvent): ModelRun {
      let over = false;
      const run = session.respond(request, (event) => {
        if (over) return;
        onEvent(event);
        const refused = event.kind === "started" ? refusalOf(event) : undefined;
        if (refused === undefined) return;
        over = true;
        run.stop();
        onEvent(refused);
      });
      return run;
    },
  };
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
