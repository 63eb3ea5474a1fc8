/** Finds the files that a request names: as seen from where the command was called, else from the workspace's root. */
import path from "node:path";
import type { FailureCode } from "@twolane/protocol";
import { isBinary } from "../edits/placing/file-text.ts";
import type { GuardedReader } from "../guard/guarded-reader.ts";
import type { ReadMention } from "./mentions.ts";
import { textOf } from "../std/text.ts";

/** The file is there, and the policy keeps it out of prompts. */
const withheld: ReadonlySet<FailureCode> = new Set(["PATH_UNREADABLE", "SECRET_BLOCKED"]);

/** `calledFrom`: relative to the workspace, empty for its root, beginning with `..` outside of it. */
export function mentionReader(reader: GuardedReader, calledFrom: string): ReadMention {
  const isRoot = calledFrom === "" || calledFrom.startsWith("..");
  return async (name) => {
    for (const candidate of isRoot ? [name] : [path.posix.join(calledFrom, name), name]) {
      const file = await reader.readFile(candidate);
      if (file.ok && !isBinary(file.value.bytes))
        return { path: candidate, text: textOf(file.value.bytes), hash: file.value.hash };
      if (!file.ok && withheld.has(file.failure.code)) return { path: candidate, text: `[withheld: ${file.failure.message}]` };
    }
    return undefined;
  };
}
