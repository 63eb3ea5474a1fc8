/** For tests: a real folder, a real state folder and a lander on them. */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { DialectName, EventBody, ModelCapabilities, Result } from "@twolane/protocol";
import { type PolicyJudge, everywhere } from "@twolane/policy";
import { Allowances } from "../../src/guard/allowances.ts";
import { SessionTotals } from "../../src/guard/change-totals.ts";
import { type HunkJudge, createHunkJudge } from "../../src/guard/hunk-judge.ts";
import { diskFiles } from "../../src/host/disk.ts";
import type { Files } from "../../src/host/files.ts";
import { takeLock } from "../../src/host/lock-file.ts";
import { type Workspace, resolveTarget } from "../../src/host/workspace.ts";
import { type Journal, openJournal } from "../../src/journal/journal.ts";
import { type StateFolder, defaultDiskCap, openStateFolder } from "../../src/journal/state-folder.ts";
import { systemClock } from "../../src/std/clock.ts";
import { sessionId } from "../../src/std/ids.ts";
import { createParser } from "../../src/edits/dialects/dialects.ts";
import { type EditReport, createEditStream } from "../../src/edits/landing/edit-stream.ts";
import { type LanderDeps, createLander } from "../../src/edits/landing/land.ts";
import type { Lander, LanderOptions } from "../../src/edits/landing/lander.ts";

export interface Workshop {
  readonly home: string;
  readonly root: string;
  readonly workspace: Workspace;
  readonly state: StateFolder;
  readonly journal: Journal;
  readonly events: EventBody[];
  readonly deps: LanderDeps;
  readonly allowances: Allowances;
  lander(options?: Partial<LanderOptions>): Lander;
  write(name: string, text: string | Uint8Array): void;
  read(name: string): string;
  /** Every file with its text, `.git` and nothing else left out. */
  tree(): Record<string, string>;
  /** Temporary files of ours that lie in the workspace. */
  leftovers(): string[];
  dispose(): Promise<void>;
}

export interface WorkshopOptions {
  readonly files?: Readonly<Record<string, string>>;
  /** Instead of fresh folders: those of another workshop. */
  readonly at?: { readonly home: string; readonly root: string };
  readonly port?: (files: Files) => Files;
  /** What speaks against hunks; absent: nothing. */
  readonly policy?: Partial<LandingPolicy>;
}

type LandingPolicy = Pick<PolicyJudge, "path" | "refusals">;

/** A judge that goes by this policy alone. */
export function judgeWith(policy: Partial<LandingPolicy> = {}, allowances = new Allowances()): HunkJudge {
  const whole: LandingPolicy = { path: () => ({ decision: "allow" }), refusals: () => [], ...policy };
  const deps = { lane: "fast" as const, totals: new SessionTotals(), allowances, fileText: () => undefined };
  return createHunkJudge({ ...deps, policy: whole, scope: () => everywhere });
}

let clockTick = 0;

export async function openWorkshop({ files = {}, at, port = (same) => same, policy }: WorkshopOptions = {}): Promise<Workshop> {
  const home = at?.home ?? fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-state-")));
  const root = at?.root ?? fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-work-")));
  const workspace: Workspace = { root, kind: "folder" };
  const write = (name: string, text: string | Uint8Array): void => {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  const state = must(openStateFolder(home, root));
  const journal = must(
    await openJournal({ state, id: sessionId(Date.now() + clockTick++), diskCap: defaultDiskCap, onTrouble: () => {} }),
  );
  const events: EventBody[] = [];
  const allowances = new Allowances();
  const deps: LanderDeps = {
    root,
    files: port(diskFiles),
    journal,
    lock: () => takeLock(state.lockPath),
    resolve: (name) => resolveTarget(workspace, name),
    judge: judgeWith(policy, allowances),
    clock: systemClock,
  };
  return {
    home,
    root,
    workspace,
    state,
    journal,
    events,
    deps,
    allowances,
    lander: (options) => createLander(deps, { mode: "hunk", dryRun: false, onEvent: (event) => events.push(event), ...options }),
    write,
    read: (name) => fs.readFileSync(path.join(root, name), "utf8"),
    tree: () => treeOf(root),
    leftovers: () => Object.keys(treeOf(root)).filter((name) => path.basename(name).startsWith(".twolane-")),
    async dispose() {
      await journal.close();
      if (at) return;
      fs.rmSync(home, { recursive: true, force: true });
      fs.rmSync(root, { recursive: true, force: true });
    },
  };
}

export function treeOf(root: string): Record<string, string> {
  const names = fs.readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
  const files = names.filter((name) => fs.statSync(path.join(root, name)).isFile());
  return Object.fromEntries(
    files.map((name) => [name.split(path.sep).join("/"), fs.readFileSync(path.join(root, name), "latin1")]),
  );
}

export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.message}`);
  return result.value;
}

export interface StreamOptions {
  readonly lander: Lander;
  readonly dialect?: DialectName;
  readonly form?: ModelCapabilities["editForm"];
  readonly turn?: string;
  readonly events?: EventBody[];
  /** First number of the hunks' names. */
  readonly from?: number;
}

/** The whole text as one edit call, finished and written. */
export async function applyText(text: string, options: StreamOptions): Promise<EditReport> {
  const stream = openStream(options);
  stream.push(text);
  const report = await stream.end(true);
  await options.lander.finish();
  return report;
}

export function openStream({ lander, dialect = "v4a", form = "freeform", turn = "t1", events, from = 1 }: StreamOptions) {
  let count = from;
  return createEditStream({
    parser: createParser(dialect, form),
    lander,
    turn,
    nextHunk: () => `h${count++}`,
    onEvent: (event) => events?.push(event),
  });
}
