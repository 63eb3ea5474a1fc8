/** Where a name in a JavaScript or TypeScript file leads in the workspace. What lies in node_modules leads nowhere. */
import { builtinModules } from "node:module";
import { listOf, recordOf, textOf } from "../json.ts";
import { isScript } from "./javascript.ts";
import type { Manifest, Manifests } from "./manifests.ts";
import { type PathSet, folderOf, joined, nameOf, within } from "./paths.ts";

const endings = [".ts", ".tsx", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs", ".json", ".vue", ".svelte", ".astro", ".d.ts"];
/** What is compiled to this ending. */
const sources: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx", ".jsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
};
const built = /^(?:dist|build|lib|out|output|es|esm|cjs|umd|types)(?:\/(?:esm|cjs|es|src|types|node|browser))?\//;
const builtins = new Set(builtinModules);
/** Paths that begin with a word known only at run time. */
const prefixLimit = 2000;
/** Files of a folder that a string names as a whole. */
const smallFolder = 50;

export type Places = (from: string, name: string) => readonly string[];

export function createScriptPlaces(files: PathSet, manifests: Manifests): Places {
  const lookup = new Lookup(files, manifests);
  return keptByFolder((folder, name) => lookup.find(folder, name));
}

/** Files of one folder come after each other and name the same; what is kept must not grow with the workspace. */
export function keptByFolder(find: (folder: string, name: string) => readonly string[]): Places {
  const known = new Map<string, readonly string[]>();
  let last = "";
  return (from, name) => {
    const folder = folderOf(from);
    if (folder !== last) known.clear();
    last = folder;
    let found = known.get(name);
    if (found === undefined) known.set(name, (found = find(folder, name)));
    return found;
  };
}

class Lookup {
  /** By home and name. */
  private readonly named = new Map<string, readonly string[]>();
  private readonly files: PathSet;
  private readonly manifests: Manifests;

  constructor(files: PathSet, manifests: Manifests) {
    this.files = files;
    this.manifests = manifests;
  }

