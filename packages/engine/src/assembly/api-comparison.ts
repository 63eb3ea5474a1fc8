/** Exported declarations of the files that a session changes, from a moment on: how they were then, and how they are now. */
import path from "node:path";
import { apiChanges } from "@twolane/policy";
import { ReviewGround } from "../edits/review/ground.ts";
import type { Files } from "../host/files.ts";
import type { Journal } from "../journal/journal.ts";
import { isPrepared } from "../journal/records.ts";

export interface ApiComparisonDeps {
  readonly root: string;
  readonly journal: Journal;
  readonly files: Pick<Files, "read">;
}

export class ApiComparison {
  private readonly deps: ApiComparisonDeps;
  private readonly ground: ReviewGround;
  /** How many records there were. */
  private since: Promise<number> = Promise.resolve(0);

  constructor(deps: ApiComparisonDeps) {
    this.deps = deps;
    this.ground = new ReviewGround(deps.journal);
  }

  /** From here on. */
  begin(): void {
    this.since = this.ground.now().then(({ records }) => records.length);
  }

  /** Lines that name the file and what is exported no more (`-`) or instead (`+`); files that came into being have none. */
  async changes(): Promise<readonly string[]> {
    const since = await this.since;
    const { records, images } = await this.ground.now();
    const before = new Map<string, string>();
    for (const record of records.slice(since).filter(isPrepared))
      if (!before.has(record.path)) before.set(record.path, record.preHash);
    const lines: string[] = [];
    for (const [file, hash] of before) {
      const old = hash === "" ? undefined : textOf(images.content(hash));
      const read = await this.deps.files.read(path.join(this.deps.root, file));
      const now = read.ok ? textOf(read.value.bytes) : undefined;
      lines.push(...apiChanges(old, now, file).map((line) => `${file}: ${line}`));
    }
    return lines;
  }
}

const textOf = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);
