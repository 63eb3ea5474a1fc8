/** Finds the workspace's own source files by walking its folders: no dependencies, no output of builds, no links. */
import { readdirSync, statSync } from "node:fs";

export interface WorkspaceFiles {
  /** Absolute, `/` as separator. */
  readonly sources: readonly string[];
  /** Every `tsconfig.json` and `jsconfig.json`. */
  readonly configs: readonly string[];
  /** Manifests and configuration that may name paths; reported, never edited. */
  readonly manifests: readonly string[];
  /** Each folder that was listed, with what tells whether a name in it has come or gone since; undefined: nothing tells. */
  readonly folders: ReadonlyMap<string, string | undefined>;
  /** False: there were more entries than are looked at. */
  readonly complete: boolean;
}

const skippedFolders = new Set(["node_modules", "bower_components", "dist", "build", "out", "coverage", "vendor"]);
const sourceName = /\.(?:[mc]?[jt]s|[jt]sx)$/;
const maxEntries = 200_000;

export const isSourcePath = (path: string): boolean => sourceName.test(path) && !path.endsWith(".min.js");
export const isDeclarationPath = (path: string): boolean => /\.d\.(?:[a-z]+\.)?[mc]?ts$/.test(path);

/** Folders whose name begins with a dot are skipped as well. */
export function walkWorkspace(root: string): WorkspaceFiles {
  const sources: string[] = [];
  const configs: string[] = [];
  const manifests: string[] = [];
  const folders = [root];
  const listed = new Map<string, string | undefined>();
  let entries = 0;
  for (let folder = folders.shift(); folder !== undefined && entries < maxEntries; folder = folders.shift()) {
    listed.set(folder, folderStamp(folder));
    for (const entry of listFolder(folder)) {
      entries++;
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!skippedFolders.has(entry.name) && !entry.name.startsWith(".")) folders.push(path);
      } else if (entry.isFile()) {
        if (entry.name === "tsconfig.json" || entry.name === "jsconfig.json") configs.push(path);
        if (entry.name === "package.json" || /^[jt]sconfig\b.*\.json$/.test(entry.name)) manifests.push(path);
        if (isSourcePath(entry.name)) sources.push(path);
      }
    }
  }
  return { sources, configs, manifests, folders: listed, complete: entries < maxEntries };
}

/** False where a name may have come or gone; only a new walk tells then. */
export const hasSameNames = ({ folders }: WorkspaceFiles): boolean =>
  [...folders].every(([folder, stamp]) => stamp !== undefined && stamp === folderStamp(folder));

/** Changes that come so soon after one another may carry the same time; ms. */
const clockTick = 20;

function folderStamp(folder: string): string | undefined {
  const stats = statSync(folder, { throwIfNoEntry: false });
  return stats === undefined || Date.now() - stats.mtimeMs < clockTick ? undefined : `${stats.mtimeMs}:${stats.ino}`;
}

/** Every file below a folder, dependencies and all: what moves with it. */
export function filesBelow(folder: string): string[] {
  return listFolder(folder).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function listFolder(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    // A folder that cannot be read holds nothing that could be changed.
    return [];
  }
}
