/** package.json and tsconfig.json of a project, read once each: what a package is called, what its doors are, what short names stand for. */
import { type JsonRecord, listOf, parseJson, recordOf, textOf, textsOf } from "../json.ts";
import { type PathSet, folderOf, joined, nameOf, upwards } from "./paths.ts";

export interface Manifest {
  readonly folder: string;
  readonly name: string | undefined;
  readonly fields: JsonRecord;
}

/** Patterns with at most one `*` → places with at most one `*`, relative to the workspace. */
export interface PathAliases {
  readonly paths: readonly (readonly [string, readonly string[]])[];
  /** Where names without dots are looked for as well. */
  readonly base?: string;
}

export class Manifests {
  readonly byName = new Map<string, Manifest>();
  private readonly byFolder = new Map<string, Manifest>();
  private readonly aliases = new Map<string, PathAliases | undefined>();
  private readonly nearest = new Map<string, Manifest | undefined>();
  private readonly homes = new Map<string, string>();
  private readonly files: PathSet;
  private readonly text: (path: string) => string | undefined;

  constructor(files: PathSet, text: (path: string) => string | undefined) {
    this.files = files;
    this.text = text;
    for (const file of files.all) {
      if (nameOf(file) !== "package.json") continue;
      const fields = recordOf(parseJson(text(file)));
      const manifest = { folder: folderOf(file), name: textOf(fields["name"]), fields };
      this.byFolder.set(manifest.folder, manifest);
      if (manifest.name !== undefined && !this.byName.has(manifest.name)) this.byName.set(manifest.name, manifest);
    }
  }

  at(folder: string): Manifest | undefined {
    return this.byFolder.get(folder);
  }

  /** Of the package that the folder lies in. */
  around(folder: string): Manifest | undefined {
    if (this.nearest.has(folder)) return this.nearest.get(folder);
    const own = this.byFolder.get(folder);
    const found = own ?? (folder === "" ? undefined : this.around(folderOf(folder)));
    this.nearest.set(folder, found);
    return found;
  }

  /**
   * The nearest folder with a manifest or short names of its own: for all below it that are nearer to no other, a name without dots means the
   * same.
   */
  homeOf(folder: string): string {
    let home = this.homes.get(folder);
    if (home === undefined) {
      const isOwn = folder === "" || this.byFolder.has(folder) || this.configOf(folder) !== undefined;
      this.homes.set(folder, (home = isOwn ? folder : this.homeOf(folderOf(folder))));
    }
    return home;
  }

  private configOf(folder: string): string | undefined {
    return ["tsconfig.json", "jsconfig.json"]
      .map((name) => (folder === "" ? name : `${folder}/${name}`))
      .find((name) => this.files.has(name));
  }

  aliasesFor(folder: string): PathAliases | undefined {
    if (this.aliases.has(folder)) return this.aliases.get(folder);
    const file = this.configOf(folder);
    const above = folder === "" ? undefined : this.aliasesFor(folderOf(folder));
    const found = (file === undefined ? undefined : this.readAliases(file, 0)) ?? above;
    this.aliases.set(folder, found);
    return found;
  }

  /** Follows `extends` inside the workspace and `references` beside; nearer ones win. */
  private readAliases(file: string, depth: number): PathAliases | undefined {
    if (depth > 5) return undefined;
    const config = recordOf(parseJson(withoutComments(this.text(file))));
    const options = recordOf(config["compilerOptions"]);
    const folder = folderOf(file);
    const baseUrl = textOf(options["baseUrl"]);
    const base = baseUrl === undefined ? undefined : joined(folder, baseUrl);
    const entries = Object.entries(recordOf(options["paths"])).map(
      ([pattern, places]) =>
        [
          pattern,
          textsOf(places).flatMap((place) => {
            const target = joined(base ?? folder, place);
            return target === undefined ? [] : [target];
          }),
        ] as const,
    );
    if (entries.length > 0 || base !== undefined) return { paths: entries, ...(base !== undefined && { base }) };
    const others = [
      ...textsOf(config["extends"]),
      ...listOf(config["references"]).flatMap((one) => textOf(recordOf(one)["path"]) ?? []),
    ];
    for (const other of others) {
      const target = other.startsWith(".") ? joined(folder, other) : undefined;
      const named = [target, `${target}.json`, `${target}/tsconfig.json`].find(
        (one) => one !== undefined && one !== file && this.files.has(one),
      );
      const found = named === undefined ? undefined : this.readAliases(named, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whether a package of that name comes from outside, as the manifests around say. */
  isDeclared(folder: string, name: string): boolean {
    for (const at of upwards(folder)) {
      const manifest = this.byFolder.get(at);
      if (manifest === undefined) continue;
      for (const list of ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"])
        if (name in recordOf(manifest.fields[list])) return true;
    }
    return false;
  }
}

/** JSON as TypeScript takes it: with comments and commas at the end. */
function withoutComments(text: string | undefined): string | undefined {
  return text
    ?.replace(/("(?:\\.|[^"\\])*")|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (_, string: string | undefined) => string ?? "")
    .replace(/("(?:\\.|[^"\\])*")|,(?=\s*[}\]])/g, (_, string: string | undefined) => string ?? "");
}
