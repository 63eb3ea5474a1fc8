/** A session that replays a commit of a person's own repository onto a copy of what was before it. */
import { type Result, type Session, succeed } from "@twolane/protocol";
import { type CopyProgress, copyBefore } from "../host/commit-copy.ts";
import { readCommit } from "../host/commit-text.ts";
import { openGit } from "../host/git.ts";
import { systemProcesses } from "../host/process.ts";
import { findWorkspace } from "../host/workspace.ts";
import { type ReplayFacts, createReplaySource } from "../models/replay/replay.ts";
import type { StepLimit } from "../models/replay/steps.ts";
import { type PlaceOptions, openLandingPlace } from "./place.ts";
import { startSession } from "./session.ts";

export interface ReplayWish extends PlaceOptions {
  /** A reference; HEAD when left out. */
  readonly commit?: string;
  /** Tokens a second; 0: as fast as it goes. */
  readonly pace: number;
  readonly limit?: StepLimit;
  readonly onProgress?: (progress: CopyProgress) => void;
}

export interface ReplayedCommit {
  readonly session: Session;
  readonly facts: ReplayFacts;
  readonly commit: { readonly short: string; readonly subject: string };
  /** The copy's work tree. */
  readonly folder: string;
  setPace(pace: number): void;
  /** Closes the session and takes the copy off the disk. */
  remove(): Promise<void>;
}

/** Fails as `readCommit` and `copyBefore` do; then nothing is left behind. */
export async function openReplay({
  cwd,
  env,
  commit: ref,
  pace,
  limit,
  onProgress,
}: ReplayWish): Promise<Result<ReplayedCommit>> {
  const workspace = findWorkspace(cwd);
  if (!workspace.ok) return workspace;
  const { root } = workspace.value;
  const commit = await readCommit(openGit(root, systemProcesses), ref ?? "HEAD");
  if (!commit.ok) return commit;
  const copy = await copyBefore({
    source: root,
    commit: commit.value,
    processes: systemProcesses,
    ...(onProgress && { onProgress }),
  });
  if (!copy.ok) return copy;
  const { folder } = copy.value;
  const source = createReplaySource({ commit: commit.value, pace, ...(limit && { limit }) });
  const options = { cwd: folder, env, scope: [], landing: "hunk", dryRun: false } as const;
  const place = openLandingPlace(options);
  const opened = place.ok
    ? await startSession({ options, source: { session: source.session, reads: false }, ...place.value })
    : place;
  if (!opened.ok) {
    copy.value.remove();
    return opened;
  }
  const session = opened.value;
  session.subscribe(source.observe.bind(source));
  return succeed({
    ...{ session, folder, facts: source.facts, setPace: source.setPace.bind(source) },
    commit: { short: commit.value.short, subject: commit.value.subject },
    async remove() {
      await session.close();
      copy.value.remove();
    },
  });
}
