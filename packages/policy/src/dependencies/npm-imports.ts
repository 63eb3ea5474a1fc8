/** Imports in JavaScript and TypeScript that no package.json around the file names. */
import {
  type AddedCode,
  type Fields,
  type Imported,
  type Surroundings,
  fieldsOf,
  foldersAbove,
  isFields,
  joinPath,
  parseJson,
  textOf,
  textsOf,
} from "./ecosystem.ts";
import { branchOf, readIndented } from "./indented.ts";
import { keepLast } from "./keep-last.ts";
import { importsOf, mayImport } from "./javascript-imports.ts";
import { npmLockNames, readNpmLock } from "./npm-locks.ts";

const code = /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/;

export const isJavaScript = (path: string): boolean => code.test(path);

const builtins = new Set(
  (
    "assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain events fs http " +
    "http2 https inspector module net os path perf_hooks process punycode querystring readline repl stream string_decoder sys " +
    "timers tls trace_events tty url util v8 vm wasi worker_threads zlib"
  ).split(" "),
);

/** Where a package may be fetched from by an import alone. */
const remote = /^(?:https?|npm|jsr):/;

export function unlistedPackages(added: AddedCode, around: Surroundings): readonly Imported[] {
  if (!added.added.some(mayImport) || added.after() === undefined) return [];
  const imports = newImports(added);
  if (imports.length === 0) return [];
  const project = readProject(added.path, around);
  if (project === undefined) return [];
  return imports.flatMap((specifier) => {
    const name = packageOf(specifier);
    if (name === undefined || builtins.has(name) || project.names.has(name)) return [];
    if (project.names.has(typesOf(name)) || isAlias(project, specifier) || isLocal(project, specifier, around)) return [];
    return isOwnPackage(project, name, around) ? [] : [{ name, specifier }];
  });
}

/** What the added lines ask for and the file did not before. */
function newImports({ path, added, before, after }: AddedCode): readonly string[] {
  const isPage = /\.(?:vue|svelte|astro)$/.test(path);
  const now = isPage ? importsOf(scriptsOf(added.join("\n"))) : importsIn(after() ?? "", path);
  const fresh = [...now].filter((specifier) => packageOf(specifier) !== undefined);
  if (fresh.length === 0) return [];
  const old = new Set([...importsIn(before() ?? "", path)].map((specifier) => packageOf(specifier)));
  return fresh.filter((specifier) => !old.has(packageOf(specifier)));
}

const importsIn = keepLast(8, importsOf);

/** Of a page only the lines that look like declarations: an apostrophe in its text must hide nothing. */
const scriptsOf = (lines: string): string =>
  lines
    .split("\n")
    .filter((line) => /^\s*(?:import|export|\}|.*\b(?:require|import)\s*\()/.test(line))
    .join("\n");

