/** What a person changed of the lines that hunks brought: the file as we left it against the file now. Only compares, watches nothing. */
import path from "node:path";
import type { HunkId, HunkLine } from "@twolane/protocol";
import type { Files } from "../../host/files.ts";
import { isPrepared } from "../../journal/records.ts";
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

export interface FileCorrections {
  /** Hash of the file as we left it, which what is now is compared with; what was changed before that is in it. */
  readonly left: string;
  readonly corrections: readonly Correction[];
}

export interface CorrectionDeps {
  readonly root: string;
  readonly files: Files;
  readonly ground: () => Promise<Ground>;
}

/** One for each standing hunk that was touched; undefined while a write of ours is under way. `file`: real path. */
export async function correctionsOf({ root, files, ground }: CorrectionDeps, file: string): Promise<FileCorrections | undefined> {
  const seen = (await ground()).records.length;
  const read = await files.read(path.join(root, ...file.split("/")));
  // Records come before the disk: asked again, they know of every write of ours that was read.
  const { records, ledger, images } = await ground();
  if (read.ok && isUnderWay({ records, seen }, file, read.value.hash)) return undefined;
  const { hash, pieces } = ledger.file(file);
  const left = read.ok && pieces.length > 0 && read.value.hash !== hash ? images.content(hash) : undefined;
  if (!read.ok || left === undefined) return { left: hash, corrections: [] };
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
  return { left: hash, corrections: [...found.values()] };
}

/** What was read is the file just before a write of ours that had not happened then: nobody else's doing. */
export function isUnderWay(
  { records, seen }: Pick<Ground, "records"> & { readonly seen: number },
  file: string,
  hash: string,
): boolean {
  const settled = new Set(
    records.flatMap((record) => (record.type === "write.done" || record.type === "write.reverted" ? [record.write] : [])),
  );
  return records.some(
    (record, at) =>
      isPrepared(record) &&
      record.path === file &&
      record.preHash === hash &&
      // What only says that something is gone writes nothing.
      record.postHash !== hash &&
      (at >= seen || !settled.has(record.write)),
  );
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
