/** Go and Rust, by whole packages: what each file of a package may use. Reads import lines and manifests; asks no compiler. */
import { type PathSet, folderOf, joined, nameOf, upwards, within } from "./paths.ts";

export const isGo = (path: string): boolean => path.endsWith(".go");
export const isRust = (path: string): boolean => path.endsWith(".rs");

const goImports = /^\s*(?:import\s+)?(?:[\w.]+\s+)?"([^"\n]+)"/gm;

/** Strings at the beginning of a line in the part above the first declaration. */
export function scanGo(text: string): readonly string[] {
  const head = text.slice(0, Math.max(0, text.search(/^(?:func|type|var|const)\b/m)) || text.length);
  return [...new Set([...head.matchAll(goImports)].map(([, name = ""]) => name))];
}

/** Files of the package that is imported, and those beside: a package is compiled whole. */
export function createGoPlaces(
  files: PathSet,
  text: (path: string) => string | undefined,
): (from: string, name: string) => readonly string[] {
  const modules = new Map<string, string>();
  const byFolder = new Map<string, string[]>();
  for (const file of files.all) {
    if (nameOf(file) === "go.mod") modules.set(/^module\s+(\S+)/m.exec(text(file) ?? "")?.[1] ?? "", folderOf(file));
    if (!isGo(file) || file.endsWith("_test.go")) continue;
    const folder = folderOf(file);
    const beside = byFolder.get(folder);
    if (beside === undefined) byFolder.set(folder, [file]);
    else beside.push(file);
  }
  return (from, name) => {
    if (name === ".") return byFolder.get(folderOf(from)) ?? [];
    for (const [module, folder] of modules) {
      if (module === "" || (name !== module && !name.startsWith(`${module}/`))) continue;
      const place = joined(folder, name.slice(module.length + 1) || ".");
      return byFolder.get(place ?? "") ?? [];
    }
    return [];
  };
}

/** Each root of a crate's tests uses all of the crate, and of the crates that its manifest names. */
export function rustEdges(
  files: PathSet,
  text: (path: string) => string | undefined,
): readonly (readonly [from: string, to: string])[] {
  const crates = files.all.filter((file) => nameOf(file) === "Cargo.toml").map(folderOf);
  const byName = new Map(
    crates.map((folder) => [/^name\s*=\s*"([^"]+)"/m.exec(text(place(folder, "Cargo.toml")) ?? "")?.[1] ?? folder, folder]),
  );
  const edges: (readonly [string, string])[] = [];
  for (const folder of crates) {
    const own = files.all.filter((file) => isRust(file) && within(folder, file) && innermost(file, crates) === folder);
    const roots = own.filter((file) => isRoot(file.slice(folder === "" ? 0 : folder.length + 1)));
    const isTest = (file: string): boolean =>
      /^(?:tests|benches|examples)\//.test(file.slice(folder === "" ? 0 : folder.length + 1));
    for (const root of roots)
      for (const file of own) if (file !== root && (!isTest(file) || !roots.includes(file))) edges.push([root, file]);
    const manifest = text(place(folder, "Cargo.toml")) ?? "";
    for (const [name, home] of byName)
      if (home !== folder && new RegExp(`^(?:${name.replaceAll("-", "[-_]")})(?:\\s*=|\\.\\w+\\s*=)`, "m").test(manifest))
        for (const root of roots)
          for (const lib of ["src/lib.rs", "src/main.rs"]) if (files.has(place(home, lib))) edges.push([root, place(home, lib)]);
  }
  return edges;
}

const place = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);
const isRoot = (file: string): boolean => /^src\/(?:lib|main)\.rs$|^tests\/[^/]+\.rs$|^tests\/[^/]+\/main\.rs$/.test(file);

function innermost(file: string, crates: readonly string[]): string | undefined {
  for (const folder of upwards(folderOf(file))) if (crates.includes(folder)) return folder;
  return undefined;
}