  find(folder: string, name: string): readonly string[] {
    if (name.startsWith("'")) return this.string(folder, name.slice(1));
    const plain = !/[?#]/.test(name)
      ? name
      : name.replace(/[?#](?=.).*$/, (rest) => (name.startsWith("#") && rest === name ? rest : ""));
    if (plain.endsWith("*")) return this.prefix(folder, plain.slice(0, -1));
    if (/^\.{1,2}(?:\/|$)/.test(plain)) return this.at(joined(folder, plain));
    if (plain.startsWith("/")) return this.at(joined(this.manifests.around(folder)?.folder ?? "", plain.slice(1)));
    if (plain.startsWith("node:") || builtins.has(plain)) return [];
    const home = this.manifests.homeOf(folder);
    const key = `${home}\0${plain}`;
    let found = this.named.get(key);
    if (found === undefined)
      this.named.set(key, (found = plain.startsWith("#") ? this.inner(home, plain) : this.bare(home, plain)));
    return found;
  }

  /** A string that may be a path: from here, from the package, from the workspace. */
  private string(folder: string, name: string): readonly string[] {
    const package_ = this.manifests.around(folder)?.folder ?? "";
    for (const base of new Set([folder, package_, ""])) {
      const place = joined(base, name);
      if (place === undefined || place === "") continue;
      if (this.files.has(place)) return [place];
      if (name.startsWith(".")) {
        const found = this.at(place);
        if (found.length > 0) return found;
      }
      if (!name.includes("/") || !this.files.hasFolder(place)) continue;
      const inside = this.files.beginning(`${place}/`, smallFolder + 1);
      if (inside.length <= smallFolder) return inside;
    }
    return [];
  }

  private prefix(folder: string, begin: string): readonly string[] {
    if (!begin.startsWith(".")) return [];
    const dots = joined(folder, begin.endsWith("/") ? begin : folderOf(begin));
    if (dots === undefined) return [];
    const rest = begin.endsWith("/") ? "" : nameOf(begin);
    const prefix = dots === "" ? rest : `${dots}/${rest}`;
    const found = this.files.beginning(prefix).filter((file) => isScript(file) || file.endsWith(".json"));
    return found.length > prefixLimit ? [] : found;
  }

  /** The file that a place without its ending means. */
  private at(place: string | undefined): readonly string[] {
    if (place === undefined) return [];
    const { files } = this;
    if (place !== "" && files.has(place)) return [place];
    const dot = place.lastIndexOf(".");
    const ending = dot > place.lastIndexOf("/") ? place.slice(dot) : "";
    for (const source of sources[ending] ?? []) {
      const file = `${place.slice(0, dot)}${source}`;
      if (files.has(file)) return [file];
    }
    if (place !== "" && files.hasStem(place))
      for (const other of endings) if (files.has(`${place}${other}`)) return [`${place}${other}`];
    const inside = place === "" ? "" : `${place}/`;
    const main = this.manifests.at(place);
    if (main !== undefined && place !== "") {
      const found = this.door(main, ".");
      if (found.length > 0) return found;
    }
    if (files.hasStem(`${inside}index`))
      for (const other of endings) if (files.has(`${inside}index${other}`)) return [`${inside}index${other}`];
    return [];
  }

  private inner(folder: string, name: string): readonly string[] {
    const manifest = this.manifests.around(folder);
    if (manifest === undefined) return [];
    const found = this.mapped(manifest, recordOf(manifest.fields["imports"]), name);
    return found.length > 0 ? found : this.aliased(folder, name);
  }

  private bare(folder: string, name: string): readonly string[] {
    const aliased = this.aliased(folder, name);
    if (aliased.length > 0) return aliased;
    const [package_, rest] = splitName(name);
    const manifest = this.manifests.byName.get(package_);
    if (manifest !== undefined) {
      const found = this.door(manifest, rest === "" ? "." : `./${rest}`);
      return found.length > 0 ? found : this.whole(manifest);
    }
    if (builtins.has(package_) || this.manifests.isDeclared(folder, package_)) return [];
    return this.bySuffix(folder, name);
  }

  private aliased(folder: string, name: string): readonly string[] {
    const aliases = this.manifests.aliasesFor(folder);
    if (aliases === undefined) return [];
    for (const [pattern, places] of aliases.paths) {
      const star = matchStar(pattern, name);
      if (star === undefined) continue;
      const found = places.flatMap((place) => this.at(place.replace("*", star)));
      if (found.length > 0) return found;
    }
    return aliases.base === undefined ? [] : this.at(joined(aliases.base, name));
  }

  /** What `exports` or `main` of a package of the workspace lead to: all conditions, as the tests may run under any. */
  private door(manifest: Manifest, door: string): readonly string[] {
    const { fields, folder } = manifest;
    const exports = fields["exports"];
    if (exports !== undefined) {
      const table = recordOf(exports);
      const isTable = Object.keys(table).some((key) => key.startsWith("."));
      const found = this.mapped(manifest, isTable ? table : { ".": exports }, door);
      if (found.length > 0) return found;
    }
    if (door !== ".") return this.target(folder, door);
    const mains = ["source", "module", "main", "types"].flatMap((field) => textOf(fields[field]) ?? []);
    const found = mains.flatMap((main) => this.target(folder, main));
    if (found.length > 0) return [...new Set(found)];
    return (
      [...["index", "src/index", "src/main"]].map((name) => this.at(joined(folder, name))).find((one) => one.length > 0) ?? []
    );
  }

  private mapped({ folder }: Manifest, table: Readonly<Record<string, unknown>>, name: string): readonly string[] {
    for (const [pattern, value] of Object.entries(table)) {
      const star = matchStar(pattern, name);
      if (star === undefined) continue;
      const found = targetsOf(value).flatMap((target) => this.target(folder, target.replaceAll("*", star)));
      if (found.length > 0) return [...new Set(found)];
    }
    return [];
  }

  /** What was built is not there; its source may be. */
  private target(folder: string, target: string): readonly string[] {
    const direct = this.at(joined(folder, target));
    if (direct.length > 0) return direct;
    const inside = target.replace(/^\.\//, "");
    if (!built.test(inside)) return [];
    const stem = inside.replace(built, "").replace(/\.d\.([cm]?)ts$/, ".$1js");
    return [`src/${stem}`, stem, `source/${stem}`].map((one) => this.at(joined(folder, one))).find((one) => one.length > 0) ?? [];
  }

  /** Nothing says which file it is: any of the package. */
  private whole({ folder }: Manifest): readonly string[] {
    return this.files.all.filter(
      (file) => within(folder, file) && isScript(file) && this.manifests.around(folderOf(file))?.folder === folder,
    );
  }

  /** A short name that only a bundler's configuration explains: whatever ends so. */
  private bySuffix(folder: string, name: string): readonly string[] {
    const rest = name.slice(name.indexOf("/") + 1);
    if (!name.includes("/") || rest === "") return [];
    const home = this.manifests.around(folder)?.folder ?? "";
    return (
      ["src", "", "lib", "app"]
        .map((base) => this.at(joined(home, base === "" ? rest : `${base}/${rest}`)))
        .find((one) => one.length > 0) ?? []
    );
  }
}

function splitName(name: string): readonly [string, string] {
  const parts = name.split("/");
  const length = name.startsWith("@") ? 2 : 1;
  return [parts.slice(0, length).join("/"), parts.slice(length).join("/")];
}

/** What stands for the star; empty where there is none. */
function matchStar(pattern: string, name: string): string | undefined {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === name ? "" : undefined;
  const [begin, end] = [pattern.slice(0, star), pattern.slice(star + 1)];
  const fits = name.length >= begin.length + end.length && name.startsWith(begin) && name.endsWith(end);
  return fits ? name.slice(begin.length, name.length - end.length) : undefined;
}

function targetsOf(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return listOf(value).flatMap(targetsOf);
  return Object.values(recordOf(value)).flatMap(targetsOf);
}
