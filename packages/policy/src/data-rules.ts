/** Data classes by path: who may see a file, and what the audit keeps of it. What a secret is, `secrets/` knows. */
import type { Reader } from "./facts.ts";
import { fold, matchOfFolded } from "./globs.ts";
import type { Refusal } from "./judge.ts";
import { because, placedRules, sourceOf } from "./layers.ts";
import type { AuditContent, DataRule, PolicyLayer } from "./rules.ts";

export interface DataRules {
  read(path: string, reader: Reader): readonly Refusal[];
  /** The least that a class of this path allows the audit to keep; undefined: none says anything. */
  audit(path: string): AuditContent | undefined;
}

const contents: readonly AuditContent[] = ["none", "hash", "full"];

export function compileDataRules(layers: readonly PolicyLayer[]): DataRules {
  const rules = placedRules(layers, ({ data }) => data).map((placed) => ({
    ...placed,
    source: sourceOf(placed),
    matches: matchOfFolded(placed.rule.paths),
  }));
  const of = (path: string) => {
    const folded = fold(path);
    return rules.filter(({ matches }) => matches(folded));
  };
  return {
    read: (path, reader) =>
      of(path).flatMap(({ rule, source }) => {
        const fault = faultOf(rule, reader);
        if (fault === undefined) return [];
        const reason = because(`${path} is ${rule.dataClass} data, and ${fault}`, rule);
        const wayOut = "Do without it, or use a model that may see it.";
        return [{ decision: "block", rule: rule.name, reason, wayOut, subject: path, source }];
      }),
    audit: (path) => {
      const said = of(path).flatMap(({ rule }) => rule.audit ?? []);
      return contents.find((content) => said.includes(content));
    },
  };
}

/** Why this reader may not see it; what is not known counts as no. */
function faultOf({ lanes, providers, regions, noRetention }: DataRule, reader: Reader): string | undefined {
  if (lanes && !lanes.includes(reader.lane)) return `only the ${lanes.join(" and ")} lane may see it`;
  if (providers && !providers.includes(reader.provider))
    return `only ${providers.join(" and ")} may see it, not ${reader.provider}`;
  if (regions && (reader.region === undefined || !regions.includes(reader.region)))
    return `it stays in ${regions.join(" and ")}; ${reader.provider} is ${reader.region ?? "in no known region"}`;
  if (noRetention && !reader.keepsNothing) return `${reader.provider} is not known to keep nothing`;
  return undefined;
}
