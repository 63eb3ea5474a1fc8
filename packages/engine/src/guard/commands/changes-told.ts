/** What of a command's changes is told to the model, and which folders are too large to look into. Pure. */
import type { Hunk } from "@twolane/protocol";
import type { Refusal } from "@twolane/policy";
import type { FolderView } from "../../host/folder-index.ts";

/** Folders that tools fill. Of a large one only is said that something in it changed. */
const filled = new Set([
  ...[
    "node_modules",
    "bower_components",
    ".venv",
    "venv",
    "__pycache__",
    "site-packages",
    ".tox",
    "target",
    "dist",
    "build",
    "out",
  ],
  ...[
    ".next",
    ".nuxt",
    ".svelte-kit",
    ".turbo",
    ".cache",
    ".parcel-cache",
    ".gradle",
    ".m2",
    "Pods",
    "coverage",
    ".terraform",
    "vendor",
  ],
]);
const filesLimit = 2000;

/** Outermost folders of that kind with more files than the limit. */
export function beyondOf({ folders, closed }: Pick<FolderView, "folders" | "closed">): readonly string[] {
  const candidates = [...folders.keys()].filter((folder) => filled.has(folder.slice(folder.lastIndexOf("/") + 1)));
  const large = candidates.filter((folder) => {
    let files = 0;
    for (const [name, count] of folders) if (name === folder || name.startsWith(`${folder}/`)) files += count;
    return files > filesLimit;
  });
  const all = [...closed, ...large];
  return all.filter((folder) => !all.some((other) => folder.startsWith(`${other}/`)));
}

export interface Told {
  readonly landed: readonly { readonly hunk: Hunk }[];
  readonly held: readonly { readonly hunk: Hunk; readonly refusal: Refusal }[];
  /** Not in the review. */
  readonly outside: readonly string[];
}

const linesLimit = 20;

export function linesForModel({ landed, held, outside }: Told): readonly string[] {
  const sizes = new Map<string, { added: number; removed: number; operation: string }>();
  for (const { hunk } of landed) {
    const known = sizes.get(hunk.path) ?? { added: 0, removed: 0, operation: hunk.operation };
    sizes.set(hunk.path, { ...known, added: known.added + hunk.linesAdded, removed: known.removed + hunk.linesRemoved });
  }
  const files = [...sizes].map(([path, { added, removed, operation }]) => `${operation} ${path} +${added} -${removed}`);
  const kept = held.map(
    ({ hunk, refusal }) =>
      `taken off the disk: ${hunk.path}, held by rule \`${refusal.rule}\`: ${refusal.reason}. ${refusal.wayOut}`,
  );
  const lines = [...kept, ...files, ...outside.map((line) => `not in the review: ${line}`)];
  if (lines.length === 0) return [];
  const more = lines.length > linesLimit ? [`and ${lines.length - linesLimit} more`] : [];
  return ["[It changed:]", ...lines.slice(0, linesLimit), ...more];
}
