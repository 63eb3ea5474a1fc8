/** The lock files of npm, pnpm and yarn (1 and later), each as its tool writes it. */
import {
  type Fields,
  type Lock,
  type OwnPackage,
  type Resolved,
  type SourceKind,
  baseName,
  fieldsOf,
  hostOf,
  isFields,
  parseJson,
  textOf,
} from "./ecosystem.ts";
import { type Branch, branchOf, readIndented, unquoted, valueOf } from "./indented.ts";

export const npmLockNames: readonly string[] = ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock"];

export function readNpmLock(text: string, path: string): Lock | undefined {
  switch (baseName(path)) {
    case "pnpm-lock.yaml":
      return readPnpm(readIndented(text));
    case "yarn.lock":
      return readYarn(readIndented(text));
    default:
      return readPackageLock(text);
  }
}

function readPackageLock(text: string): Lock | undefined {
  const lock = parseJson(text);
  if (lock === undefined) return undefined;
  const packages = lock["packages"];
  return isFields(packages) ? readPackages(packages) : { resolved: readTree(fieldsOf(lock["dependencies"])) };
}

/** Versions 2 and 3: one entry a folder. */
function readPackages(packages: Fields): Lock {
  const resolved: Resolved[] = [];
  const own: OwnPackage[] = [];
  for (const [folder, value] of Object.entries(packages)) {
    const entry = fieldsOf(value);
    const requires = Object.keys({
      ...fieldsOf(entry["dependencies"]),
      ...fieldsOf(entry["devDependencies"]),
      ...fieldsOf(entry["optionalDependencies"]),
      ...fieldsOf(entry["peerDependencies"]),
    });
    const at = folder.lastIndexOf("node_modules/");
    if (at === -1) {
      own.push({ folder, requires });
      continue;
    }
    const slot = folder.slice(at + "node_modules/".length);
    resolved.push({
      name: slot,
      version: textOf(entry["version"]),
      script: entry["hasInstallScript"] === true,
      requires,
      ...(entry["link"] === true
        ? { kind: "workspace", origin: textOf(entry["resolved"]) }
        : aliasOr(slot, textOf(entry["name"]), textOf(entry["resolved"]))),
    });
  }
  return { resolved, own };
}

const aliasOr = (slot: string, name: string, address: string): Pick<Resolved, "kind" | "origin"> =>
  name !== "" && name !== slot ? { kind: "alias", origin: `npm:${name}` } : sourceOf(address);

/** Version 1: a tree. */
function readTree(dependencies: Fields): readonly Resolved[] {
  return Object.entries(dependencies).flatMap(([name, value]): readonly Resolved[] => {
    const entry = fieldsOf(value);
    return [
      {
        name,
        version: textOf(entry["version"]),
        script: false,
        requires: Object.keys(fieldsOf(entry["requires"])),
        ...sourceOf(textOf(entry["resolved"]) || (/^[a-z+]+:/.test(textOf(entry["version"])) ? textOf(entry["version"]) : "")),
      },
      ...readTree(fieldsOf(entry["dependencies"])),
    ];
  });
}