/** Undefined for what no registry has: paths, aliases, built-in and virtual modules. */
function packageOf(specifier: string): string | undefined {
  if (remote.test(specifier)) return specifier;
  const [, name] = /^((?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*)(?:\/[^\s]*)?$/i.exec(specifier) ?? [];
  return name === "~" || name?.startsWith("~/") ? undefined : name;
}

const typesOf = (name: string): string => `@types/${name.replace(/^@([^/]+)\//, "$1__")}`;

interface Project {
  readonly path: string;
  /** Packages that the manifests around a file name, and what they call themselves. */
  readonly names: ReadonlySet<string>;
  readonly aliases: readonly string[];
  /** Folders in which a name is looked up first. */
  readonly bases: readonly string[];
  /** Globs of folders with own packages. */
  readonly workspaces: readonly string[];
}

/** Undefined where no manifest stands around the file: then it is of no project. */
function readProject(path: string, around: Surroundings): Project | undefined {
  const names = new Set<string>();
  const aliases: string[] = [];
  const bases: string[] = [];
  const workspaces: string[] = [];
  let manifests = 0;
  for (const folder of foldersAbove(path)) {
    const manifest = manifestIn(folder, around.fileText);
    if (manifest !== undefined) {
      manifests++;
      for (const name of manifest.names) names.add(name);
      workspaces.push(...manifest.workspaces.map((glob) => joinPath(folder, glob)));
    }
    const pnpm = around.fileText(joinPath(folder, "pnpm-workspace.yaml"));
    if (pnpm !== undefined) workspaces.push(...(branchOf(readIndented(pnpm), "packages")?.items ?? []));
    for (const name of ["tsconfig.json", "tsconfig.base.json", "tsconfig.app.json", "jsconfig.json"])
      readCompilerOptions({ folder, name, around, depth: 0 }, { aliases, bases });
  }
  return manifests === 0 ? undefined : { path, names, aliases, bases, workspaces };
}

interface ProjectManifest {
  readonly name: string;
  readonly names: readonly string[];
  readonly workspaces: readonly string[];
}

function manifestIn(folder: string, fileText: Surroundings["fileText"]): ProjectManifest | undefined {
  const path = joinPath(folder, "package.json");
  const text = fileText(path);
  return text === undefined ? undefined : readProjectManifest(text, path);
}

const readProjectManifest = keepLast(64, (text): ProjectManifest | undefined => {
  const manifest = parseJson(text);
  return manifest && { name: textOf(manifest["name"]), names: namesIn(manifest), workspaces: workspacesOf(manifest) };
});

const groups = ["dependencies", "devDependencies", "peerDependencies", "peerDependenciesMeta", "optionalDependencies"];

function namesIn(manifest: Fields): readonly string[] {
  return [textOf(manifest["name"]), ...groups.flatMap((group) => Object.keys(fieldsOf(manifest[group])))];
}

function workspacesOf(manifest: Fields): readonly string[] {
  const workspaces = manifest["workspaces"];
  return textsOf(isFields(workspaces) ? workspaces["packages"] : workspaces);
}

interface OptionsFile {
  readonly folder: string;
  readonly name: string;
  readonly around: Surroundings;
  readonly depth: number;
}

/** `paths` and `baseUrl` of the compiler's options, and of those that they extend. */
function readCompilerOptions(file: OptionsFile, into: { aliases: string[]; bases: string[] }): void {
  const path = joinPath(file.folder, file.name);
  const text = file.around.fileText(path);
  const config = text === undefined ? undefined : readConfig(text, path);
  if (config === undefined) return;
  const options = fieldsOf(config["compilerOptions"]);
  into.aliases.push(...Object.keys(fieldsOf(options["paths"])).filter((alias) => alias !== "*"));
  const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  if (typeof options["baseUrl"] === "string") into.bases.push(joinPath(folder, options["baseUrl"]));
  for (const base of [textOf(config["extends"]), ...textsOf(config["extends"])])
    if (base.startsWith(".") && file.depth < 3)
      readCompilerOptions({ ...file, folder, name: base.endsWith(".json") ? base : `${base}.json`, depth: file.depth + 1 }, into);
}

const readConfig = keepLast(32, (text) => parseJson(withoutComments(text)));

/** Comments and last commas, which the compiler's options may have. Strings stay as they are. */
function withoutComments(text: string): string {
  return text
    .replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (_, quoted?: string) => quoted ?? "")
    .replace(/("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g, (_, quoted?: string) => quoted ?? "");
}

function isAlias({ aliases }: Project, specifier: string): boolean {
  return aliases.some((alias) => {
    const [start = "", end] = alias.split("*");
    return end === undefined ? specifier === alias : specifier.startsWith(start) && specifier.endsWith(end);
  });
}

const endings = [
  "",
  ".ts",
  ".tsx",
  ".js",
  ".jsx",
  ".mjs",
  ".vue",
  ".svelte",
  "/index.ts",
  "/index.tsx",
  "/index.js",
  "/index.jsx",
];

function isLocal({ bases }: Project, specifier: string, { fileText, hasFile }: Surroundings): boolean {
  const exists = hasFile ?? ((path: string) => fileText(path) !== undefined);
  return bases.some((base) => endings.some((ending) => exists(joinPath(base, specifier + ending))));
}

/** One of the repository's own: by its lock file, or by the manifest in a folder that is called as it is. */
function isOwnPackage({ path, workspaces }: Project, name: string, { fileText }: Surroundings): boolean {
  const short = name.slice(name.indexOf("/") + 1);
  for (const glob of workspaces) {
    if (glob.startsWith("!")) continue;
    for (const folder of [glob.replace(/\*\*?$/, short), glob.replace(/\*\*?$/, name.replace("@", "").replace("/", "-")), glob]) {
      if (folder.includes("*")) continue;
      if (manifestIn(folder, fileText)?.name === name) return true;
    }
  }
  return foldersAbove(path).some((folder) =>
    npmLockNames.some((lock) => ownPackages(joinPath(folder, lock), fileText).has(name)),
  );
}

function ownPackages(path: string, fileText: Surroundings["fileText"]): ReadonlySet<string> {
  const text = fileText(path);
  return text === undefined ? new Set() : readOwnPackages(text, path);
}

const readOwnPackages = keepLast(3, (text, path): ReadonlySet<string> => {
  const own = readNpmLock(text, path)?.resolved.filter(({ kind }) => kind === "workspace") ?? [];
  return new Set(own.map(({ name }) => name));
});
