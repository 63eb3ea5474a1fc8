/** For tests: a session that replays a commit of a repository on a copy of its parent, all of it real. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Result, Session, TwolaneEvent } from "@twolane/protocol";
import { openLandingPlace } from "../src/assembly/place.ts";
import { startSession } from "../src/assembly/session.ts";
import { type CommitCopy, copyBefore } from "../src/host/commit-copy.ts";
import { type CommitText, readCommit } from "../src/host/commit-text.ts";
import { openGit } from "../src/host/git.ts";
import { systemProcesses } from "../src/host/process.ts";
import { type ReplaySource, createReplaySource } from "../src/models/replay/replay.ts";
import type { StepLimit } from "../src/models/replay/steps.ts";

export interface Stage {
  readonly session: Session;
  readonly source: ReplaySource;
  readonly commit: CommitText;
  readonly copy: CommitCopy;
  readonly events: TwolaneEvent[];
  /** Resolves with the first event, also an earlier one, that fits. */
  until(fits: (event: TwolaneEvent) => boolean): Promise<TwolaneEvent>;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly source: string;
  readonly ref?: string;
  readonly pace?: number;
  readonly limit?: StepLimit;
}

export async function openStage({ source: from, ref = "HEAD", pace = 0, limit }: StageOptions): Promise<Stage> {
  const commit = must(await readCommit(openGit(from, systemProcesses), ref));
  const copy = must(await copyBefore({ source: from, commit, processes: systemProcesses }));
  const home = temporaryFolder("state");
  const options = { cwd: copy.folder, env: { XDG_STATE_HOME: home }, scope: [], landing: "hunk", dryRun: false } as const;
  const source = createReplaySource({ commit, pace, ...(limit && { limit }) });
  const session = must(
    await startSession({ options, source: { session: source.session, reads: false }, ...must(await openLandingPlace(options)) }),
  );
  const events: TwolaneEvent[] = [];
  const waiting = new Set<(event: TwolaneEvent) => void>();
  session.subscribe((event) => {
    source.observe(event);
    events.push(event);
    for (const hear of waiting) hear(event);
  });
  return {
    ...{ session, source, commit, copy, events },
    until: (fits) =>
      new Promise((resolve) => {
        const known = events.find(fits);
        if (known !== undefined) return resolve(known);
        const hear = (event: TwolaneEvent): void => {
          if (!fits(event)) return;
          waiting.delete(hear);
          resolve(event);
        };
        waiting.add(hear);
      }),
    async close() {
      await session.close();
      copy.remove();
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

export function must<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.failure.code}: ${result.failure.message}`);
  return result.value;
}

export function temporaryFolder(name: string): string {
  return fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), `twolane-${name}-`)));
}

/** Git as a person calls it, with nobody's configuration. */
export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync("git", ["-C", folder, "-c", "user.name=test", "-c", "user.email=test@example.org", ...args], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], GIT_CONFIG_GLOBAL: os.devNull, GIT_CONFIG_NOSYSTEM: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1024 ** 3,
  });
}

/** Everything below a folder but `.git`: path → mode and content. */
export function treeOf(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (below: string): void => {
    for (const name of fs.readdirSync(path.join(folder, below)).toSorted()) {
      const relative = path.join(below, name);
      if (relative === ".git") continue;
      const stats = fs.lstatSync(path.join(folder, relative));
      if (stats.isDirectory()) visit(relative);
      else if (stats.isSymbolicLink()) found[relative] = `link ${fs.readlinkSync(path.join(folder, relative))}`;
      else found[relative] = fs.readFileSync(path.join(folder, relative), "latin1");
    }
  };
  visit("");
  return found;
}