function sourceOf(address: string): Pick<Resolved, "kind" | "origin"> {
  if (address === "") return { kind: "registry", origin: "" };
  if (address.startsWith("file:")) return { kind: "path", origin: address };
  if (/^git|\.git(#|$)|codeload\.github\.com/.test(address)) return { kind: "git", origin: address.replace(/#.*$/, "") };
  // Registries serve `name/-/name-version.tgz`.
  return { kind: address.includes("/-/") || !/\.(tgz|tar\.gz)/.test(address) ? "registry" : "url", origin: hostOf(address) };
}

const npmRange = (spec: string): string => spec.replace(/\(.*$/, "");

/** `/name/1.0.0`, `/name@1.0.0(peer@2)`, `name@1.0.0`. */
function splitPnpm(key: string): readonly [name: string, version: string] {
  const plain = npmRange(key).replace(/^\//, "");
  const at = plain.indexOf("@", 1);
  if (at > 0) return [plain.slice(0, at), plain.slice(at + 1)];
  const slash = plain.lastIndexOf("/");
  return [plain.slice(0, slash), plain.slice(slash + 1)];
}

function readPnpm(branches: readonly Branch[]): Lock {
  const importers = branchOf(branches, "importers")?.branches ?? [{ key: ".", value: "", items: [], branches }];
  const groups = ["dependencies", "devDependencies", "optionalDependencies"];
  const own = importers.map((importer) => ({
    folder: importer.key,
    requires: groups.flatMap((group) => branchOf(importer.branches, group)?.branches.map(({ key }) => key) ?? []),
  }));
  const snapshots = branchOf(branches, "snapshots")?.branches;
  const requiresOf = new Map<string, string[]>();
  const packages = branchOf(branches, "packages")?.branches ?? [];
  for (const { key, branches: parts } of snapshots ?? packages) {
    const names = groups.flatMap((group) => branchOf(parts, group)?.branches.map((branch) => branch.key) ?? []);
    requiresOf.set(npmRange(key), [...(requiresOf.get(npmRange(key)) ?? []), ...names]);
  }
  const resolved = packages.map(({ key, branches: parts }): Resolved => {
    const [name, version] = splitPnpm(key);
    const [, tarball = ""] = /tarball:\s*([^,}\s]+)/.exec(valueOf(parts, "resolution")) ?? [];
    const [, repository = ""] = /repo:\s*([^,}\s]+)/.exec(valueOf(parts, "resolution")) ?? [];
    return {
      name,
      version,
      script: valueOf(parts, "requiresBuild") === "true",
      requires: requiresOf.get(npmRange(key)) ?? [],
      ...pnpmSource(repository || tarball || version),
    };
  });
  return { resolved, own };
}

function pnpmSource(address: string): Pick<Resolved, "kind" | "origin"> {
  if (!/^[a-z+]+:/.test(address)) return { kind: "registry", origin: "" };
  return sourceOf(address.replace(/^url:/, ""));
}

function readYarn(branches: readonly Branch[]): Lock {
  const resolved: Resolved[] = [];
  const own: OwnPackage[] = [];
  for (const { key, branches: parts } of branches) {
    if (key === "__metadata") continue;
    const [first = ""] = key.split(/,\s*/);
    const name = descriptorName(unquoted(first.replaceAll('"', "")));
    const requires = ["dependencies", "optionalDependencies", "peerDependencies"].flatMap(
      (group) => branchOf(parts, group)?.branches.map((branch) => branch.key) ?? [],
    );
    const resolution = valueOf(parts, "resolution");
    const [, folder] = /@workspace:(.*)$/.exec(resolution) ?? [];
    if (folder !== undefined) own.push({ folder, requires });
    resolved.push({
      name,
      version: valueOf(parts, "version"),
      script: false,
      requires,
      ...yarnSource(resolution, valueOf(parts, "resolved"), name),
    });
  }
  // Yarn 1 does not say what the repository's own packages ask for.
  return own.length > 0 ? { resolved, own } : { resolved };
}

function yarnSource(resolution: string, address: string, name: string): { kind: SourceKind; origin: string } {
  if (resolution === "") return sourceOf(address.replace(/#[0-9a-f]{40}$/, ""));
  const reference = resolution.slice(resolution.indexOf("@", 1) + 1);
  if (reference.startsWith("workspace:")) return { kind: "workspace", origin: reference.slice("workspace:".length) };
  if (reference.startsWith("npm:")) {
    const real = descriptorName(resolution);
    return real === name ? { kind: "registry", origin: "" } : { kind: "alias", origin: `npm:${real}` };
  }
  // Yarn's own corrections of some packages.
  if (reference.includes("!builtin<")) return { kind: "registry", origin: "" };
  if (/^(file|link|portal|patch|exec):/.test(reference)) return { kind: "path", origin: reference.split("::")[0] ?? "" };
  return sourceOf(reference);
}

const descriptorName = (descriptor: string): string => descriptor.slice(0, descriptor.indexOf("@", 1)) || descriptor;
