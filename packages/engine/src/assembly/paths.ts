/**
 * The workspace's files for completion: listed when they are first asked for, kept up to date with what lands, and listed again when the
 * list is old, since others make files as well.
 */
import path from "node:path";
import type { EventBody, PathIndex } from "@twolane/protocol";
import { type LivePathIndex, createPathIndex } from "../context/path-index.ts";
import { listWorkspacePaths } from "../host/path-list.ts";
import { systemProcesses } from "../host/process.ts";
import { isThere } from "../host/user-files.ts";
import { ripgrepPath } from "./landing.ts";

/** Older lists are made anew, in the background: the old one answers meanwhile. ms */
const freshMs = 10_000;
/** Files of hunks that a new list is told of again. */
const touchedKept = 200;

export class WorkspacePaths {
  private readonly root: string;
  private index: Promise<LivePathIndex> | undefined;
  /** The index that answers now, once there is one. */
  private current: LivePathIndex | undefined;
  private listedAt = 0;
  /** Files that hunks have changed, the latest last. */
  private readonly touched = new Set<string>();

  constructor(root: string) {
    this.root = root;
  }

  paths(): Promise<PathIndex> {
    if (this.index === undefined) this.index = this.list();
    else if (performance.now() - this.listedAt > freshMs) void this.list().then((next) => (this.index = Promise.resolve(next)));
    return this.index;
  }

  observe(event: EventBody): void {
    switch (event.type) {
      case "hunk.landed": {
        const { path: name, movedTo } = event.hunk;
        if (event.dryRun) return;
        this.touch(name);
        return movedTo === undefined ? undefined : this.touch(movedTo);
      }
      case "hunk.undone":
      case "hunk.rejected":
        return this.touch(event.path);
      case "hunk.held":
        return this.touched.has(event.hunk.path) ? this.touch(event.hunk.path) : undefined;
      default:
        return undefined;
    }
  }

  private touch(name: string): void {
    this.touched.delete(name);
    this.touched.add(name);
    const [oldest] = this.touched;
    if (this.touched.size > touchedKept && oldest !== undefined) this.touched.delete(oldest);
    if (this.current !== undefined) this.tell(this.current, name);
  }

  private tell(index: LivePathIndex, name: string): void {
    if (isThere(path.join(this.root, name))) index.add(name);
    else index.remove(name);
  }

  private async list(): Promise<LivePathIndex> {
    this.listedAt = performance.now();
    const listed = await listWorkspacePaths({ root: this.root, processes: systemProcesses, ripgrep: ripgrepPath });
    const index = await createPathIndex(listed);
    for (const name of this.touched) this.tell(index, name);
    return (this.current = index);
  }
}
