import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { diskFiles } from "../../host/disk.ts";
import { takeLock } from "../../host/lock-file.ts";
import { openStateFolder } from "../../journal/state-folder.ts";
import { systemClock } from "../../std/clock.ts";
import { changing } from "../../../test/landing/driver.ts";
import { must, treeOf } from "../../../test/landing/workshop.ts";
import { recoverWorkspace } from "./recover.ts";
import { applyUndo, planUndo } from "./undo.ts";

const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
let folder: string;
let driver: string;

beforeAll(async () => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-kill-")));
  driver = path.join(folder, "driver.mjs");
  const source = path.join(import.meta.dirname, "../../../test/landing/driver.ts");
  const loader = { ".md": "text" } as const;
  await build({
    entryPoints: [source],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: driver,
    conditions: ["source"],
    loader,
  });
});

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function baseline(): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of changing) files[name] = `head of ${name}\r\ncount 0\n${"filler\n".repeat(500)}last 0\ntail without newline`;
  for (let index = 0; index < 20; index++) files[`spare-${index}.txt`] = `spare ${index}\n`;
  return files;
}

async function killOnce(seed: number, delayMs: number): Promise<{ home: string; root: string }> {
  const home = fs.mkdtempSync(path.join(folder, "home-"));
  const root = fs.mkdtempSync(path.join(folder, "work-"));
  for (const [name, text] of Object.entries(baseline())) fs.writeFileSync(path.join(root, name), text);
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

const untilNothing = 10_000;

describe("kill -9 at a random moment of landing and undo", () => {
  it.each(Array.from({ length: 10 * scale }, (_, seed) => seed + 1))(
    "leaves nothing torn, and undo goes back to the first byte (%i)",
    async (seed) => {
      const { home, root } = await killOnce(seed, Math.random() * 250);
      const state = must(openStateFolder(home, root));
      const lock = (): Promise<() => void> => takeLock(state.lockPath);
      const recovered = await recoverWorkspace({ root, files: diskFiles, state, lock });
      expect(recovered.guessed).toEqual([]);
      expect(Object.keys(treeOf(root)).filter((name) => name.includes(".twolane-"))).toEqual([]);
      // Every file still has its ends: no write was seen in part.
      for (const name of changing) {
        expect(fs.readFileSync(path.join(root, name), "utf8")).toMatch(
          /^head of [abc]\.txt\r\ncount [^]*\ntail without newline$/,
        );
      }
      fs.writeFileSync(
        path.join(root, "b.txt"),
        fs.readFileSync(path.join(root, "b.txt"), "utf8").replace(/^head/, "typed head"),
      );
      const deps = { root, files: diskFiles, state, lock, clock: systemClock };
      for (let times = 0; times < untilNothing; times++) {
        const plan = await planUndo(deps, { kind: "last-turn" });
        if (!plan.ok) break;
        const report = must(await applyUndo(deps, plan.value));
        expect(report.held).toEqual([]);
      }
      const expected = baseline();
      expect(treeOf(root)).toEqual({ ...expected, "b.txt": `typed ${expected["b.txt"]}` });
      expect(await recoverWorkspace({ root, files: diskFiles, state, lock })).toEqual({
        finished: [],
        reverted: [],
        guessed: [],
      });
    },
  );
});
