/** A manifest before and after → what was added, changed, taken from elsewhere, made to run. Removing and moving is no change. */
import type { Ecosystem } from "../rules.ts";
import { type Change, type Declared, type EcosystemReader, type Manifest, type Setting, byName } from "./ecosystem.ts";

export interface ManifestPair {
  readonly reader: EcosystemReader;
  readonly path: string;
  readonly ecosystems: readonly Ecosystem[];
  /** Undefined: it cannot be understood. A file that is not there is the empty one. */
  readonly before: Manifest | undefined;
  readonly after: Manifest | undefined;
}

export function manifestChanges(pair: ManifestPair): readonly Change[] {
  const { path, ecosystems, before, after } = pair;
  if (before === undefined || after === undefined) {
    const when = after === undefined ? "cannot be understood" : "could not be understood before";
    return [{ kind: "add", ecosystems, name: "", find: "", reason: `${path} ${when}, so what it adds cannot be told` }];
  }
  return [...declaredChanges(pair, before.declared, after.declared), ...settingChanges(pair, before, after)];
}

/** What was there in the same words, wherever in the file. */
const wording = ({ spec, kind, origin }: Declared): string => JSON.stringify([spec, kind, origin]);

function declaredChanges(pair: ManifestPair, before: readonly Declared[], after: readonly Declared[]): readonly Change[] {
  const { canonical } = pair.reader;
  const known = byName(before, canonical);
  const seen = new Set<string>();
  return after.flatMap((declared): readonly Change[] => {
    const old = known.get(canonical(declared.name)) ?? [];
    const words = wording(declared);
    const once = `${canonical(declared.name)} ${words}`;
    if (declared.kind === "workspace" || seen.has(once)) return [];
    const bends = declared.override === true && !old.some((entry) => entry.override === true && wording(entry) === words);
    if (!bends && old.some((entry) => wording(entry) === words)) return [];
    seen.add(once);
    return [...versionChange(pair, declared, old), ...sourceChange(pair, declared, old)];
  });
}

function versionChange(pair: ManifestPair, declared: Declared, old: readonly Declared[]): readonly Change[] {
  const { name, spec, section, override } = declared;
  const what = `${name}${spec === "" ? "" : ` ${spec}`}`;
  if (override === true)
    return [change(pair, { kind: "change", declared, reason: `${pair.path} forces ${what} (${section.split(" ", 1)[0]})` })];
  if (old.length === 0) return [change(pair, { kind: "add", declared, reason: `${pair.path} adds ${what} to ${section}` })];
  if (old.some((entry) => entry.spec === spec)) return [];
  const was = old[0]?.spec || "any version";
  return [
    change(pair, { kind: "change", declared, reason: `${pair.path} changes ${name} from ${was} to ${spec || "any version"}` }),
  ];
}

function sourceChange(pair: ManifestPair, declared: Declared, old: readonly Declared[]): readonly Change[] {
  const { kind, origin, name } = declared;
  const isPlain = kind === "registry" && origin === undefined;
  if (isPlain ? old.length === 0 : false) return [];
  if (old.some((entry) => entry.kind === kind && entry.origin === origin)) return [];
  const where = isPlain ? "the registry" : kind === "registry" ? (origin ?? "") : `${kindWords[kind]} ${origin ?? ""}`.trim();
  return [change(pair, { kind: "source", declared, reason: `${pair.path} takes ${name} from ${where}` })];
}

const kindWords = {
  registry: "a registry",
  git: "git",
  url: "the address",
  path: "the path",
  alias: "the package",
  workspace: "the workspace",
} as const;

interface Said {
  readonly kind: Change["kind"];
  readonly declared: Declared;
  readonly reason: string;
}

function change({ ecosystems }: ManifestPair, { kind, declared, reason }: Said): Change {
  const { name, spec, origin, kind: source } = declared;
  const where = origin !== undefined && !spec.includes(origin) ? `${source}:${origin}${spec === "" ? "" : `#${spec}`}` : spec;
  return {
    kind,
    ecosystems,
    name,
    subject: subject(ecosystems, `${name}${where === "" ? "" : `@${where}`}`),
    reason,
    find: name,
  };
}

export const subject = ([ecosystem]: readonly Ecosystem[], text: string): string => `${ecosystem ?? "npm"}:${text}`;

function settingChanges(pair: ManifestPair, before: Manifest, after: Manifest): readonly Change[] {
  const { path, ecosystems } = pair;
  const one = (kind: "script" | "source", { name, text }: Setting): Change => {
    const short = text.length > 120 ? `${text.slice(0, 117)}...` : text;
    const says = kind === "script" ? "runs at install or build" : "decides where packages come from";
    // The package that it is about, where there is one.
    const [, about] = /^(?:replace|scripts allowed of) ?(.*)$/.exec(name) ?? [];
    return {
      kind,
      ecosystems,
      name: about === "" ? text : (about ?? ""),
      subject: subject(ecosystems, `${name}=${text}`),
      reason: `${path} sets ${name} to ${JSON.stringify(short)}, which ${says}`,
      find: text.split("\n", 1)[0]?.slice(0, 40) || name,
    };
  };
  return [
    ...fresh(before.scripts, after.scripts).map((setting) => one("script", setting)),
    ...fresh(before.sources, after.sources).map((setting) => one("source", setting)),
  ];
}

function fresh(before: readonly Setting[], after: readonly Setting[]): readonly Setting[] {
  const known = new Set(before.map(({ name, text }) => `${name}=${text}`));
  return after.filter(({ name, text }) => !known.has(`${name}=${text}`));
}
