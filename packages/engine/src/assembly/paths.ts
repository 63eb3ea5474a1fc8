/** The workspace's files for completion, listed when they are first asked for and again when the list is old. */
import type { PathIndex } from "@twolane/protocol";
import { createPathIndex } from "../context/path-index.ts";
import { listWorkspacePaths } from "../host/path-list.ts";
import { systemProcesses } from "../host/process.ts";
import { ripgrepPath } from "./landing.ts";

/** Older lists are made anew, in the background: the old one answers meanwhile. ms */
const freshMs = 10_000;

export function openPaths(root: string): () => Promise<PathIndex> {
  let index: Promise<PathIndex> | undefined;
  let listedAt = 0;
  const list = async (): Promise<PathIndex> =>
    createPathIndex(await listWorkspacePaths({ root, processes: systemProcesses, ripgrep: ripgrepPath }));
  return () => {
    if (index === undefined) {
      listedAt = performance.now();
      index = list();
    } else if (performance.now() - listedAt > freshMs) {
      listedAt = performance.now();
      void list().then((next) => void (index = Promise.resolve(next)));
    }
    return index;
  };
}
