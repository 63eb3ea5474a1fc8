/** What makes two proposals the same change: the file, what goes and what comes. Lines around it do not count. Pure. */
import path from "node:path";
import type { Hunk, HunkLine } from "@twolane/protocol";
import { sha256 } from "../../std/hash.ts";
import type { HunkDraft } from "../edits.ts";
import { withoutEchoes } from "../placing/place-lines.ts";
import { draftLines } from "./hunk-lines.ts";

export function draftFingerprint(draft: HunkDraft): string {
  if (draft.kind === "delete") return printOf(draft.path, "delete", []);
  if (draft.kind === "move") return printOf(draft.path, `move ${draft.to}`, []);
  return printOf(draft.path, "", draftLines(draft));
}

/** Of a hunk as it is shown. */
export function shownFingerprint({ path: file, operation, movedTo }: Hunk, lines: readonly HunkLine[]): string {
  if (operation === "delete") return printOf(file, "delete", []);
  if (operation === "move") return printOf(file, `move ${movedTo ?? ""}`, []);
  return printOf(file, "", lines);
}

function printOf(file: string, deed: string, lines: readonly HunkLine[]): string {
  const changed = withoutEchoes(lines);
  const texts = (op: HunkLine["op"]): string[] => changed.filter((line) => line.op === op).map(({ text }) => text);
  return sha256(JSON.stringify([path.posix.normalize(file), deed, texts("remove"), texts("add")]));
}
