/** What a person changed of the lines that hunks brought: the file as we left it against the file now. Pure comparing, nothing is watched. */
import path from "node:path";
import type { HunkId, HunkLine } from "@twolane/protocol";
import type { Files } from "../../host/files.ts";
import type { ByteChange, ByteRange } from "../edits.ts";
import { fileText, fromByteString, lineAt } from "../placing/file-text.ts";
import { lineChanges } from "../placing/line-changes.ts";
import type { Ground } from "./ground.ts";

export interface Correction {
  readonly hunk: HunkId;
  readonly path: string;
  /** 1-based first line of it in the file now. */
  readonly line: number;
  /** The person's change, without lines around it. */
  readonly lines: readonly HunkLine[];
}

/** One for each standing hunk that was touched; empty where the file is as we left it. `file`: real path. */
export async function correctionsOf(
  { root, files }: { readonly root: string; readonly files: Files },
  file: string,
  { ledger, images }: Ground,
): Promise<readonly Correction[]> {
  const { hash, pieces } = ledger.file(file);
  if (pieces.length === 0) return [];
  const read = await files.read(path.join(root, ...file.split("/")));
  const left = read.ok && read.value.hash !== hash ? images.content(hash) : undefined;
  if (!read.ok || left === undefined) return [];
  const now = fileText(read.value.bytes);
  const found = new Map<HunkId, Correction>();
  let growth = 0;
  for (const change of lineChanges(left, now.bytes)) {
    const hunk = pieces.find((piece) => overlap(piece, change))?.step.hunk;
    const line = lineAt(now, change.start + growth) + 1;
    growth += change.bytes.length - (change.end - change.start);
    if (hunk === undefined) continue;
    const known = found.get(hunk);
    const lines = [...(known?.lines ?? []), ...shown(left, change)];
    found.set(hunk, { hunk, path: file, line: known?.line ?? line, lines });
  }
  return [...found.values()];
}

/** Lines put in between count as touching only when they stand strictly within. */
const overlap = (owned: ByteRange, touched: ByteRange): boolean =>
  touched.start === touched.end
    ? owned.start < touched.start && touched.start < owned.end
    : owned.start < touched.end && touched.start < owned.end;

function shown(before: Uint8Array, { start, end, bytes }: ByteChange): readonly HunkLine[] {
  const lines = (op: HunkLine["op"], from: Uint8Array): HunkLine[] =>
    fileText(from).lines.map((line) => ({ op, text: fromByteString(line) }));
  return [...lines("remove", before.subarray(start, end)), ...lines("add", bytes)];
}
