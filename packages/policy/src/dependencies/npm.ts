/** npm, pnpm and yarn: package.json, and what else decides where packages come from and what runs at install. */
import {
  type Declared,
  type EcosystemReader,
  type Fields,
  type Manifest,
  type Setting,
  type SourceKind,
  baseName,
  emptyManifest,
  fieldsOf,
  isFields,
  parseJson,
  textOf,
  textsOf,
} from "./ecosystem.ts";
import { isJavaScript, unlistedPackages } from "./npm-imports.ts";
import { npmLockNames, readNpmLock } from "./npm-locks.ts";
import { branchOf, readIndented } from "./indented.ts";

export const npm: EcosystemReader = {
  ecosystem: "npm",
  lockNames: npmLockNames,
  notesSpecs: true,
  manifestNames: ["package.json"],
  kindOf(path) {
    const name = baseName(path);
    if (name in manifests) return "manifest";
    return npmLockNames.includes(name) ? "lock" : undefined;
  },
  manifest: (text, path) => manifests[baseName(path)]?.(text),
  lock: readNpmLock,
  canonical: (name) => name,
  isCode: isJavaScript,
  unlisted: unlistedPackages,
};

const manifests: Readonly<Record<string, (text: string) => Manifest | undefined>> = {
  "package.json": readPackageJson,
  "pnpm-workspace.yaml": readPnpmWorkspace,
  ".npmrc": readNpmrc,
  ".yarnrc": readNpmrc,
  ".yarnrc.yml": readYarnrc,
  ".pnpmfile.cjs": (text) => runs(".pnpmfile.cjs", text),
  "binding.gyp": (text) => runs("node-gyp", text),
};

/** A file that runs as a whole. */
export const runs = (name: string, text: string): Manifest => ({ ...emptyManifest, scripts: [{ name, text }] });

const sections = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
/** npm runs these when somebody installs the package or its dependencies. */
const installScripts = ["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare", "prepublish"];

function readPackageJson(text: string): Manifest | undefined {
  const manifest = parseJson(text);
  if (manifest === undefined) return undefined;
  const pnpm = fieldsOf(manifest["pnpm"]);
  const scripts = fieldsOf(manifest["scripts"]);
  const trusted = [...textsOf(pnpm["onlyBuiltDependencies"]), ...textsOf(manifest["trustedDependencies"])];
  return {
    declared: [
      ...sections.flatMap((section) => declaredIn(section, fieldsOf(manifest[section]))),
      ...overridesIn("overrides", fieldsOf(manifest["overrides"])),
      ...overridesIn("resolutions", fieldsOf(manifest["resolutions"])),
      ...overridesIn("pnpm.overrides", fieldsOf(pnpm["overrides"])),
    ],
    scripts: [
      ...installScripts.flatMap((name) => setting(name, scripts[name])),
      ...trusted.map((name) => ({ name: "scripts allowed of", text: name })),
      ...settings("scripts allowed of", manifest["allowScripts"]),
      ...setting("native build", manifest["gypfile"]),
    ],
    sources: [
      ...setting("registry", fieldsOf(manifest["publishConfig"])["registry"]),
      ...setting("package manager", manifest["packageManager"]),
    ],
  };
}

function setting(name: string, value: unknown): readonly Setting[] {
  return value === undefined || value === false ? [] : [{ name, text: textOf(value) || JSON.stringify(value) }];
}

const settings = (name: string, value: unknown): readonly Setting[] =>
  Object.entries(fieldsOf(value))
    .filter(([, allowed]) => allowed !== false)
    .map(([key]) => ({ name, text: key }));

function declaredIn(section: string, packages: Fields): readonly Declared[] {
  return Object.entries(packages).map(([name, spec]) => ({ name, spec: textOf(spec), section, ...npmSource(textOf(spec)) }));
}

/** Nested maps of npm, `a/b` and `a>b` paths of yarn and pnpm: what counts is the package at the end. */
function overridesIn(section: string, overrides: Fields): readonly Declared[] {
  return Object.entries(overrides).flatMap(([key, value]): readonly Declared[] => {
    if (isFields(value)) return overridesIn(section, value);
    const name = nameOfKey(key.split(">").at(-1) ?? key);
    return [{ name, spec: textOf(value), section: `${section} ${key}`, override: true, ...npmSource(textOf(value)) }];
  });
}

/** The name at the end of a path such as `a/@b/c@^1`. */
function nameOfKey(key: string): string {
  const [name = key] = /(?:@[^/@]+\/)?[^/@]+(?=@[^/]*$|$)/.exec(key) ?? [];
  return name;
}

interface Source {
  readonly kind: SourceKind;
  readonly origin?: string;
}

