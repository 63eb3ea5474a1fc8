/**
 * What a person said to commands that were held: for the session, or always. Bound to the exact words, with all that was granted beside
 * them; kept in the user's own state of this workspace, never in the workspace itself.
 */
import { readTextNow, writtenTo } from "../../host/user-files.ts";

export interface RememberedAnswers {
  has(key: string): boolean;
  add(key: string, always: boolean): void;
}

/** More are not kept; the oldest go. */
const limit = 1000;

export function openAnswers(file: string): RememberedAnswers {
  const session = new Set<string>();
  return {
    has: (key) => session.has(key) || read(file).includes(key),
    add(key, always) {
      session.add(key);
      if (!always) return;
      const kept = [...read(file).filter((one) => one !== key), key].slice(-limit);
      writtenTo(file, `${kept.map((one) => JSON.stringify(one)).join("\n")}\n`);
    },
  };
}

/** One JSON string a line; a line that cannot be read counts for nothing. */
function read(file: string): readonly string[] {
  return (readTextNow(file) ?? "").split("\n").flatMap((line) => {
    try {
      const key: unknown = JSON.parse(line);
      return typeof key === "string" ? [key] : [];
    } catch {
      return [];
    }
  });
}
