/** uv: its lock file. Its manifest is pyproject.toml, which is read as pip's is. */
import {
  type EcosystemReader,
  type Lock,
  type OwnPackage,
  type Resolved,
  baseName,
  fieldsOf,
  hostOf,
  textOf,
} from "./ecosystem.ts";
import { pip } from "./pip.ts";
import { canonicalName, parseToml } from "./python.ts";

export const uv: EcosystemReader = {
  ecosystem: "uv",
  readsLike: pip,
  lockNames: ["uv.lock"],
  notesSpecs: true,
  manifestNames: ["pyproject.toml"],
  kindOf: (path) => (baseName(path) === "uv.lock" ? "lock" : undefined),
  manifest: () => undefined,
  lock: readUvLock,
  canonical: canonicalName,
  isCode: () => false,
  unlisted: () => [],
};

function readUvLock(text: string): Lock | undefined {
  const toml = parseToml(text);
  if (toml === undefined) return undefined;
  const packages = Array.isArray(toml["package"]) ? toml["package"].map(fieldsOf) : [];
  const own: OwnPackage[] = [];
  const resolved = packages.map((entry): Resolved => {
    const lists = [
      entry["dependencies"],
      ...Object.values(fieldsOf(entry["optional-dependencies"])),
      ...Object.values(fieldsOf(entry["dev-dependencies"])),
    ];
    const requires = lists.flatMap((list) => (Array.isArray(list) ? list.map((item) => textOf(fieldsOf(item)["name"])) : []));
    const source = sourceOf(fieldsOf(entry["source"]));
    if (source.kind === "workspace") own.push({ folder: source.origin, requires });
    return { name: textOf(entry["name"]), version: textOf(entry["version"]), script: false, requires, ...source };
  });
  return { resolved, own };
}

function sourceOf(source: ReturnType<typeof fieldsOf>): Pick<Resolved, "kind" | "origin"> {
  if ("editable" in source || "virtual" in source)
    return { kind: "workspace", origin: textOf(source["editable"]) || textOf(source["virtual"]) };
  if ("git" in source) return { kind: "git", origin: textOf(source["git"]).replace(/[?#].*$/, "") };
  if ("url" in source) return { kind: "url", origin: textOf(source["url"]) };
  if ("path" in source || "directory" in source)
    return { kind: "path", origin: textOf(source["path"]) || textOf(source["directory"]) };
  return { kind: "registry", origin: hostOf(textOf(source["registry"])) };
}
