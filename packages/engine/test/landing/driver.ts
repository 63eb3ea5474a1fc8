/**
 * For tests: a process that does nothing but land and undo until it is killed. Arguments: state home, workspace, seed.
 * Says `ready` when it begins. Each round lands a few hunks in one or more files, sometimes as one unit, and sometimes
 * takes the last turn back.
 */
import { systemClock } from "../../src/std/clock.ts";
import { applyText, openWorkshop } from "./workshop.ts";
import { applyUndo, planUndo } from "../../src/edits/undo/undo.ts";

/** The files that every round changes; the others come and go. */
export const changing = ["a.txt", "b.txt", "c.txt"];

const [home = "", root = "", seed = "1"] = process.argv.slice(2);
let state = Number(seed);

/** A small generator, so that a failing seed can be run again. */
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return (state >>> 8) % below;
}

async function main(): Promise<never> {
  const shop = await openWorkshop({ at: { home, root } });
  const deps = {
    root,
    files: shop.deps.files,
    state: shop.state,
    lock: shop.deps.lock,
    clock: systemClock,
    current: shop.journal,
  };
  process.stdout.write("ready\n");
  for (let round = 1, hunks = 1; ; round++, hunks += 10) {
    const sections: string[] = [];
    for (const name of changing.slice(0, 1 + random(3))) {
      const line =
        shop
          .read(name)
          .split("\n")
          .find((text) => text.startsWith("count")) ?? "";
      const last =
        shop
          .read(name)
          .split("\n")
          .find((text) => text.startsWith("last")) ?? "";
      sections.push(`*** Update File: ${name}`, "@@", `-${line}`, `+count ${round} ${"x".repeat(random(2000))}`);
      sections.push("@@", `-${last}`, `+last ${round}`, `+added in ${round}`);
    }
    if (random(2) === 0) sections.push(`*** Add File: made/in/${round}.txt`, `+${round}`);
    if (random(3) === 0) sections.push(`*** Delete File: spare-${round % 20}.txt`);
    if (random(3) === 0) sections.push(`*** Update File: spare-${(round + 7) % 20}.txt`, `*** Move to: moved/${round}.txt`);
    const text = ["*** Begin Patch", ...sections, "*** End Patch", ""].join("\n");
    await applyText(text, { lander: shop.lander({ mode: random(4) === 0 ? "turn" : "hunk" }), turn: `t${round}`, from: hunks });
    for (let times = random(3); times > 0; times--) {
      const plan = await planUndo(deps, { kind: "last-turn" });
      if (plan.ok) await applyUndo(deps, plan.value);
    }
  }
}

if (home !== "") await main();
