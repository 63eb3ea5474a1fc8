import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type ConversationLog, openConversationLog } from "./conversation-log.ts";
import { openStateFolder, sessionFolder } from "./state-folder.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
const home = fs.mkdtempSync(path.join(os.tmpdir(), "twolane-conversation-"));
afterAll(() => fs.rmSync(home, { recursive: true, force: true }));

interface Said {
  readonly text: string;
}
const isSaid = (value: unknown): value is Said =>
  typeof value === "object" && value !== null && "text" in value && typeof value.text === "string";

let sessions = 0;
function place(): { open: () => ConversationLog<Said>; file: string } {
  const state = openStateFolder(home, "/some/where/project");
  if (!state.ok) throw new Error(state.failure.message);
  const folder = sessionFolder(state.value, `s${++sessions}`);
  fs.mkdirSync(folder.path, { recursive: true });
  return { open: () => openConversationLog(folder, isSaid), file: path.join(folder.path, "conversation.jsonl") };
}

/** What is known of all paths, apart from where it is kept. */
const known = ({ current, paths }: ConversationLog<Said>): unknown =>
  structuredClone({ at: current.path, paths: paths.map((one) => ({ ...one })) });

const step = fc.oneof(
  fc.record({ do: fc.constant("say" as const), text: fc.stringMatching(/^[a-z\n"]{0,8}$/) }),
  fc.record({ do: fc.constant("change" as const), at: fc.nat({ max: 50 }) }),
  fc.record({ do: fc.constant("turn" as const) }),
  fc.record({
    do: fc.constant("compact" as const),
    at: fc.nat({ max: 50 }),
    by: fc.constantFrom("model" as const, "rules" as const),
  }),
  fc.record({ do: fc.constant("rewind" as const), at: fc.nat({ max: 50 }) }),
  fc.record({ do: fc.constantFrom("forget" as const, "reopen" as const) }),
);

describe("a conversation that is kept", () => {
  it("is the same when it is opened again, on all its paths, and holds nothing that was taken out", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { open, file } = place();
        let log = open();
        let count = 0;
        for (const one of steps) {
          const { items } = log.current;
          const turns = log.paths.flatMap(({ path: at, turns: marks }) => marks.map((mark) => ({ at, mark })));
          if (one.do === "say") log.put(items.length, { text: `${one.text} secret-${++count}` });
          if (one.do === "change" && items.length > 0) log.put(one.at % items.length, { text: "changed" });
          if (one.do === "turn") log.beginTurn({ turn: `t${++count}`, prompt: "do it", at: count });
          if (one.do === "compact" && items.length > 0) {
            const upTo = 1 + (one.at % items.length);
            log.compact(one.at % 7 === 0 ? undefined : { by: one.by, upTo, head: [{ text: `head secret-${++count}` }] });
          }
          const target = turns[("at" in one ? one.at : 0) % Math.max(1, turns.length)];
          if (one.do === "rewind" && target !== undefined) {
            const before = log.paths.find(({ path: at }) => at === target.at)?.items.slice(0, target.mark.length);
            log.fork(target.at, target.mark.length);
            expect(log.current.items).toEqual(before);
            expect(log.current.turns).not.toContainEqual(target.mark);
          }
          if (one.do === "forget") {
            log.rewrite(({ text }) => ({ text: text.replace(/secret-\d+/, "-") }));
            log.flush();
            expect(fs.readFileSync(file, "utf8")).not.toContain("secret-");
          }
          if (one.do === "reopen") {
            log.flush();
            const again = open();
            expect(known(again)).toEqual(known(log));
            log = again;
          }
        }
        log.flush();
        expect(known(open())).toEqual(known(log));
      }),
      { numRuns: 100 * scale },
    );
  });

  it("goes on behind a line that a crash has cut off, for nobody's eyes but the owner's", () => {
    const { open, file } = place();
    const log = open();
    log.put(0, { text: "one" });
    log.put(1, { text: "two" });
    log.flush();
    fs.truncateSync(file, fs.statSync(file).size - 5);
    const again = open();
    expect(again.current.items).toEqual([{ text: "one" }]);
    again.put(1, { text: "three" });
    again.flush();
    expect(open().current.items).toEqual([{ text: "one" }, { text: "three" }]);
    again.rewrite((item) => item);
    if (process.platform !== "win32") expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  it("knows a compaction whole or not at all, wherever a crash cuts the file", () => {
    const { open, file } = place();
    const log = open();
    for (let n = 0; n < 4; n++) log.put(n, { text: `item ${n}` });
    log.compact({ by: "rules", upTo: 2, head: [{ text: "an older head" }] });
    log.flush();
    const before = fs.statSync(file).size;
    log.compact({ by: "model", upTo: 3, head: [{ text: "a\nhead" }, { text: "of two" }] });
    log.put(4, { text: "item 4" });
    log.flush();
    const whole = fs.readFileSync(file);
    for (let size = before; size <= whole.length; size++) {
      fs.writeFileSync(file, whole.subarray(0, size));
      const { items, compaction } = open().current;
      expect(items.slice(0, 4).map(({ text }) => text)).toEqual(["item 0", "item 1", "item 2", "item 3"]);
      expect([1, 2]).toContain(compaction?.head.length);
      expect(compaction?.upTo).toBe(compaction?.head.length === 1 ? 2 : 3);
    }
  });

  it("writes by itself what was put in one go, as one piece", async () => {
    const { open, file } = place();
    const log = open();
    log.put(0, { text: "one" });
    log.put(1, { text: "two" });
    expect(fs.existsSync(file)).toBe(false);
    await new Promise((resolve) => void setImmediate(resolve));
    expect(open().current.items).toHaveLength(2);
  });
});
