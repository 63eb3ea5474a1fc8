/**
 * The texts of a few files that decide something about many: manifests and configurations. Each is read once, with its stamp: as long as all
 * the stamps are the same, what was decided by them holds.
 */
import type { ProjectFiles } from "./evidence.ts";

export class Readings {
  private readonly files: ProjectFiles;
  private readonly read = new Map<string, { readonly stamp: string | undefined; readonly text: string | undefined }>();

  constructor(files: ProjectFiles) {
    this.files = files;
  }

  /** A file that is not there decides as well. */
  readonly text = (path: string): string | undefined => {
    let known = this.read.get(path);
    // The stamp is taken first: what is written in between then counts as changed.
    if (known === undefined) {
      const stamp = this.files.stamp(path);
      this.read.set(path, (known = { stamp, text: stamp === undefined ? undefined : this.files.text(path) }));
    }
    return known.text;
  };

  stamps(): readonly ReadStamp[] {
    return [...this.read].map(([path, { stamp }]) => [path, stamp ?? ""]);
  }
}

/** Path and stamp; the stamp is empty where there was no file. */
export type ReadStamp = readonly [path: string, stamp: string];

export const stillHold = (files: ProjectFiles, stamps: readonly ReadStamp[]): boolean =>
  stamps.every(([path, stamp]) => (files.stamp(path) ?? "") === stamp);
