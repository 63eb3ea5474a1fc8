/** The landing of a session, with the guard in front of it. */
import { createRequire } from "node:module";
import type { EventBody, Lane } from "@twolane/protocol";
import { createLander } from "../edits/landing/land.ts";
import type { Lander, LanderOptions } from "../edits/landing/lander.ts";
import { type GuardedReader, createGuardedReader } from "../guard/guarded-reader.ts";
import { type YesTo, recordYes } from "../guard/gates/local-yes.ts";
import { systemFailure } from "../host/errors.ts";
import { Allowances } from "../guard/allowances.ts";
import { SessionTotals } from "../guard/change-totals.ts";
import { type HunkJudge, type Place, createHunkJudge } from "../guard/hunk-judge.ts";
import { type SizeWatch, createSizeWatch } from "../guard/size-watch.ts";
import { ManifestTexts } from "../guard/manifest-texts.ts";
import type { SecretScreen } from "../guard/secret-screen.ts";
import { diskFiles } from "../host/disk.ts";
import { takeLock } from "../host/lock-file.ts";
import { systemProcesses } from "../host/process.ts";
import { type Workspace, resolveTarget } from "../host/workspace.ts";
import type { Journal } from "../journal/journal.ts";
import type { StateFolder } from "../journal/state-folder.ts";
import type { PolicyJudge, Reader, Scope } from "@twolane/policy";
import { namesIn } from "../host/user-files.ts";
import { systemClock } from "../std/clock.ts";
import type { EditGate } from "./hook-gate.ts";
import { TurnConstraints } from "./turn-constraints.ts";

export interface LandingPlan {
  readonly workspace: Workspace;
  readonly state: StateFolder;
  readonly journal: Journal;
  readonly guard: LandingGuard;
}

/** What stands in front of a session's landing, for all its turns. */
export interface LandingGuard {
  readonly judge: HunkJudge;
  readonly totals: SessionTotals;
  readonly sizes: SizeWatch;
  readonly allowances: Allowances;
  readonly constraints: TurnConstraints;
  readonly manifests: ManifestTexts;
  /** Absent: nobody is asked before a file is edited. */
  readonly gate?: EditGate | undefined;
}

export interface GuardWishes {
  /** Of the session's earlier processes. */
  readonly history: readonly EventBody[];
  readonly root: string;
  readonly state: StateFolder;
  /** Asked for each hunk: it may change while the session runs. */
  readonly scope: () => Scope;
  readonly policy: PolicyJudge;
  readonly lane: Lane;
  readonly gate?: EditGate | undefined;
}

export function openLandingGuard({ root, state, scope, policy, history, lane, gate }: GuardWishes): LandingGuard {
  const totals = new SessionTotals();
  const allowances = new Allowances(keptYeses(state));
  const manifests = new ManifestTexts({ root, files: diskFiles, namesIn });
  const fileText = (path: string): string | undefined => manifests.text(path);
  const hasFile = (path: string): boolean => manifests.has(path);
  const constraints = new TurnConstraints();
  const judge = createHunkJudge({
    ...{ policy, scope, lane, totals, allowances, fileText, hasFile },
    constraints: (turn) => constraints.of(turn),
  });
  const sizes = createSizeWatch({ policy, totals, lane });
  for (const event of history) {
    totals.observe(event);
    constraints.observe(event);
    allowances.take(event);
  }
  return {
    judge: gate === undefined ? judge : behindGate(judge, { gate, allowances }),
    gate,
    totals,
    sizes,
    allowances,
    constraints,
    manifests,
  };
}

/** What the hooks of a file say counts as a rule does: a yes for the session covers it. */
function behindGate(
  judge: HunkJudge,
  { gate, allowances }: { readonly gate: EditGate; readonly allowances: Allowances },
): HunkJudge {
  const refusals = (places: readonly (Place | undefined)[]) =>
    allowances.without(places.flatMap((place) => (place === undefined ? [] : gate.refusals(place.real))));
  return { ...judge, hunk: (hunk) => [...judge.hunk(hunk), ...refusals([hunk.from, hunk.to])] };
}

/** Behind the landing; where it cannot be kept, the gate at commit asks again. */
const keptYeses =
  ({ path: folder }: StateFolder) =>
  (yes: YesTo): void =>
    void setImmediate(() => {
      try {
        recordYes(folder, yes, systemClock.wall());
      } catch (error) {
        if (systemFailure(error, folder, "write").ok) throw error;
      }
    });

export type LandingWishes = Omit<LanderOptions, "onEvent">;

export function openLander(
  { workspace, state, journal, guard }: LandingPlan,
  wishes: LandingWishes,
  onEvent: (event: EventBody) => void,
): Lander {
  guard.manifests.renew();
  return createLander(
    {
      root: workspace.root,
      files: diskFiles,
      journal,
      lock: () => takeLock(state.lockPath),
      resolve: (name) => resolveTarget(workspace, name),
      judge: guard.judge,
      prepare: async (path) => {
        await guard.gate?.ask(path);
        await guard.manifests.look(path);
      },
      clock: systemClock,
    },
    { ...wishes, onEvent },
  );
}

export interface ReaderWishes {
  readonly workspace: Workspace;
  readonly lander: () => Lander | undefined;
  readonly policy: PolicyJudge;
  readonly screen: SecretScreen;
  /** Who would see what is read: may change while the session runs. */
  readonly who: () => Reader;
}

export function openReader({ workspace, lander, policy, screen, who }: ReaderWishes): GuardedReader {
  return createGuardedReader({
    ...{ workspace, screen },
    files: diskFiles,
    processes: systemProcesses,
    ripgrep: ripgrepPath,
    pending: (relative) => lander()?.pending(relative),
    mayRead: (file) => policy.read(file, who()),
    unreadable: () =>
      policy.layers
        .flatMap(({ scope }) => scope)
        .filter(({ effect, paths }) => effect === "unreadable" && !paths.some((glob) => glob.startsWith("!")))
        .flatMap(({ paths }) => paths),
  });
}

/** Found only when a search needs it: loading the package costs more than a start may. */
export function ripgrepPath(): string {
  return createRequire(import.meta.url)("@vscode/ripgrep").rgPath;
}
