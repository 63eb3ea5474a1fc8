import { describe, expect, it } from "vitest";
import type { EventBody, HunkLine } from "@twolane/protocol";
import type { Correction } from "../edits/review/corrections.ts";
import { CorrectionWatch } from "./correction-watch.ts";

const changed = (from: string, to: string): readonly HunkLine[] => [
  { op: "remove", text: from },
  { op: "add", text: to },
];

function bench() {
  const disk = { left: "0", lines: undefined as readonly HunkLine[] | undefined, open: true };
  const events: string[] = [];
  const watch = new CorrectionWatch({
    root: "/",
    corrections: async () => {
      const corrections: Correction[] =
        disk.lines === undefined ? [] : [{ hunk: "h1", path: "a.ts", line: 3, lines: disk.lines }];
      return { left: disk.left, corrections };
    },
    isOpen: () => disk.open,
    emit: (event: EventBody) => {
      if (event.type === "hunk.corrected") events.push(event.lines.map(({ text }) => text).join(">") || "gone");
    },
  });
  const save = async (lines?: readonly HunkLine[], left = disk.left): Promise<readonly string[]> => {
    Object.assign(disk, { lines, left });
    await watch.look("a.ts");
    return events.splice(0);
  };
  return { disk, watch, save };
}

describe("what a person corrects", () => {
  it("is offered once, and not any more when it is as before", async () => {
    const { watch, save } = bench();
    expect(await save(changed("a", "b"))).toEqual(["a>b"]);
    expect(await save(changed("a", "b"))).toEqual([]);
    expect(await save()).toEqual(["gone"]);
    expect(await watch.messageOf("h1")).toBeUndefined();
  });

  it("is told as it is on disk at that moment", async () => {
    const { disk, watch, save } = bench();
    await save(changed("a", "b"));
    disk.lines = changed("a", "c");
    expect(await watch.messageOf("h1")).toContain("line 3:\n\n-a\n+c\n");
    await save(changed("a", "b"));
    disk.lines = undefined;
    expect(await watch.messageOf("h1")).toBeUndefined();
  });

  it("is not offered again once it is told, unless it is another", async () => {
    const { watch, save } = bench();
    await save(changed("a", "b"));
    expect(await watch.messageOf("h1")).toBeDefined();
    expect(await save(changed("a", "b"))).toEqual([]);
    expect(await watch.messageOf("h1")).toBeUndefined();
    expect(await save(changed("a", "c"))).toEqual(["a>c"]);
  });

  it("is not offered of a hunk that is committed or gone", async () => {
    const { disk, save } = bench();
    await save(changed("a", "b"));
    disk.open = false;
    expect(await save(changed("a", "b"))).toEqual(["gone"]);
    expect(await save(changed("a", "c"))).toEqual([]);
  });

  it("stays when a later write of ours has it in it, until it is taken back", async () => {
    const { watch, save } = bench();
    await save(changed("a", "b"));
    expect(await save(undefined, "1")).toEqual([]);
    expect(await save(changed("b", "a"))).toEqual(["gone"]);
    await save(changed("a", "b"), "2");
    await save(undefined, "3");
    expect(await watch.messageOf("h1")).toContain("-a\n+b");
  });
});
