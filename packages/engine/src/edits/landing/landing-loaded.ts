/** The files that a turn has read, each once, as its hunks leave them. */
import { type Result, fail, succeed } from "@twolane/protocol";
import type { Files } from "../../host/files.ts";
import type { Target } from "../../host/workspace.ts";
import { touchMemoryFor } from "../../std/touched-memory.ts";
import { withWholePath } from "../../std/text.ts";
import { type LandingFile, landingFile } from "./landing-files.ts";

export class LoadedFiles {
  private readonly port: Files;
  private readonly prepare: ((path: string) => Promise<void>) | undefined;
  private readonly loading = new Map<string, Promise<Result<LandingFile>>>();
  private readonly loaded = new Map<string, LandingFile>();

  /** `prepare` is read side by side. */
  constructor(port: Files, prepare?: (path: string) => Promise<void>) {
    this.port = port;
    this.prepare = prepare;
  }

  /** By real path; undefined while it is not read. */
  get(real: string): LandingFile | undefined {
    return this.loaded.get(real);
  }

  all(): Iterable<LandingFile> {
    return this.loaded.values();
  }

  /** A file that does not exist is one without text; what cannot be read is tried again the next time. */
  load(target: Target): Promise<Result<LandingFile>> {
    const known = this.loading.get(target.real);
    if (known) return known;
    const prepared = this.prepare?.(target.real);
    const loading = this.port.read(target.absolute).then(async (read): Promise<Result<LandingFile>> => {
      await prepared;
      if (!read.ok && read.failure.code !== "FILE_MISSING") {
        this.loading.delete(target.real);
        const { code, message, cure } = read.failure;
        return fail(code, withWholePath(message, target.relative), cure);
      }
      const file = landingFile(target, read.ok ? read.value : undefined);
      prepareMemory([file]);
      this.loaded.set(target.real, file);
      return succeed(file);
    });
    this.loading.set(target.real, loading);
    return loading;
  }
}

/** For the contents that the next hunk makes of these, while it is still on its way; behind all that is told in this moment. */
export function prepareMemory(files: readonly LandingFile[]): void {
  setImmediate(() => touchMemoryFor(Math.max(0, ...files.map(({ text }) => text?.bytes.length ?? 0))));
}
