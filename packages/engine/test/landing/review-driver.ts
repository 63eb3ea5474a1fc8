/**
 * For tests: a process that lands, rejects, undoes and accepts hunks until it is killed. Arguments: state home, workspace, seed. Says
 * `ready` when it begins. Every hunk is one token, so that what is on disk can be compared with what the journal says.
 */
import type { EventBody } from "@twolane/protocol";
import type { HunkDraft } from "../../src/edits/edits.ts";
import { openReviewBench } from "./review-bench.ts";

const [home = "", root = "", seed = "1"] = process.argv.slice(2);
let state = Number(seed);

/** A small generator, so that a failing seed can be run again. */
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return (state >>> 8) % below;
}

async function main(): Promise<never> {
  const bench = await openReviewBench({ at: { home, root } });
  const stamp = { at: 0, mono: 0, lane: "fast" as const, session: bench.workshop.journal.id };
  bench.onEvent = (event: EventBody) => bench.workshop.journal.append({ ...event, ...stamp });
  process.stdout.write("ready\n");
  for (let count = 1; ; count++) {
    const lander = bench.open();
    const hunk = `h${count}`;
    await bench.land(lander, hunk, draftOf(hunk, Object.keys(bench.workshop.tree())));
    await lander.finish();
    const other = `h${1 + random(count)}`;
    const kind = (["accept", "reject", "undo", "reject", undefined] as const)[random(5)];
    if (kind !== undefined) await bench.reviewer[kind]([other]);
  }

  function draftOf(hunk: string, files: readonly string[]): HunkDraft {
    const file = files[random(files.length)] ?? "a.ts";
    const token = `<${hunk}>`;
    if (random(6) === 0) return { kind: "create", path: `made/${hunk}/x.ts`, content: `${token}\n`, overwrite: false };
    if (random(6) === 0) return { kind: "move", path: file, to: `moved/${hunk}/y.ts` };
    const lines = bench.workshop.read(file).split("\n").slice(0, -1);
    const line = lines[random(lines.length)] ?? "";
    return {
      ...{ kind: "update", path: file, anchors: [], endOfFile: false },
      lines: [
        { op: "keep", text: line },
        { op: "add", text: `${token} ${"x".repeat(random(3000))}` },
      ],
    };
  }
}

if (home !== "") await main();
