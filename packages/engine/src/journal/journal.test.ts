import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { EventBody, TwolaneEvent } from "@twolane/protocol";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { type Journal, openJournal, readJournal, reopenJournal } from "./journal.ts";
import type { PreparedRecord } from "./records.ts";
import {
  type StateFolder,
  listSessions,
  openStateFolder,
  ownership,
  removedSessions,
  sessionFolder,
  unclosedSessions,
} from "./state-folder.ts";

const homes: string[] = [];
let home: string;
let state: StateFolder;

beforeEach(() => {
  home = fs.mkdtempSync(path.join(os.tmpdir(), "twolane-journal-"));
  homes.push(home);
  const opened = openStateFolder(home, "/some/where/project");
  if (!opened.ok) throw new Error(opened.failure.message);
  state = opened.value;
});
afterAll(() => {
  for (const made of homes) fs.rmSync(made, { recursive: true, force: true });
});

async function journal(id: string, diskCap = 1e9): Promise<Journal> {
  const opened = await openJournal({ state, id, diskCap, onTrouble: () => {} });
  if (!opened.ok) throw new Error(opened.failure.message);
  return opened.value;
}

const stamped = (body: EventBody): TwolaneEvent => ({ ...body, at: 1, mono: 1, lane: "fast", session: "s" });
const notice = (message: string): TwolaneEvent => stamped({ type: "notice.given", code: "X", message });
const prepared = (write: string, extra: Partial<PreparedRecord> = {}): PreparedRecord => ({
  type: "landing.prepared",
  write,
  path: "a.ts",
  preHash: "1",
  postHash: "2",
  mode: 0o644,
  steps: [],
  ...extra,
});

describe("the journal", () => {
  it("keeps events and records in order, without what is transient, for its user only", async () => {
    const one = await journal("s1");
    one.append(notice("first"));
    one.append(stamped({ type: "text.delta", text: "secret file text" }));
    await one.commit((blobs) => [prepared("w1", { pre: blobs.add(Buffer.from("before")) })]);
    one.note({ type: "write.done", write: "w1" });
    one.append(notice("last"));
    await one.close();
    const { lines, damaged, torn } = readJournal(one.folder);
    expect(lines.map(({ type }) => type)).toEqual(["notice.given", "landing.prepared", "write.done", "notice.given"]);
    expect([damaged, torn]).toEqual([[], false]);
    const mode = (name: string): number => fs.statSync(name).mode & 0o777;
    expect([mode(one.folder.path), mode(one.folder.journalPath), mode(one.folder.preimagesPath)]).toEqual([0o700, 0o600, 0o600]);
    expect(fs.readFileSync(one.folder.journalPath, "utf8")).not.toContain("before");
  });

  it("stores equal bytes once", async () => {
    const one = await journal("s1");
    const bytes = Buffer.alloc(1000, 1);
    for (const write of ["w1", "w2"]) await one.commit((blobs) => [prepared(write, { pre: blobs.add(bytes) })]);
    expect(fs.statSync(one.folder.preimagesPath).size).toBe(1000);
    expect(Buffer.from(one.readBlob([0, 1000])).equals(bytes)).toBe(true);
    await one.close();
  });

  it("drops a torn last line, sets a damaged one aside and uses the rest", async () => {
    const one = await journal("s1");
    for (const message of ["a", "b", "c"]) one.append(notice(message));
    await one.close();
    const [a = "", , c = ""] = fs.readFileSync(one.folder.journalPath, "utf8").split("\n");
    fs.writeFileSync(one.folder.journalPath, `${a}\n{"type":"notice.gi\0\0garbage\n${c}\n${a.slice(0, 20)}`);
    const parsed = readJournal(one.folder);
    expect(parsed.lines).toHaveLength(2);
    expect([parsed.damaged, parsed.torn]).toEqual([[2], true]);
    const again = await reopenJournal(one.folder, { parsed, onTrouble: () => {} });
    if (again.ok) {
      again.value.append(notice("d"));
      await again.value.close();
    }
    expect(readJournal(one.folder).lines.map((line) => line.type === "notice.given" && line.message)).toEqual(["a", "c", "d"]);
  });

  it("reads a journal that was cut at any byte", async () => {
    const one = await journal("s1");
    for (const message of ["a", "b\n\u00e9", "c"]) one.append(notice(message));
    await one.close();
    const bytes = fs.readFileSync(one.folder.journalPath);
    for (let cut = 0; cut <= bytes.length; cut++) {
      fs.writeFileSync(one.folder.journalPath, bytes.subarray(0, cut));
      const whole = bytes.subarray(0, cut).filter((byte) => byte === 0x0a).length;
      expect(readJournal(one.folder)).toMatchObject({ damaged: [], torn: cut > 0 && bytes[cut - 1] !== 0x0a });
      expect(readJournal(one.folder).lines).toHaveLength(whole);
    }
  });

  it("says STATE_UNWRITABLE where the folder cannot be had", async () => {
    const file = path.join(home, "file");
    fs.writeFileSync(file, "");
    const opened = openStateFolder(file, "/some/where");
    expect(!opened.ok && opened.failure.code).toBe("STATE_UNWRITABLE");
    fs.rmSync(path.join(state.path, "sessions"), { recursive: true });
    fs.writeFileSync(path.join(state.path, "sessions"), "");
    const session = await openJournal({ state, id: "s1", diskCap: 1, onTrouble: () => {} });
    expect(!session.ok && session.failure.code).toBe("STATE_UNWRITABLE");
  });

  it("evicts the oldest sessions, never one that is open", async () => {
    const fill = async (id: string): Promise<Journal> => {
      const one = await journal(id);
      await one.commit((blobs) => [prepared("w", { pre: blobs.add(Buffer.alloc(1000)) })]);
      return one;
    };
    await (await fill("s1")).close();
    const running = await fill("s2");
    await (await fill("s3")).close();
    await (await fill("s4")).close();
    const last = await journal("s5", 2900);
    const left = (): string[] => listSessions(state).map(({ id }) => id);
    // The start of a session does not wait for it.
    expect(left()).toHaveLength(5);
    await expect.poll(left).toEqual(["s5", "s4", "s2"]);
    expect(removedSessions(state)).toEqual({ sessions: 2, until: expect.any(Number) });
    expect(Math.abs((removedSessions(state)?.until ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(["s2", "s4", "s5"].map((id) => ownership(sessionFolder(state, id)))).toEqual(["running", "closed", "running"]);
    await running.close();
    await last.close();
    const short = await journal("s6", 1000);
    await short.commit((blobs) => [prepared("w", { pre: blobs.add(Buffer.alloc(1000)) })]);
    await short.close();
    expect(left()).toEqual(["s6"]);
  });

  it("knows which sessions nobody has closed without looking into each, also of a version that made no marks", async () => {
    const unclosed = (): string[] => unclosedSessions(state).map(({ id }) => id);
    expect(unclosed()).toEqual([]);
    await (await journal("s1")).close();
    const running = await journal("s2");
    expect(unclosed()).toEqual(["s2"]);
    fs.rmSync(path.join(state.path, "open"), { recursive: true });
    expect(unclosed()).toEqual(["s2", "s1"]);
    const other = await journal("s3");
    expect(unclosed()).toEqual(["s3", "s2"]);
    await running.close();
    await other.close();
    expect(unclosed()).toEqual([]);
  });

  it("tells workspaces with the same name apart", () => {
    const other = openStateFolder(home, "/else/where/project");
    expect(other.ok && other.value.path).not.toBe(state.path);
    expect(path.basename(state.path)).toMatch(/^project-[0-9a-f]{16}$/);
  });
});