/** What npm, pnpm and yarn take for something else than a version. */
function npmSource(spec: string): Source {
  const [, scheme = "", rest = ""] = /^([a-z+]+):(.*)$/i.exec(spec) ?? [];
  switch (scheme.toLowerCase()) {
    case "":
      break;
    case "workspace":
      return { kind: "workspace" };
    case "catalog":
      return { kind: "registry" };
    case "npm":
    case "jsr":
      return aliased(scheme, rest);
    case "file":
    case "link":
    case "portal":
    case "exec":
      return { kind: "path", origin: rest };
    case "patch":
      return { kind: "path", origin: rest };
    case "http":
    case "https":
      return /\.git(#|$)/.test(rest) ? gitSource(spec) : { kind: "url", origin: spec };
    default:
      return gitSource(spec);
  }
  if (/^(\.{1,2}|~)?\//.test(spec) || /\.(tgz|tar|tar\.gz)$/.test(spec)) return { kind: "path", origin: spec };
  return /^[\w.-]+@[\w.-]+:|^[^\s@/]+\/[^\s/]+$/.test(spec) ? gitSource(spec) : { kind: "registry" };
}

const gitSource = (spec: string): Source => ({ kind: "git", origin: spec.replace(/#.*$/, "") });

/** `npm:^1.2` says only the version. */
function aliased(scheme: string, rest: string): Source {
  const name = rest.replace(/(?<=.)@[^@/]*$/, "");
  if (/^[\d^~<>=*v]/.test(rest)) return { kind: "registry" };
  return { kind: "alias", origin: `${scheme}:${name}` };
}

/** Catalogs name versions for the manifests of a workspace. */
function readPnpmWorkspace(text: string): Manifest {
  const branches = readIndented(text);
  const catalog = branchOf(branches, "catalog")?.branches ?? [];
  const catalogs = branchOf(branches, "catalogs")?.branches ?? [];
  const declare =
    (section: string) =>
    (branch: { key: string; value: string }): Declared => ({
      name: branch.key,
      spec: branch.value,
      section,
      ...npmSource(branch.value),
    });
  const overrides = Object.fromEntries((branchOf(branches, "overrides")?.branches ?? []).map(({ key, value }) => [key, value]));
  const built = branchOf(branches, "onlyBuiltDependencies")?.items ?? [];
  const allowed = branchOf(branches, "allowBuilds")?.branches.filter(({ value }) => value === "true") ?? [];
  return {
    declared: [
      ...catalog.map(declare("catalog")),
      ...catalogs.flatMap(({ key, branches: entries }) => entries.map(declare(`catalogs ${key}`))),
      ...overridesIn("overrides", overrides),
    ],
    scripts: [...built, ...allowed.map(({ key }) => key)].map((name) => ({ name: "scripts allowed of", text: name })),
    sources: [],
  };
}

const npmrcSource =
  /^\s*((?:@[^:\s]+:)?registry|proxy|https-proxy|strict-ssl|cafile|ca|replace-registry-host)\s*[= ]\s*"?([^"\s]+)/;

function readNpmrc(text: string): Manifest {
  const lines = text.split("\n");
  return {
    ...emptyManifest,
    sources: lines.flatMap((line) => {
      const [, name, value = ""] = npmrcSource.exec(line) ?? [];
      return name === undefined ? [] : [{ name, text: value }];
    }),
    scripts: lines.flatMap((line) => {
      const [, name, value = ""] = /^\s*(ignore-scripts|script-shell|node-options)\s*=\s*(.+)$/.exec(line) ?? [];
      return name === undefined || (name === "ignore-scripts" && value.trim() === "true") ? [] : [{ name, text: value.trim() }];
    }),
  };
}

const yarnrcSources = new Set([
  "npmRegistryServer",
  "npmPublishRegistry",
  "npmScopes",
  "httpProxy",
  "httpsProxy",
  "enableStrictSsl",
]);
const yarnrcScripts = new Set(["yarnPath", "plugins", "enableScripts"]);

function readYarnrc(text: string): Manifest {
  const branches = readIndented(text);
  const settingsOf = (names: ReadonlySet<string>): readonly Setting[] =>
    branches
      .filter(({ key, value }) => names.has(key) && !(key === "enableScripts" && value === "false"))
      .map((branch) => ({ name: branch.key, text: flat(branch) }));
  return { ...emptyManifest, sources: settingsOf(yarnrcSources), scripts: settingsOf(yarnrcScripts) };
}

interface Nested {
  readonly key: string;
  readonly value: string;
  readonly items: readonly string[];
  readonly branches: readonly Nested[];
}

const flat = ({ value, items, branches }: Nested): string =>
  [value, ...items, ...branches.map((branch) => `${branch.key} ${flat(branch)}`)].filter((part) => part !== "").join(" ");
