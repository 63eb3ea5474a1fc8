/** A session that replays a commit, of a person's own repository onto a copy of what was before it, or one that the caller brings along. */
import path from "node:path";
import { type Result, type Session, fail, succeed } from "@twolane/protocol";
import { type CopyProgress, copyBefore } from "../host/commit-copy.ts";
import { type CommitStory, type CommitText, readCommit } from "../host/commit-text.ts";
import { type Git, openGit } from "../host/git.ts";
import { type Processes, systemProcesses } from "../host/process.ts";
import { findWorkspace } from "../host/workspace.ts";
import { type ReplayFacts, type ReplaySource, createReplaySource } from "../models/replay/replay.ts";
import type { StepLimit } from "../models/replay/steps.ts";
import { type Environment, openLandingPlace } from "./place.ts";
import { startSession } from "./session.ts";

export interface ReplayPace {
  /** Tokens a second; 0: as fast as it goes. */
  readonly pace: number;
  readonly limit?: StepLimit;
  /** Hunks that may be out before the disk has them; left out: many. */
  readonly ahead?: number;
}

export interface ReplayWish extends ReplayPace {
  readonly cwd: string;
  readonly env: Environment;
  /** A reference; left out: the last commit that an edit can say something of. */
  readonly commit?: string;
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Ends the copying; nothing is left behind then. */
  readonly signal?: AbortSignal;
}

export interface ReplayedCommit {
  readonly session: Session;
  readonly facts: ReplayFacts;
  readonly commit: Pick<CommitStory, "short" | "subject">;
  /** Later ones that hold nothing which an edit can say, the last one first. */
  readonly passedOver: readonly PassedOver[];
  /** Where this one is short and was not named: an earlier one that shows more. */
  readonly longer?: LongerCommit;
  /** The copy's work tree. */
  readonly folder: string;
  /** For whatever else is opened there: its state goes with the copy. */
  readonly env: Environment;
  /** Tokens a second, now. */
  pace(): number;
  setPace(pace: number): void;
  /** Closes the session and takes the copy off the disk. */
  remove(): Promise<void>;
}

export interface PassedOver {
  readonly short: string;
  readonly subject: string;
  /** E.g. `binary`; empty where the commit changes no file. */
  readonly reasons: readonly string[];
}

interface LongerCommit {
  readonly short: string;
  readonly subject: string;
  readonly hunks: number;
}

/** Fails as `readCommit` and `copyBefore` do, and with USAGE where no edit can say anything of the commit. Then nothing is left behind. */
export async function openReplay({
  cwd,
  env,
  commit: ref,
  onProgress,
  signal,
  ...pace
}: ReplayWish): Promise<Result<ReplayedCommit>> {
  const workspace = findWorkspace(cwd);
  if (!workspace.ok) return workspace;
  const { root } = workspace.value;
  const processes: Processes = { run: (options) => systemProcesses.run({ ...options, ...(signal && { signal }) }) };
  const git = openGit(root, processes);
  const found = await findCommit(git, ref, pace);
  if (!found.ok) return found;
  const { commit, source, passedOver } = found.value;
  const longer = ref === undefined && source.facts.played < shortHunks ? await findLonger(git, commit) : undefined;
  const copy = await copyBefore({ source: root, commit, processes, ...(onProgress && { onProgress }) });
  if (!copy.ok) return copy;
  return openOnCopy({ ...copy.value, commit, source, passedOver, env, ...(longer && { longer }) });
}

export interface BroughtReplay extends ReplayPace {
  readonly commit: CommitStory;
  /** Work tree in which everything is as before the commit. */
  readonly folder: string;
  /** A place, which need not be there yet, for what belongs to it and goes with it. */
  readonly beside: string;
  readonly env: Environment;
  /** Takes both off the disk. */
  remove(): void;
}

/** A replay that needs no repository, nor git. */
export function openBroughtReplay({ pace, limit, ahead, ...brought }: BroughtReplay): Promise<Result<ReplayedCommit>> {
  const source = createReplaySource({
    commit: brought.commit,
    pace,
    ...(limit && { limit }),
    ...(ahead !== undefined && { ahead }),
  });
  return openOnCopy({ ...brought, source, passedOver: [] });
}

interface FoundCommit {
  readonly commit: CommitText;
  readonly source: ReplaySource;
  readonly passedOver: readonly PassedOver[];
}

/** So far back is looked for a commit that can be shown. */
const mostPassedOver = 20;

async function findCommit(git: Git, wanted: string | undefined, pace: ReplayPace): Promise<Result<FoundCommit>> {
  const passedOver: PassedOver[] = [];
  for (let ref: string | undefined = wanted ?? "HEAD"; ref !== undefined && passedOver.length < mostPassedOver;) {
    const commit: Result<CommitText> = await readCommit(git, ref);
    if (!commit.ok) return commit;
    const source = createReplaySource({ commit: commit.value, ...pace });
    if (source.facts.played > 0) return succeed({ commit: commit.value, source, passedOver });
    const { short, subject, parent } = commit.value;
    passedOver.push({ short, subject, reasons: [...new Set(source.facts.leftOut.map(({ reason }) => reason))] });
    ref = wanted === undefined ? parent : undefined;
  }
  const [last] = passedOver;
  const why = last === undefined || last.reasons.length === 0 ? "it changes no text" : last.reasons.join(", ");
  return fail("USAGE", `No edit can say anything of the commit ${last?.short ?? ""}: ${why}.`, "Name another one with --commit.");
}

/** With fewer there is nothing to stop, steer and reject one after the other. */
const shortHunks = 4;
const longHunks = 6;

/** The nearest earlier commit that gives more to do; undefined where none of the last few does. */
async function findLonger(git: Git, { parent }: CommitText): Promise<LongerCommit | undefined> {
  let ref = parent;
  for (let seen = 0; ref !== undefined && seen < mostPassedOver; seen++) {
    const commit = await readCommit(git, ref);
    if (!commit.ok) return undefined;
    const { short, subject } = commit.value;
    const { hunks } = createReplaySource({ commit: commit.value, pace: 0 }).facts;
    if (hunks >= longHunks) return { short, subject, hunks };
    ref = commit.value.parent;
  }
  return undefined;
}

interface OpenCopy {
  readonly commit: CommitStory;
  readonly source: ReplaySource;
  readonly passedOver: readonly PassedOver[];
  readonly longer?: LongerCommit;
  readonly folder: string;
  readonly beside: string;
  readonly env: Environment;
  remove(): void;
}

async function openOnCopy(copy: OpenCopy): Promise<Result<ReplayedCommit>> {
  const { commit, source, folder, passedOver, longer } = copy;
  const env = { ...copy.env, XDG_STATE_HOME: path.join(copy.beside, "state") };
  const options = { cwd: folder, env, scope: [], landing: "hunk", dryRun: false } as const;
  const place = await openLandingPlace(options);
  const opened = place.ok
    ? await startSession({ options, source: { session: source.session, reads: false }, ...place.value })
    : place;
  if (!opened.ok) {
    copy.remove();
    return opened;
  }
  const session = opened.value;
  session.subscribe(source.observe.bind(source));
  return succeed({
    ...{
      session,
      folder,
      env,
      passedOver,
      facts: source.facts,
      pace: source.pace.bind(source),
      setPace: source.setPace.bind(source),
    },
    commit: { short: commit.short, subject: commit.subject },
    ...(longer && { longer }),
    async remove() {
      await session.close();
      copy.remove();
    },
  });
}
