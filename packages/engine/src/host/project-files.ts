/**
 * The files of a workspace for who must look at many of them: read where they lie, with no promise for each. Small reads of a warm disk; who
 * reads thousands takes a breath in between.
 */
import fs from "node:fs";
import path from "node:path";
import { sha256 } from "../std/hash.ts";
import { listWorkspacePaths } from "./path-list.ts";
import type { Processes } from "./process.ts";

export interface ProjectDisk {
  readonly root: string;
  list(): Promise<readonly string[]>;
  stamp(file: string): string | undefined;
  text(file: string): string | undefined;
  digest(file: string): string | undefined;
}

export interface ProjectDiskOptions {
  readonly root: string;
  readonly processes: Processes;
  /** As of `listWorkspacePaths`. */
  readonly ripgrep: () => string;
}

/** What stands of a file in its folder and cannot be read is as if it were not there. */
export function openProjectDisk({ root, processes, ripgrep }: ProjectDiskOptions): ProjectDisk {
  const place = (file: string): string => path.join(root, file);
  const bytes = (file: string): Buffer | undefined => {
    try {
      return fs.readFileSync(place(file));
    } catch {
      return undefined;
    }
  };
  return {
    root,
    list: () => listWorkspacePaths({ root, processes, ripgrep }),
    stamp(file) {
      const stat = fs.statSync(place(file), { throwIfNoEntry: false });
      return stat?.isFile() === true ? `${stat.size}-${stat.mtimeMs}` : undefined;
    },
    text: (file) => bytes(file)?.toString("utf8"),
    digest(file) {
      const content = bytes(file);
      return content === undefined ? undefined : sha256(content);
    },
  };
}
