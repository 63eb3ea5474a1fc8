/**
 * Texts of the tree for rules that must not wait for a disk: what was asked for and is not there yet is noted, read at one go, and the
 * rules are asked again. So nobody here needs to know which files which rule wants.
 */
import { type Result, succeed } from "@twolane/protocol";

export interface AskedFiles {
  /** Undefined: no such file, or not read yet. */
  readonly text: (path: string) => string | undefined;
}

/** Given to a question until it asks for nothing new. `read`: those of the paths that are files, as text. */
export async function withFiles<T>(
  question: (files: AskedFiles) => T,
  read: (paths: readonly string[]) => Promise<Result<ReadonlyMap<string, string>>>,
): Promise<Result<T>> {
  const known = new Map<string, string | undefined>();
  for (let rounds = 0; ; rounds++) {
    const missing = new Set<string>();
    const answer = question({
      text(path) {
        if (!known.has(path)) missing.add(path);
        return known.get(path);
      },
    });
    // Each round looks one file deeper, e.g. from a manifest to the one that it belongs to.
    if (missing.size === 0 || rounds === mostRounds) return succeed(answer);
    const texts = await read([...missing]);
    if (!texts.ok) return texts;
    for (const path of missing) known.set(path, texts.value.get(path));
  }
}

const mostRounds = 6;
