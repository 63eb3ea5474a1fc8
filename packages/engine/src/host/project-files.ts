/**
 * The files of a workspace for who must look at many of them: read where they lie, with no promise for each. Small reads of a warm disk; who
 * reads thousands takes a breath in between.
 */
import fs from "node:fs";
import { sha256 } from "../std/hash.ts";
import { listWorkspacePaths } from "./path-list.ts";
import type { Processes } from "./process.ts";

export interface ProjectDisk {
  readonly root: string;
  list(): Promise<readonly string[]>;
  /** Of a file that has just changed none is the same twice: it may change again with the same date. */
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

/** A change so shortly before a look may be followed by another with the same date; ms. */
const racyMs = 20;
let clock = 0;
let unsettled = 0;

/** What stands of a file in its folder and cannot be read is as if it were not there. */
export function openProjectDisk({ root, processes, ripgrep }: ProjectDiskOptions): ProjectDisk {
  const place = (file: string): string => `${root}/${file}`;
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
      const stat = statOf(place(file));
      if (stat?.isFile() !== true) return undefined;
      // The date of the last change of anything cannot be set by a program, unlike that of the content.
      const stamp = `${stat.size}-${stat.mtimeMs}-${stat.ctimeMs}-${stat.ino}`;
      // The clock costs as much as a part of the question: an older answer of it is enough for most files.
      if (stat.ctimeMs + racyMs >= clock) clock = Date.now();
      return stat.ctimeMs + racyMs < clock ? stamp : `${stamp}-${clock}-${process.pid}-${unsettled++}`;
    },
    text(file) {
      try {
        return fs.readFileSync(place(file), "utf8");
      } catch {
        return undefined;
      }
    },
    digest(file) {
      const content = bytes(file);
      return content === undefined ? undefined : sha256(content);
    },
  };
}

const quietly = { throwIfNoEntry: false } as const;

function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file, quietly);
  } catch {
    return undefined;
  }
}
