/** Models: another one answers than was asked for. */
import type { ServedCase } from "./cases.ts";

const block = "models: { served: block, allow: [gpt-5*, 'tier:default'] }\n";
const hold = "models: { served: hold }\n";
const model = { kind: "model", asked: "gpt-5-codex", served: "llama-3" } as const;
const tier = { kind: "tier", asked: "priority", served: "flex" } as const;

export const servedCases: readonly ServedCase[] = [
  { name: "models: nothing said", facts: model, decision: "allow" },
  { name: "models: allowed", policy: "models: { served: allow }\n", facts: model, decision: "allow" },
  { name: "models: another model is blocked", policy: block, facts: model, decision: "block", rule: "models" },
  { name: "models: with its maker in front", policy: block, facts: { ...model, served: "openai/GPT-5-mini" }, decision: "allow" },
  { name: "models: one that is let through", policy: block, facts: { ...model, served: "gpt-5-mini" }, decision: "allow" },
  { name: "models: another tier is blocked", policy: block, facts: tier, decision: "block", rule: "models" },
  { name: "models: a tier that is let through", policy: block, facts: { ...tier, served: "default" }, decision: "allow" },
  {
    name: "models: no tier is meant by a model's pattern",
    policy: block,
    facts: { ...tier, served: "gpt-5" },
    decision: "block",
    rule: "models",
  },
  { name: "models: held", policy: hold, facts: model, decision: "hold", rule: "models" },
  {
    name: "models: a project loosens no user",
    above: [{ kind: "user", text: block }],
    policy: "models: { served: allow, allow: ['*'] }\n",
    ...{ facts: model, decision: "block", rule: "models" },
  },
  {
    name: "models: the stricter of two",
    above: [{ kind: "user", text: hold }],
    policy: "models: { served: block }\n",
    ...{ facts: model, decision: "block", rule: "models" },
  },
];
