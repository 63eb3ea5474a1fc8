import { expect, it } from "vitest";
import type { BlobRef, PreparedRecord } from "../../journal/records.ts";
import { sha256 } from "../../std/hash.ts";
import { contentMemory, preimages } from "./preimages.ts";

/** A file that is written so often that not all of its contents are remembered: each write puts a line before the others. */
function writtenOften(writes: number) {
  const contents = [Buffer.from("begin\n")];
  const store: Buffer[] = [];
  const stored = (bytes: Buffer): BlobRef => [store.push(bytes) - 1, bytes.length];
  const records: PreparedRecord[] = [];
  for (let write = 0; write < writes; write++) {
    const [before, line] = [contents[write]!, Buffer.from(`line ${write}\n`)];
    const after = Buffer.concat([line, before]);
    records.push({
      ...{ type: "landing.prepared", write: `w${write}`, path: "a.ts", mode: 0o644 },
      ...{ preHash: sha256(before), postHash: sha256(after), ...(write === 0 && { pre: stored(before) }) },
      steps: [{ hunk: `h${write}`, changes: [{ start: 0, end: 0, removed: [0, 0], inserted: stored(line) }] }],
    });
    contents.push(after);
  }
  return { contents, records, readBlob: ([at]: BlobRef) => store[at]! };
}

it("rebuilds every content of a file that was written often, in any order, and remembers few", () => {
  const { contents, records, readBlob } = writtenOften(350);
  const memory = contentMemory(100);
  const images = preimages(records, { readBlob }, memory);
  const remembered = (): number => contents.filter((bytes) => memory.get(sha256(bytes)) !== undefined).length;
  for (const order of [contents, contents.toReversed()]) {
    for (const bytes of order) expect(Buffer.from(images.content(sha256(bytes)) ?? []).equals(bytes)).toBe(true);
    expect(remembered()).toBeLessThanOrEqual(100);
  }
  expect(images.steps(records[200]!)?.map(sha256)).toEqual([sha256(contents[200]!), sha256(contents[201]!)]);
});
