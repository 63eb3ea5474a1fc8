import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type EventBody, type TwolaneEvent, reviewEvent } from "@twolane/protocol";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openReviewBench } from "../../../test/landing/review-bench.ts";
import { judgeWith, must, treeOf } from "../../../test/landing/workshop.ts";
import { Allowances } from "../../guard/allowances.ts";
import { diskFiles } from "../../host/disk.ts";
import type { Files } from "../../host/files.ts";
import { takeLock } from "../../host/lock-file.ts";
import { resolveTarget } from "../../host/workspace.ts";
import { readJournal, reopenJournal } from "../../journal/journal.ts";
import { isLandingRecord } from "../../journal/records.ts";
import { listSessions, openStateFolder } from "../../journal/state-folder.ts";
import { systemClock } from "../../std/clock.ts";
import { createLander } from "../landing/land.ts";
import { recoverWorkspace } from "../undo/recover.ts";
import { type Withdrawn, createReviewer } from "./reviewer.ts";
import { SessionLedger } from "./session-ledger.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
let folder: string;
let driver: string;

beforeAll(async () => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-review-kill-")));
  driver = path.join(folder, "driver.mjs");
  const entry = path.join(import.meta.dirname, "../../../test/landing/review-driver.ts");
  const form = { bundle: true, platform: "node" as const, format: "esm" as const };
  await build({ entryPoints: [entry], outfile: driver, conditions: ["source"], loader: { ".md": "text" }, ...form });
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

async function killOnce(seed: number, delayMs: number): Promise<{ home: string; root: string }> {
  const home = fs.mkdtempSync(path.join(folder, "home-"));
  const root = fs.mkdtempSync(path.join(folder, "work-"));
  for (const name of ["a.ts", "b.ts"]) fs.writeFileSync(path.join(root, name), "1\n2\n3\n4\n5\n");
  const child = spawn(process.execPath, [driver, home, root, `${seed}`], { stdio: ["ignore", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
  await once(child.stdout, "data");
  await sleep(delayMs);
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  const [status, signal] = await exited;
  expect([status, signal, complaint]).toEqual([null, "SIGKILL", ""]);
  return { home, root };
}

/** The next start after a crash: what was half written is settled, and the review begins with what the journal says. */
async function comeBack(home: string, root: string) {
  const state = must(openStateFolder(home, root));
  const lock = (): Promise<() => void> => takeLock(state.lockPath);
  await recoverWorkspace({ root, files: diskFiles, state, lock });
  const [session] = listSessions(state);
  const parsed = readJournal(session!);
  const journal = must(await reopenJournal(session!, { parsed, onTrouble: () => {} }));
  const deps = { root, files: diskFiles, journal, lock, clock: systemClock };
  const withdrawn: Withdrawn[] = [];
  const told: EventBody[] = [];
  const reviewer = createReviewer({
    allowances: new Allowances(),
    judge: judgeWith(),
    ...deps,
    running: () => undefined,
    openApproved: (onEvent) =>
      createLander(
        { ...deps, resolve: (name) => resolveTarget({ root, kind: "folder" }, name), judge: judgeWith() },
        { mode: "hunk", dryRun: false, approved: true, onEvent },
      ),
    onEvent: (event) => {
      told.push(event);
      reviewEvent(reviewer.review, event);
    },
    onWithdrawn: (list) => void withdrawn.push(...list),
  });
  const events = parsed.lines.filter((line): line is TwolaneEvent => !isLandingRecord(line));
  for (const event of events) reviewer.observe(event);
  await reviewer.idle();
  const records = parsed.lines.filter(isLandingRecord);
  return { reviewer, told, withdrawn, records, close: () => journal.close() };
}

describe("kill -9 between the two files of a move that is taken back", () => {
  it("is finished by the next start, which tells it", async () => {
    const home = fs.mkdtempSync(path.join(folder, "home-"));
    const root = fs.mkdtempSync(path.join(folder, "work-"));
    const snapshot = fs.mkdtempSync(path.join(folder, "snapshot-"));
    fs.writeFileSync(path.join(root, "a.ts"), "1\n2\n");
    let isTakingBack = false;
    const port = (files: Files): Files => ({
      ...files,
      remove(name, expected) {
        // What a kill in this moment leaves behind.
        if (isTakingBack)
          for (const from of [home, root]) fs.cpSync(from, path.join(snapshot, path.basename(from)), { recursive: true });
        return files.remove(name, expected);
      },
    });
    const bench = await openReviewBench({ at: { home, root }, port });
    const stamp = { at: 0, mono: 0, lane: "fast" as const, session: bench.workshop.journal.id };
    bench.onEvent = (event) => bench.workshop.journal.append({ ...event, ...stamp });
    const lander = bench.open();
    await bench.land(lander, "h1", { kind: "move", path: "a.ts", to: "b.ts" });
    const lines = [
      { op: "keep" as const, text: "2" },
      { op: "add" as const, text: "3" },
    ];
    await bench.land(lander, "h2", { kind: "update", path: "b.ts", anchors: [], endOfFile: false, lines });
    await lander.finish();
    isTakingBack = true;
    await bench.reviewer.reject(["h1"], "no");
    await bench.dispose();
    for (const at of [home, root]) {
      fs.rmSync(at, { recursive: true });
      fs.cpSync(path.join(snapshot, path.basename(at)), at, { recursive: true });
    }
    expect(treeOf(root)).toEqual({ "a.ts": "1\n2\n", "b.ts": "1\n2\n3\n" });
    const state = must(openStateFolder(home, root));
    const [session] = listSessions(state);
    // Nobody of that name runs, and this process, which does, does not hold the lock any more.
    fs.writeFileSync(session!.ownerPath, "1-0");
    fs.rmSync(state.lockPath, { recursive: true });

    const { reviewer, told, withdrawn, close } = await comeBack(home, root);
    expect(treeOf(root)).toEqual({ "a.ts": "1\n2\n" });
    expect([...reviewer.review].map(([hunk, { state }]) => `${hunk} ${state}`)).toEqual(["h1 rejected", "h2 held"]);
    expect(withdrawn.map(({ hunk, state }) => `${hunk} ${state}`).sort()).toEqual(["h1 rejected", "h2 held"]);
    expect(told).toContainEqual({ type: "hunk.rejected", hunk: "h1", path: "a.ts", reason: "no" });
    await reviewer.accept(["h1", "h2"]);
    expect(treeOf(root)).toEqual({ "b.ts": "1\n2\n3\n" });
    await close();
  });
});

describe("kill -9 at a random moment of landing, rejecting, undoing and coming back", () => {
  it.each(Array.from({ length: 6 * scale }, (_, seed) => seed + 1))(
    "leaves disk and review of one mind, and both go on (%i)",
    async (seed) => {
      const { home, root } = await killOnce(seed, 30 + Math.random() * 250);
      const { reviewer, told, withdrawn, records, close } = await comeBack(home, root);
      const check = (): void => {
        const tree = Object.entries(treeOf(root));
        expect(tree.filter(([name]) => name.includes(".twolane-"))).toEqual([]);
        const text = tree.map(([name, content]) => `${name}\n${content}`).join("\n");
        for (const [
          hunk,
          {
            state: now,
            hunk: { operation },
          },
        ] of reviewer.review) {
          const isThere = text.includes(operation === "move" ? `moved/${hunk}/` : `<${hunk}>`);
          const isOn = now === "landed" || now === "accepted";
          // A file that was moved on does not lie where the first move put it.
          if (operation === "move" && isOn) continue;
          expect([hunk, now, isThere]).toEqual([hunk, now, isOn]);
        }
      };
      check();
      const ledger = new SessionLedger();
      ledger.catchUp(records, { content: () => undefined, readBlob: () => new Uint8Array() });
      const on = [...reviewer.review].flatMap(([hunk, { state: now }]) => (now === "landed" || now === "accepted" ? [hunk] : []));
      for (const hunk of on) expect([hunk, ledger.missingGround(hunk)]).toEqual([hunk, []]);
      // What a crash kept from being told was told now, to whoever keeps the conversation as well.
      const gone = told.filter(({ type }) => type === "hunk.rejected" || type === "hunk.undone" || type === "hunk.held");
      expect(withdrawn).toHaveLength(gone.length);

      await reviewer.reject(on.slice(0, 3));
      check();
      await reviewer.undo(on);
      check();
      expect(treeOf(root)).toEqual({ "a.ts": "1\n2\n3\n4\n5\n", "b.ts": "1\n2\n3\n4\n5\n" });
      await close();
    },
    30_000,
  );
});
