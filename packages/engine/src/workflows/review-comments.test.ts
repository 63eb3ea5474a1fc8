/** Comments as models write them: a table of forms, lines that are in no diff, and texts that are cut anywhere. */
import { describe, expect, it } from "vitest";
import { type MadeComment, commentIn, commentKey, wholeLines } from "./review-comments.ts";
import { readReviewDiff } from "./review-diff.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";

const diff = `diff --git a/src/price.ts b/src/price.ts
--- a/src/price.ts
+++ b/src/price.ts
@@ -10,4 +10,5 @@ export function total() {
   const sum = 0;
-  return sum;
+  const tax = sum * 0.2;
+  return sum + tax;
 }
 // end
diff --git a/old name.md b/docs/new name.md
similarity index 60%
rename from old name.md
rename to docs/new name.md
--- a/old name.md
+++ b/docs/new name.md
@@ -1 +1 @@
-one
+two
diff --git a/__tests__/price.test.ts b/__tests__/price.test.ts
new file mode 100644
--- /dev/null
+++ b/__tests__/price.test.ts
@@ -0,0 +1,2 @@
+one
+two
`;
const { files } = readReviewDiff(diff);
const read = (line: string): MadeComment | "unknown" | undefined => commentIn(line, files);

describe("one line of a review", () => {
  const must = { path: "src/price.ts", line: 12, severity: "must", text: "tax is added twice" } as const;
  it.each([
    "src/price.ts:12 [must] tax is added twice",
    "- src/price.ts:12 [must] tax is added twice",
    "* **src/price.ts:12** [must] tax is added twice",
    "3. `src/price.ts:12` [must]: tax is added twice",
    "- **`src/price.ts:12`** **[must]** tax is added twice",
    "`src/price.ts`:12 — [MUST] — tax is added twice",
    "src/price.ts:12-14 [must] tax is added twice",
    "src/price.ts:12–14: must: tax is added twice",
    "src/price.ts#L12 [must] tax is added twice",
    "src/price.ts#L12-L14 [must] tax is added twice",
    "src/price.ts:L12 (must) tax is added twice",
    "src/price.ts (line 12) [must] tax is added twice",
    "src/price.ts, lines 12-13: [blocker] tax is added twice",
    "[must] src/price.ts:12 tax is added twice",
    "**[must]** `src/price.ts:12`: tax is added twice",
    "b/src/price.ts:12 [must] tax is added twice",
    "./src/price.ts:12 [must] tax is added twice",
    "price.ts:12 [critical] tax is added twice",
    "src/price.ts:12:5 [must] tax is added twice",
    "> src/price.ts: 12 [must] tax is added twice",
  ])("%s", (line) => expect(read(line)).toEqual(must));

  it("names whose blanks, marks and folders look like a form are names", () => {
    expect(read("docs/new name.md:1 [note] why two?")).toEqual({
      ...{ path: "docs/new name.md", line: 1, severity: "note", text: "why two?" },
    });
    expect(read("old name.md:1 [should] `two` is odd")).toMatchObject({
      path: "docs/new name.md",
      line: 1,
      text: "`two` is odd",
    });
    expect(read("__tests__/price.test.ts:2 [should] asserts nothing")).toMatchObject({
      path: "__tests__/price.test.ts",
      line: 2,
    });
  });

  it("what stands outside of the diff is said of the file, with the nearest change", () => {
    expect(read("src/price.ts:99 [must] x is lost")).toMatchObject({
      ...{ line: 0, text: "x is lost (said of line 99; the nearest change is at 12)" },
    });
    expect(read("src/price.ts [should] has no tests")).toMatchObject({ line: 0, severity: "should", text: "has no tests" });
    // A line that stays as it is may be spoken of as well.
    expect(read("src/price.ts:13 [note] unused")).toMatchObject({ line: 13 });
  });

  it("without a severity it is a note", () =>
    expect(read("src/price.ts:12 rounds")).toMatchObject({ severity: "note", text: "rounds" }));

  it("of a file that is not in the diff it is told apart", () => expect(read("src/other.ts:1 [must] wrong")).toBe("unknown"));

  it.each([
    "no comments",
    "",
    "Looks good to me.",
    "src/price.ts",
    "I read src/price.ts:12 with care.",
    "src/price.ts:12 [must]",
    "```",
  ])("%s is none", (line) => expect(read(line)).toBeUndefined());
});

describe("a review that arrives in pieces", () => {
  const answer =
    "Here:\r\n- src/price.ts:11 [must] no rounding — ½ cent\r\n- `docs/new name.md:1` [note] fine\nsrc/gone.ts:1 [must] x\nsrc/price.ts:12 [should] häßlich 🙂\n";
  const all = (pieces: readonly string[]): readonly (MadeComment | "unknown")[] => {
    const made: (MadeComment | "unknown")[] = [];
    let rest = "";
    for (const piece of pieces) {
      const taken = wholeLines(rest, piece);
      ({ rest } = taken);
      made.push(...taken.lines.map(read).filter((one) => one !== undefined));
    }
    return made;
  };

  it("has the same comments wherever it is cut", () => {
    const whole = all([answer]);
    expect(whole).toHaveLength(4);
    for (let at = 0; at <= answer.length; at++) expect(all([answer.slice(0, at), answer.slice(at)])).toEqual(whole);
    expect(all(Array.from(answer))).toEqual(whole);
  });

  it("is slow for no line", () => {
    const long = [
      "src/price.ts:12".repeat(5000),
      `${"- ".repeat(20_000)}x`,
      `${"[must]".repeat(9000)}`,
      "`".repeat(60_000),
      `src/price.ts:${"1".repeat(50_000)}`,
      `a${" ".repeat(60_000)}b`,
    ];
    const ms = leastCpuMs(1, () => {
      for (const line of long) read(line);
    });
    expect(ms).toBeLessThan(2000);
  });
});

describe("the key of a comment", () => {
  it("is the same for the same words", () => {
    const of = (text: string): string => commentKey({ path: "a", line: 1, severity: "must", text });
    expect(of("Tax is added twice.")).toBe(of("tax is `added` twice"));
    expect(of("tax is added once")).not.toBe(of("tax is added twice"));
  });
});
