/** That a change comes near a limit on its size is told while it lands, and told again when it does not any more: a whole session. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { TwolaneEvent } from "@twolane/protocol";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openPatch } from "../src/engine.ts";

let home: string;
beforeEach(() => void (home = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-size-")))));
afterEach(() => fs.rmSync(home, { recursive: true, force: true }));

const add = (name: string, lines: number): string =>
  `*** Add File: ${name}\n${Array.from({ length: lines }, (_, at) => `+line ${at}\n`).join("")}`;

it("is told from four fifths of the limit on, and no longer when a hunk is taken back", async () => {
  const root = path.join(home, "work");
  fs.mkdirSync(path.join(root, ".twolane"), { recursive: true });
  const rules =
    '  - { per: turn, lines: { hold: 10, block: 100 }, except: ["*.lock"] }\n  - { per: change-set, files: { block: 5 } }\n';
  fs.writeFileSync(path.join(root, ".twolane/policy.yaml"), `version: 1\ndiff:\n${rules}`);
  const patch = [add("a.ts", 5), add("b.lock", 50), add("c.ts", 3), add("d.ts", 1), add("e.ts", 4)].join("");
  const opened = await openPatch({
    ...{ cwd: root, scope: [], landing: "hunk", dryRun: false, text: `*** Begin Patch\n${patch}*** End Patch\n` },
    env: { HOME: home, XDG_STATE_HOME: path.join(home, "state"), XDG_CONFIG_HOME: path.join(home, "config") },
  });
  if (!opened.ok) throw new Error(opened.failure.message);
  const session = opened.value;
  const events: TwolaneEvent[] = [];
  session.subscribe((event) => void events.push(event));
  session.send({ type: "prompt", text: "do it" });
  await session.idle();
  const told = () =>
    events.flatMap((event) => {
      if (event.type === "hunk.landed" || event.type === "hunk.held") return [`${event.type.slice(5)} ${event.hunk.path}`];
      const { near } = event.type === "size.changed" ? event : {};
      if (event.type === "hunk.undone") return ["undone"];
      return event.type !== "size.changed" ? [] : [near ? `${near.now}/${near.limit} ${near.unit} per ${near.per}` : "small"];
    });
  expect(told()).toEqual([
    ...["landed a.ts", "landed b.lock", "landed c.ts", "8/10 lines per turn"],
    ...["landed d.ts", "9/10 lines per turn", "held e.ts"],
  ]);
  session.send({ type: "hunk.undo", hunks: ["h3"] });
  await session.idle();
  expect(told().slice(7)).toEqual(["undone", "small"]);
  await session.close();
});
