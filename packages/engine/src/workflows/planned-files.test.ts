/** Which files a written structure names, however it is written. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plannedFiles } from "./planned-files.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";

const said = (text: string): readonly string[] => plannedFiles(text).map(({ path, purpose }) => `${path} | ${purpose}`);

describe("files of a structure", () => {
  it("are lines of a path and what it is for", () => {
    const text =
      "Here is the structure:\n\nsrc/server.ts — starts the server\nsrc/routes/health.ts - says that it lives\npackage.json: scripts\n./README.md\n\nIt uses Node.js only.";
    expect(said(text)).toEqual([
      "src/server.ts | starts the server",
      "src/routes/health.ts | says that it lives",
      "package.json | scripts",
      "README.md | ",
    ]);
  });

  it("are lists, numbered or not, in backticks and bold", () => {
    const text = "1. `src/a.ts` — one\n2) src/b.ts – two\n- **src/c.ts**: three\n* `Makefile`\n- `src/[id].ts` — four";
    expect(said(text)).toEqual(["src/a.ts | one", "src/b.ts | two", "src/c.ts | three", "Makefile | ", "src/[id].ts | four"]);
  });

  it("are the leaves of a drawn tree", () => {
    const text =
      "```\n.\n├── src/\n│   ├── index.ts        # the entry\n│   ├── routes\n│   │   └── health.ts   — lives\n│   └── db.ts\n├── test\n│   └── index.test.ts\n├── Dockerfile\n└── package.json\n```";
    expect(said(text)).toEqual([
      "src/index.ts | the entry",
      "src/routes/health.ts | lives",
      "src/db.ts | ",
      "test/index.test.ts | ",
      "Dockerfile | ",
      "package.json | ",
    ]);
  });

  it("are the leaves of a tree in plain signs and of nested lists", () => {
    expect(said("src/\n|-- a.ts\n|-- lib/\n|   `-- b.ts  // two\n`-- c.ts")).toEqual([
      "src/a.ts | ",
      "src/lib/b.ts | two",
      "src/c.ts | ",
    ]);
    expect(said("- src/\n  - a.ts — one\n  - lib/\n    - b.ts\n- README.md")).toEqual([
      "src/a.ts | one",
      "src/lib/b.ts | ",
      "README.md | ",
    ]);
  });

  it("are rows of a table", () => {
    expect(said("| File | Purpose |\n|---|---|\n| `src/a.ts` | one |\n| src/b.ts | two |")).toEqual([
      "src/a.ts | one",
      "src/b.ts | two",
    ]);
  });

  it("say which exist and are changed", () => {
    const text =
      "src/app.ts — (change) registers it\nsrc/b.ts (modified) — also\nsrc/c.ts — [existing] exports it\nsrc/d.ts — changes the world";
    expect(said(text)).toEqual([
      "src/app.ts | (change) registers it",
      "src/b.ts | (change) also",
      "src/c.ts | (change) exports it",
      "src/d.ts | changes the world",
    ]);
  });

  it("lie in the workspace, and come once", () => {
    expect(
      said("/etc/passwd — x\n../out.ts — x\n~/home.ts\nsrc/../b.ts\nsrc/a.ts\nsrc/a.ts — again\nhttps://example.com/a.ts"),
    ).toEqual(["src/a.ts | "]);
  });

  it("are not found in prose", () => {
    expect(said("I would put it into src/a.ts and test it.\nindex.ts is the entry.\nDone.\n3. Then run it\n...")).toEqual([]);
  });

  it("are found or not in any text, quickly and without an error", () => {
    const words = fc.constantFrom(..."src/ a.ts ├── │ └── — - : # | `x.ts` ** \n ../ 1. (change) README".split(" "), "\n", "  ");
    fc.assert(
      fc.property(fc.array(words, { maxLength: 80 }), (list) => {
        for (const { path } of plannedFiles(list.join(" "))) expect(path.split("/")).not.toContain("..");
      }),
      { seed: 5, numRuns: 1000 },
    );
    const ms = leastCpuMs(1, () => {
      plannedFiles("├── ".repeat(50_000));
      plannedFiles("- src/a.ts — x\n".repeat(20_000));
    });
    expect(ms).toBeLessThan(1000);
  });
});
