/** pip: requirement and constraint files, setup.cfg, setup.py, pyproject.toml and poetry.lock. */
import {
  type Declared,
  type EcosystemReader,
  type Lock,
  type Manifest,
  type Setting,
  baseName,
  emptyManifest,
  fieldsOf,
  hostOf,
  textOf,
} from "./ecosystem.ts";
import { canonicalName, parseToml, readPyproject, requirement, unlistedModules } from "./python.ts";

const requirements = /(?:^|\/)(?:[\w.-]*(?:requirements|constraints)[\w.-]*\.(?:txt|in)|requirements\/[\w.-]+\.(?:txt|in))$/;
const named = new Set(["setup.cfg", "setup.py", "pyproject.toml", "Pipfile", "pip.conf", "pip.ini"]);

export const pip: EcosystemReader = {
  ecosystem: "pip",
  lockNames: ["poetry.lock"],
  notesSpecs: true,
  manifestNames: ["pyproject.toml"],
  kindOf(path) {
    if (named.has(baseName(path)) || requirements.test(path)) return "manifest";
    return baseName(path) === "poetry.lock" ? "lock" : undefined;
  },
  manifest: readManifest,
  lock: readPoetryLock,
  canonical: canonicalName,
  isCode: (path) => /\.pyi?$/.test(path),
  unlisted: (code, around) =>
    unlistedModules(code, around, {
      names: ["pyproject.toml", "setup.cfg", "setup.py", "Pipfile"],
      read: (text, path) => readManifest(text, path)?.declared,
    }),
};

function readManifest(text: string, path: string): Manifest | undefined {
  switch (baseName(path)) {
    case "pyproject.toml":
      return readPyproject(text);
    case "setup.cfg":
      return readSetupCfg(text);
    case "setup.py":
      return readSetupPy(text);
    case "Pipfile":
      return readPipfile(text);
    case "pip.conf":
    case "pip.ini":
      return {
        ...emptyManifest,
        sources: iniLines(text, /^\s*(index-url|extra-index-url|find-links|trusted-host|proxy)\s*=\s*(.*)$/),
      };
    default:
      return readRequirements(text, path);
  }
}

function readRequirements(text: string, path: string): Manifest {
  const declared: Declared[] = [];
  const sources: Setting[] = [];
  const isConstraint = baseName(path).includes("constraints");
  for (const line of text.replace(/\\\r?\n/g, " ").split("\n")) {
    const body = line.trim();
    const [, option = "", value = ""] = /^(--?[a-zA-Z-]+)[= ]\s*(\S+)/.exec(body) ?? [];
    if (option === "-e" || option === "--editable") declared.push(...[requirement(value, "editable") ?? []].flat());
    else if (/^(-i|--index-url|--extra-index-url|-f|--find-links|--trusted-host|-r|--requirement|-c|--constraint)$/.test(option))
      sources.push({ name: option, text: value });
    else if (body !== "" && !body.startsWith("#") && !body.startsWith("-")) {
      const entry = requirement(body, "requirements");
      if (entry !== undefined) declared.push(isConstraint ? { ...entry, override: true } : entry);
    }
  }
  return { declared, sources, scripts: [] };
}

function iniLines(text: string, pattern: RegExp): readonly Setting[] {
  return text.split("\n").flatMap((line) => {
    const [, name, value = ""] = pattern.exec(line) ?? [];
    return name === undefined ? [] : [{ name, text: value.trim() }];
  });
}

/** Lists of requirements stand indented below their key. */
function readSetupCfg(text: string): Manifest {
  const declared: Declared[] = [];
  let section = "";
  let isList = false;
  for (const line of text.split("\n")) {
    const [, header] = /^\[([^\]]+)\]/.exec(line) ?? [];
    const [, key, value = ""] = /^([\w.-]+)\s*=\s*(.*)$/.exec(line) ?? [];
    let body = line.trim();
    if (header !== undefined) {
      section = header;
      isList = false;
      continue;
    }
    if (key !== undefined) {
      isList = /^(install_requires|setup_requires|tests_require)$/.test(key) || section === "options.extras_require";
      body = value.trim();
    }
    if (!isList || body === "" || body.startsWith("#")) continue;
    for (const part of body.split(/;\s*(?=[A-Za-z0-9])(?![^;]*(?:python_version|sys_platform|platform_|os_name|extra)\b)/))
      declared.push(...[requirement(part, section) ?? []].flat());
  }
  return { ...emptyManifest, declared };
}

/** Code that runs at install. Its lists of requirements are read where they are plain texts; the whole of it counts as a script. */
function readSetupPy(text: string): Manifest {
  const declared: Declared[] = [];
  for (const [, key = "", list = ""] of text.matchAll(
    /\b(install_requires|setup_requires|tests_require|extras_require)\s*=\s*([[{][\s\S]*?[\]}](?=\s*[,)\n]))/g,
  ))
    for (const [, , quoted = ""] of list.matchAll(/(["'])([A-Za-z0-9][^"'\n]*)\1(?!\s*:)/g))
      declared.push(...[requirement(quoted, key) ?? []].flat());
  return { declared, sources: [], scripts: [{ name: "setup.py", text: withoutLists(text) }] };
}

/** Versions, texts and lists of requirements are no code. */
const withoutLists = (text: string): string =>
  text
    .replace(/\b(?:install_requires|setup_requires|tests_require|extras_require)\s*=\s*[[{][\s\S]*?[\]}](?=\s*[,)\n])/g, "")
    .replace(/\b(?:version|description|author|author_email|url|license|python_requires)\s*=\s*(["'])[^"'\n]*\1/g, "")
    .replace(/^\s*#.*$/gm, "")
    .replace(/\s+/g, " ");

function readPipfile(text: string): Manifest | undefined {
  const toml = parseToml(text);
  if (toml === undefined) return undefined;
  const declared = ["packages", "dev-packages"].flatMap((section) =>
    Object.entries(fieldsOf(toml[section])).map(([name, value]): Declared => {
      const table = fieldsOf(value);
      const origin = textOf(table["git"]) || textOf(table["path"]) || textOf(table["file"]);
      const spec = textOf(value) || textOf(table["version"]) || textOf(table["ref"]);
      if (origin === "") return { name, spec, section, kind: "registry" };
      return { name, spec, section, origin, kind: "git" in table ? "git" : hostOf(origin) === "" ? "path" : "url" };
    }),
  );
  const list = Array.isArray(toml["source"]) ? toml["source"] : [];
  return { declared, scripts: [], sources: list.map((source) => ({ name: "source", text: textOf(fieldsOf(source)["url"]) })) };
}

function readPoetryLock(text: string): Lock | undefined {
  const toml = parseToml(text);
  const packages = toml?.["package"];
  if (toml === undefined) return undefined;
  return {
    resolved: (Array.isArray(packages) ? packages : []).map((value) => {
      const entry = fieldsOf(value);
      const source = fieldsOf(entry["source"]);
      const type = textOf(source["type"]);
      const address = textOf(source["url"]);
      const kind =
        type === "git" ? "git" : type === "url" ? "url" : type === "directory" || type === "file" ? "path" : "registry";
      return {
        name: textOf(entry["name"]),
        version: textOf(entry["version"]),
        kind,
        origin: kind === "registry" ? hostOf(address) : address,
        script: false,
        requires: Object.keys(fieldsOf(entry["dependencies"])),
      };
    }),
  };
}
