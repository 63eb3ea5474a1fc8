/**
 * From what files say to what counts: presets put in, defaults underneath, settings of several layers made one. How a rule decides
 * is its family's business.
 */
import { defaultSettings, permissionsRule, presets } from "./presets.ts";
import type {
  AuditSettings,
  FormatSettings,
  PolicyLayer,
  PolicyRules,
  RuleHead,
  SecretSettings,
  TelemetrySettings,
  TestSettings,
} from "./rules.ts";
import { layerKinds } from "./rules.ts";

/** A rule and the layer that it stands in. */
export interface Placed<Rule extends RuleHead> {
  readonly rule: Rule;
  readonly layer: PolicyLayer;
}

/**
 * The layers of the files, the most binding first, each with the rules of its preset before its own, and last the preset `solo`, which
 * always holds. A rule takes the place of its preset's of the same name, and of the default's as well.
 */
export function allLayers(files: readonly PolicyLayer[]): readonly PolicyLayer[] {
  const layers = files
    .filter(({ kind }) => kind !== "preset")
    .toSorted((a, b) => layerKinds.indexOf(a.kind) - layerKinds.indexOf(b.kind))
    .map(withPreset);
  const own = new Set(layers.filter(({ tightensOnly }) => tightensOnly !== true).flatMap(ownNames));
  const base: PolicyLayer = { kind: "preset", path: "preset solo", ...presets.solo };
  return [...layers, without(base, own)];
}

function withPreset(layer: PolicyLayer): PolicyLayer {
  if (layer.preset === undefined) return layer;
  const preset = without(presets[layer.preset], new Set(ownNames(layer)));
  return {
    ...layer,
    scope: [...preset.scope, ...layer.scope],
    diff: [...preset.diff, ...layer.diff],
    dependencies: [...preset.dependencies, ...layer.dependencies],
    commands: [...preset.commands, ...layer.commands],
    review: [...preset.review, ...layer.review],
    data: [...preset.data, ...layer.data],
    ...(preset.secrets && { secrets: { ...preset.secrets, ...layer.secrets } }),
    ...(preset.tests && { tests: { ...preset.tests, ...layer.tests } }),
    ...(preset.models && { models: { ...preset.models, ...layer.models } }),
    ...(preset.audit && { audit: { ...preset.audit, ...layer.audit } }),
  };
}

/** Of rules that take the place of others. */
const ownNames = (layer: PolicyLayer): string[] => names(layer).filter((name) => name !== permissionsRule);

const names = (rules: PolicyRules): string[] =>
  [rules.scope, rules.diff, rules.dependencies, rules.commands, rules.review, rules.data, rules.lanes ?? []].flatMap((list) =>
    list.map(({ name }) => name),
  );

function without<Rules extends PolicyRules>(rules: Rules, gone: ReadonlySet<string>): Rules {
  const stays = ({ name }: RuleHead): boolean => !gone.has(name);
  return {
    ...rules,
    scope: rules.scope.filter(stays),
    diff: rules.diff.filter(stays),
    dependencies: rules.dependencies.filter(stays),
    commands: rules.commands.filter(stays),
    review: rules.review.filter(stays),
    data: rules.data.filter(stays),
  };
}

/** What a layer nobody has said yes to is left with: it starts nothing and loosens nothing, not even the defaults. */
export function tightenOnly(layer: PolicyLayer): PolicyLayer {
  const { format: _format, audit: _audit, secrets, tests, models, telemetry, ...rest } = layer;
  const isTight = ({ decision }: { readonly decision: string }): boolean => decision !== "allow";
  return {
    ...rest,
    tightensOnly: true,
    dependencies: layer.dependencies.filter(isTight),
    commands: layer.commands.filter(isTight),
    ...(secrets && { secrets: { ...secrets, except: [] } }),
    ...(tests && { tests: tightTests(tests) }),
    ...(models && { models: { ...models, allow: [] } }),
    ...(telemetry?.content === false && { telemetry }),
  };
}

function tightTests({ auto, required, weakened }: Partial<TestSettings>): Partial<TestSettings> {
  return {
    ...(auto === "off" && { auto }),
    ...(required !== undefined && { required }),
    ...(weakened !== undefined && weakened !== "allow" && { weakened }),
  };
}

/** All rules of one section, the most binding layer first. */
export function placedRules<Rule extends RuleHead>(
  layers: readonly PolicyLayer[],
  section: (layer: PolicyLayer) => readonly Rule[],
): Placed<Rule>[] {
  return layers.flatMap((layer) => section(layer).map((rule) => ({ rule, layer })));
}

/** Where a rule stands, as a verdict says it. */
export function sourceOf({ rule, layer }: Placed<RuleHead>): string {
  if (rule.line > 0) return `${layer.path}:${rule.line}`;
  return layer.kind === "preset" || layer.preset === undefined ? layer.path : `${layer.path} (preset ${layer.preset})`;
}

/** The rule's reason behind what was found, where it has one; without its full stop, as whoever tells it goes on behind it. */
export const because = (found: string, { reason }: RuleHead): string =>
  reason === undefined ? found : `${found}: ${reason.replace(/(?<!\.)\.$/, "")}`;

/** The strictest where one is stricter; where it is a matter of taste, the most binding layer that says it. */
export function mergeSettings(layers: readonly PolicyLayer[]): {
  readonly secrets: SecretSettings;
  readonly tests: TestSettings;
  readonly audit: AuditSettings;
  readonly telemetry: TelemetrySettings;
  readonly format?: FormatSettings;
} {
  const secrets = layers.flatMap((layer) => layer.secrets ?? []);
  const tests = layers.flatMap((layer) => layer.tests ?? []);
  const audit = layers.flatMap((layer) => layer.audit ?? []);
  const mayTell = layers.flatMap((layer) => layer.telemetry?.content ?? []);
  const format = layers.find((layer) => layer.format !== undefined)?.format;
  const weakened = (["block", "hold", "allow"] as const).find((one) => tests.some((said) => said.weakened === one));
  return {
    secrets: {
      ...first(secrets, defaultSettings.secrets),
      prompts: secrets.some(({ prompts }) => prompts === "block") ? "block" : "replace",
      edits: secrets.some(({ edits }) => edits === "block") ? "block" : "hold",
      // What a layer excepts loosens no layer above it that speaks of secrets.
      except: secrets[0]?.except ?? [],
    },
    tests: {
      ...first(tests, defaultSettings.tests),
      required: tests.some(({ required }) => required === true),
      weakened: weakened ?? defaultSettings.tests.weakened,
    },
    audit: { ...first(audit, defaultSettings.audit), trailer: audit.some(({ trailer }) => trailer === true) },
    telemetry: { content: mayTell.length > 0 && mayTell.every(Boolean) },
    ...(format && { format }),
  };
}

/** Each key from the first that has it. */
function first<Settings extends object>(said: readonly Partial<Settings>[], otherwise: Settings): Settings {
  return Object.assign({}, otherwise, ...said.toReversed());
}
