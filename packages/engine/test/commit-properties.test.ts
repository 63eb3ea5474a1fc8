/**
 * Random hunks, random changes of a person before, between and after them, staged or not, and a random choice of what is accepted: what a
 * commit does is held against contents that are put together line by line, without any merge.
 */
import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type CommitBench, change, join, openCommitBench } from "./commit-bench.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const rows = 24;

/** One line of a file, by who changes it. Lines between them stay, so that no two changes touch. */
type Owner = "hunk" | "staged" | "typed" | "corrected" | "nobody";
interface Row {
  readonly owner: Owner;
  readonly accepted: boolean;
  readonly kind: "replace" | "insert" | "remove";
  /** Typed before the hunks land. */
  readonly early: boolean;
}

const row: fc.Arbitrary<Row> = fc.record({
  owner: fc.constantFrom<Owner>("hunk", "hunk", "staged", "typed", "corrected", "nobody"),
  accepted: fc.boolean(),
  kind: fc.constantFrom("replace", "insert", "remove"),
  early: fc.boolean(),
});
/** Every other line stays, and is unique, so that it is plain where everything belongs. */
const plan = fc.record({
  files: fc.array(fc.array(row, { minLength: 2, maxLength: rows / 2 }), { minLength: 1, maxLength: 2 }),
  crlf: fc.boolean(),
});

interface Wanted {
  readonly staged: boolean;
  readonly typed: boolean;
  readonly hunks: "none" | "accepted" | "all";
  readonly corrected: boolean;
}

/** The file with these changes and no others. */
function content(list: readonly Row[], { staged, typed, hunks, corrected }: Wanted): string[] {
  return list.flatMap((one, index) => {
    const isHunk = one.owner === "hunk" || one.owner === "corrected";
    const lands = isHunk && (hunks === "all" || (hunks === "accepted" && one.accepted));
    const applies = lands || (one.owner === "staged" && staged) || (one.owner === "typed" && typed);
    const old = `line ${index}`;
    if (!applies) return [old, `stays ${index}`];
    const fresh = one.owner === "corrected" && corrected ? `corrected ${index}` : `${one.owner} ${index}`;
    return [...newLines(one, { old, fresh }), `stays ${index}`];
  });
}

/** A hunk that is corrected brings a line; one that only takes away has none that could be. */
function newLines({ owner, kind }: Row, { old, fresh }: { readonly old: string; readonly fresh: string }): string[] {
  if (kind === "insert") return [old, fresh];
  return kind === "remove" && owner !== "corrected" ? [] : [fresh];
}

const text = (lines: readonly string[]): string => join(...lines);
const nothing: Wanted = { staged: false, typed: false, hunks: "none", corrected: false };

const section = (file: string, one: Row, index: number): string => {
  const old = `line ${index}`;
  const fresh = newLines(one, { old, fresh: `${one.owner} ${index}` });
  return change(
    file,
    ...(fresh[0] === old ? [` ${old}`] : [`-${old}`]),
    ...fresh.filter((line) => line !== old).map((line) => `+${line}`),
  );
};

it(
  "commits what was accepted with its corrections, and takes it out of what differs; nothing else moves",
  { timeout: 120_000 * scale },
  async () => {
    await fc.assert(
      fc.asyncProperty(plan, ({ files, crlf }) => check(files, crlf)),
      { numRuns: 4 * scale },
    );
  },
);

async function check(files: readonly (readonly Row[])[], crlf: boolean): Promise<void> {
  const nameOf = (index: number): string => `src/file ${index}.ts`;
  const onDisk = (lines: readonly string[]): string => (crlf ? text(lines).replaceAll("\n", "\r\n") : text(lines));
  const first = Object.fromEntries(files.map((list, index) => [nameOf(index), text(content(list, nothing))]));
  const bench = await openCommitBench({ files: { ...first, ".gitattributes": crlf ? "*.ts text eol=crlf\n" : "" } });
  try {
    const put = (wanted: Wanted, only?: (one: Row) => boolean): void =>
      files.forEach((list, index) =>
        bench.shop.write(
          nameOf(index),
          onDisk(
            content(
              list.map((one) => ((only?.(one) ?? true) ? one : { ...one, owner: "nobody" })),
              wanted,
            ),
          ),
        ),
      );
    bench.shop.write("stashed.txt", "x");
    bench.git("stash", "-qu");
    bench.git("tag", "kept");
    bench.git("branch", "other");
    put({ ...nothing, staged: true });
    bench.git("add", "-A");
    put({ ...nothing, staged: true, typed: true }, (one) => one.owner !== "typed" || one.early);
    const accepted = await landAll(
      bench,
      files.map((list, index) => [nameOf(index), list]),
    );
    put({ staged: true, typed: true, hunks: "all", corrected: true });
    bench.accept(...accepted);
    const before = outside(bench);
    expect(await bench.commit()).toBe(accepted.length === 0 ? "COMMIT_NOTHING" : accepted.join(" "));
    for (const [index, list] of files.entries()) {
      const name = nameOf(index);
      expect(bench.blob(`HEAD:${name}`)).toBe(text(content(list, { ...nothing, hunks: "accepted", corrected: true })));
      expect(bench.blob(`:${name}`)).toBe(text(content(list, { ...nothing, staged: true, hunks: "accepted", corrected: true })));
      expect(fs.readFileSync(path.join(bench.root, name), "latin1")).toBe(
        onDisk(content(list, { staged: true, typed: true, hunks: "all", corrected: true })),
      );
    }
    expect(outside(bench)).toEqual(before);
  } finally {
    await bench.dispose();
  }
}

async function landAll(bench: CommitBench, files: readonly (readonly [string, readonly Row[]])[]): Promise<string[]> {
  const accepted: string[] = [];
  for (const [name, list] of files)
    for (const [index, one] of list.entries()) {
      if (one.owner !== "hunk" && one.owner !== "corrected") continue;
      await bench.land([section(name, one, index)]);
      const id = [...bench.review.keys()].at(-1);
      if (one.accepted && id !== undefined) accepted.push(id);
    }
  return accepted;
}

/** All that a commit must not touch: other refs, the stash, what is in the index beside the files, and the work tree's names. */
const outside = (bench: CommitBench): readonly string[] => [
  bench.git("for-each-ref", "--format=%(refname) %(objectname)").replace(/refs.heads.main .*/, ""),
  bench.git("stash", "list"),
  bench.git("ls-files", "-s", ".gitattributes"),
  Object.keys(bench.shop.tree())
    .filter((name) => !name.startsWith(".git/"))
    .join(" "),
];
