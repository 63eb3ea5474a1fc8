/** Diffs of git, mails and Windows → files with the numbers of their new lines. The diffs are made by git. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ReviewedFile, readReviewDiff } from "./review-diff.ts";
import { cutPieces } from "./review-pieces.ts";

let root: string;
beforeEach(() => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), "twolane-review-diff-"));
  git("init", "-q", "-b", "main");
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const git = (...args: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.invalid", ...args], {
    cwd: root,
    encoding: "utf8",
  });
const write = (name: string, content: string | Buffer): void => {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), content);
};
const commit = (message: string): void => void (git("add", "-A"), git("commit", "-qm", message));
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join("");

/** Every numbered line is what the file has there. */
function expectNumbers(files: readonly ReviewedFile[]): number {
  let seen = 0;
  for (const file of files) {
    if (file.kind === "delete") continue;
    const content = fs.readFileSync(path.join(root, file.path), "utf8").split(/\r?\n/);
    for (const { text, line } of file.hunks.flatMap((hunk) => hunk.lines)) {
      if (line === undefined) continue;
      expect(`${file.path}:${line} ${text}`).toBe(`${file.path}:${line} ${content[line - 1]}`);
      seen++;
    }
  }
  return seen;
}

describe("a diff", () => {
  beforeEach(() => {
    write("long.txt", lines(1, 200));
    write("gone.txt", "x\n");
    write("moved.txt", lines(300, 340));
    write('a b/ümlaut "q".txt', "one\n");
    write("crlf.txt", "one\r\ntwo\r\nthree\r\n");
    write("picture.bin", Buffer.from([0, 1, 2]));
    commit("one");
    const changed = lines(1, 200).split("\n");
    changed.splice(150, 3);
    changed.splice(100, 0, "new a", "new b");
    changed[10] = "-- changed";
    changed.shift();
    write("long.txt", changed.join("\n"));
    fs.rmSync(path.join(root, "gone.txt"));
    fs.renameSync(path.join(root, "moved.txt"), path.join(root, "to.txt"));
    write("to.txt", lines(300, 340).replace("line 310", "++ other"));
    write('a b/ümlaut "q".txt', "two\n");
    write("crlf.txt", "one\r\n2\r\nthree\r\n");
    write("picture.bin", Buffer.from([0, 1, 3]));
    write("fresh.txt", "a\nb");
    commit("two");
  });

  it.each([[], ["-U0"], ["-U10"], ["--no-renames"], ["--no-prefix"], ["--patience"]])(
    "of git has true numbers: %j",
    (...options) => {
      const { files, leftOut } = readReviewDiff(git("diff", "HEAD~1", ...options));
      expect(expectNumbers(files)).toBeGreaterThan(5);
      expect(files.map((file) => file.path).toSorted()).toEqual(
        [
          'a b/ümlaut "q".txt',
          "crlf.txt",
          "fresh.txt",
          "gone.txt",
          "long.txt",
          ...(options[0] === "--no-renames" ? ["moved.txt"] : []),
          "to.txt",
        ].toSorted(),
      );
      expect(leftOut).toEqual([{ path: "picture.bin", reason: "binary" }]);
    },
  );

  it("of a mail has the same files", () => {
    const mail = git("format-patch", "--stdout", "HEAD~1").replace("Subject:", "From: somebody\nSubject:");
    const { files } = readReviewDiff(mail);
    expect(expectNumbers(files)).toBeGreaterThan(5);
    expect(files).toEqual(readReviewDiff(git("diff", "-M", "HEAD~1")).files);
  });

  it("with CRLF everywhere has the same files", () => {
    const text = git("diff", "HEAD~1");
    expect(readReviewDiff(text.replaceAll(/\r?\n/g, "\r\n")).files).toEqual(readReviewDiff(text).files);
  });

  it("is read in pieces that hold each line once, whatever their size", () => {
    const { files } = readReviewDiff(git("diff", "-M", "HEAD~1"));
    const rows = (text: string): readonly string[] => text.split("\n").filter((row) => /^ {0,5}\d* [ +-]/.test(row));
    const whole = rows(
      cutPieces({ files }, 1_000_000)
        .map(({ text }) => text)
        .join("\n"),
    );
    for (const limit of [60, 100, 300, 1000, 4000]) {
      const pieces = cutPieces({ files }, limit);
      expect(rows(pieces.map(({ text }) => text).join("\n"))).toEqual(whole);
      if (limit >= 100) for (const { text } of pieces) expect(text.length).toBeLessThanOrEqual(limit);
      for (const { text } of pieces) expect(text.startsWith("=== ")).toBe(true);
    }
  });
});

describe("what is no diff", () => {
  it.each(["", "hello\n", "--- \n+++ \n", "@@ -1 +1 @@\n-a\n+b\n", "diff --git a/x b/x\n"])("%j has no files", (text) =>
    expect(readReviewDiff(text).files).toEqual([]),
  );
});
