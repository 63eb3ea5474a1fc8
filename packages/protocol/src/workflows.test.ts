import { describe, expect, it } from "vitest";
import { fixRequest } from "./workflows.ts";

describe("what mends a comment", () => {
  it("names its place and may only touch its file", () => {
    const { text, constraints } = fixRequest({ id: "c1", path: "src/a.ts", line: 3, severity: "must", text: "never closed" });
    expect(text).toContain("src/a.ts, line 3: never closed");
    expect(constraints).toEqual([{ kind: "only", paths: ["src/a.ts"] }]);
  });

  it("of the file as a whole names no line; a name with marks of a glob still is its file", () => {
    const { text, constraints } = fixRequest({
      id: "c1",
      path: "app/(shop)/[id]/page.tsx",
      line: 0,
      severity: "note",
      text: "x",
    });
    expect(text).toContain("app/(shop)/[id]/page.tsx: x");
    expect(constraints).toEqual([{ kind: "only", paths: ["app/?shop?/?id?/page.tsx"] }]);
  });
});
