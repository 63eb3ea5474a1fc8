/**
 * Tells when files change on disk, whoever changes them. Watches the folders that hold them, because editors give a file's
 * name to a new file when they save. What the change is, is for others to find out.
 */
import fs from "node:fs";
import path from "node:path";

export interface Watcher {
  /** Absolute path of a file; its folder must exist. Never fails: what cannot be watched is not. */
  follow(file: string): void;
  close(): void;
}

/** Folders watched at once; a system has a limit for all its programs together. */
const folderLimit = 256;
/** A save is several events within a few milliseconds. */
const settleMs = 15;

/** Tells when something comes into the folder, leaves it or gets another date. Never fails, as above. Gives what ends it. */
export function watchFolder(folder: string, onChange: () => void): () => void {
  let waiting: NodeJS.Timeout | undefined;
  try {
    const watcher = fs.watch(folder, { persistent: false }, () => {
      waiting ??= setTimeout(() => {
        waiting = undefined;
        onChange();
      }, settleMs).unref();
    });
    watcher.on("error", () => watcher.close());
    return () => {
      clearTimeout(waiting);
      watcher.close();
    };
  } catch {
    return () => {};
  }
}

export function watchFiles(onChange: (file: string) => void): Watcher {
  const folders = new Map<string, { readonly names: Set<string>; readonly watcher: fs.FSWatcher }>();
  const waiting = new Map<string, NodeJS.Timeout>();
  const changed = (file: string): void => {
    clearTimeout(waiting.get(file));
    const tell = (): void => {
      waiting.delete(file);
      onChange(file);
    };
    waiting.set(file, setTimeout(tell, settleMs).unref());
  };
  const open = (folder: string): { readonly names: Set<string> } | undefined => {
    if (folders.size >= folderLimit) return undefined;
    const names = new Set<string>();
    try {
      const watcher = fs.watch(folder, { persistent: false }, (_, name) => {
        if (name !== null && names.has(name)) changed(path.join(folder, name));
      });
      watcher.on("error", () => {
        watcher.close();
        folders.delete(folder);
      });
      folders.set(folder, { names, watcher });
      return { names };
    } catch {
      return undefined;
    }
  };
  return {
    follow(file) {
      const folder = path.dirname(file);
      (folders.get(folder) ?? open(folder))?.names.add(path.basename(file));
    },
    close() {
      for (const { watcher } of folders.values()) watcher.close();
      for (const timer of waiting.values()) clearTimeout(timer);
      folders.clear();
      waiting.clear();
    },
  };
}
