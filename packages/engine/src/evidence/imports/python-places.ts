/** Which files of the workspace a dotted name in a Python file means. Importing a module runs its packages as well. */
import { type Places, keptByFolder } from "./script-places.ts";
import { isPython } from "./python.ts";
import { type PathSet, folderOf, joined, nameOf, within } from "./paths.ts";

export function createPythonPlaces(files: PathSet): Places {
  const modules = new Map<string, string[]>();
  const add = (name: string, file: string): void => {
    const list = modules.get(name);
    if (list === undefined) modules.set(name, [file]);
    else if (!list.includes(file)) list.push(file);
  };
  for (const file of files.all) if (isPython(file)) for (const name of namesOf(file, files)) add(name, file);
  return keptByFolder(find);

  function find(folder: string, name: string): readonly string[] {
    if (name.startsWith("'")) return byString(folder, name.slice(1));
    const [, dots = "", rest = ""] = /^(\.*)(.*)$/.exec(name) ?? [];
    if (dots === "") return withPackages(rest);
    const base = joined(folder, "../".repeat(dots.length - 1) || ".");
    if (base === undefined) return [];
    const dotted = base.replaceAll("/", ".");
    return withPackages([dotted, rest].filter((part) => part !== "").join("."));
  }

  function withPackages(name: string): readonly string[] {
    const parts = name.split(".");
    return [...new Set(parts.flatMap((_, index) => modules.get(parts.slice(0, index + 1).join(".")) ?? []))];
  }

  function byString(folder: string, name: string): readonly string[] {
    for (const base of [folder, ""]) {
      const place = joined(base, name);
      if (place !== undefined && files.has(place)) return [place];
    }
    return name.includes("/") || !name.includes(".") ? [] : withPackages(name);
  }
}

/** All the names by which somebody may import it: from the workspace, from the folder above its packages, from its own folder. */
function namesOf(file: string, files: PathSet): readonly string[] {
  const stem = file.replace(/\.pyi?$/, "");
  const isPackage = nameOf(stem) === "__init__";
  const place = isPackage ? folderOf(stem) : stem;
  let top = folderOf(stem);
  while (top !== "" && files.has(`${top}/__init__.py`)) top = folderOf(top);
  const src = /^(?:.*\/)?(?:src|lib|python)(?=\/)/.exec(place)?.[0];
  const roots = ["", top, ...(isPackage ? [] : [folderOf(stem)]), ...(src === undefined ? [] : [src])];
  const names = roots.flatMap((root) => (within(root, place) ? [place.slice(root === "" ? 0 : root.length + 1)] : []));
  return [...new Set(names.filter((name) => name !== "").map((name) => name.replaceAll("/", ".")))];
}
