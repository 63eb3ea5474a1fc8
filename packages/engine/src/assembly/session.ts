/** One session, put together from its parts: journal, guarded host, landing, review, tools, loop. */
import { type EventBody, type Result, type Session, fail, succeed } from "@twolane/protocol";
import type { Scope } from "@twolane/policy";
import packageJson from "../../package.json" with { type: "json" };
import { createReviewer } from "../edits/review/reviewer.ts";
import { recoverWorkspace } from "../edits/undo/recover.ts";
import type { Lander } from "../edits/landing/lander.ts";
import { branchOf } from "../host/git-state.ts";
import { diskFiles } from "../host/disk.ts";
import { takeLock } from "../host/lock-file.ts";
import { type ConversationLog, openConversationLog } from "../journal/conversation-log.ts";
import { createEventHub } from "../journal/event-hub.ts";
import { type Journal, openJournal, readJournal, reopenJournal } from "../journal/journal.ts";
import { defaultDiskCap, ownership, sessionFolder } from "../journal/state-folder.ts";
import { createLoop } from "../loop/loop.ts";
import type { CatalogInput } from "../models/catalog.ts";
import type { ConversationItem } from "../models/models.ts";
import { systemClock } from "../std/clock.ts";
import { sessionId } from "../std/ids.ts";
import { openLander, openReader } from "./landing.ts";
import { LiveSession } from "./live-session.ts";
import { modelKit, pinnedFor } from "./model-kit.ts";
import { isEvent } from "./past-sessions.ts";
import type { LandingOptions, LandingPlace } from "./place.ts";
import { type RestoredSession, isConversationItem, restoreSession } from "./restore.ts";
import type { OpenedSource } from "./sources.ts";

export interface SessionParts extends LandingPlace {
  readonly options: LandingOptions;
  readonly source: OpenedSource;
  /** Another model, for this session from now on. */
  readonly openSource?: (name: string) => Result<OpenedSource>;
  /** What `openSource` goes by. */
  readonly choice?: SourceChoice;
  /** An earlier session that goes on. */
  readonly resume?: EarlierSession;
}

/** What of the choice of models may change while a session runs. */
export interface SourceChoice {
  readonly input: CatalogInput;
  scope: Scope;
  /** Keys and addresses that the person typed. */
  env: Readonly<Record<string, string>>;
}

/** An earlier session, read and ready to go on. */
export interface EarlierSession {
  readonly id: string;
  readonly journal: ReturnType<typeof readJournal>;
  readonly log: ConversationLog<ConversationItem>;
  readonly restored: RestoredSession;
}

/** SESSION_MISSING, or SESSION_OPEN while another process has it. */
export function readEarlier({ state }: Pick<LandingPlace, "state">, id: string): Result<EarlierSession> {
  const folder = sessionFolder(state, id);
  const journal = readJournal(folder);
  const events = journal.lines.filter(isEvent);
  if (events.length === 0) return fail("SESSION_MISSING", `There is no session ${id} in this folder.`);
  if (ownership(folder) === "running") return fail("SESSION_OPEN", `The session ${id} is open in another terminal.`);
  const log = openConversationLog(folder, isConversationItem);
  return succeed({ id, journal, log, restored: restoreSession(events, log) });
}

export async function startSession(parts: SessionParts): Promise<Result<Session>> {
  const { workspace, state, source, resume, options } = parts;
  const id = resume?.id ?? sessionId(systemClock.wall());
  const hub = createEventHub(id, systemClock);
  const recover = (): ReturnType<typeof recoverWorkspace> =>
    recoverWorkspace({
      state,
      ...(resume === undefined && { current: id }),
      files: diskFiles,
      root: workspace.root,
      lock: () => takeLock(state.lockPath),
    });
  // A session that goes on is settled before it is opened again.
  const settled = resume === undefined ? undefined : await recover();
  const opened = await openFiles(parts, id, (message) => hub.emit({ type: "notice.given", code: "JOURNAL", message }));
  if (!opened.ok) {
    await source.session.close();
    return opened;
  }
  const journal = opened.value;
  const log = resume?.log ?? openConversationLog(journal.folder, isConversationItem);
  hub.keepIn(journal);
  const branch = branchOf(workspace.root);
  const opening = {
    workspace: workspace.root,
    model: source.session.model,
    version: packageJson.version,
    ...(branch && { branch }),
  };
  hub.emit({ type: resume === undefined ? "session.started" : "session.resumed", ...opening });
  if (resume?.journal.torn === true)
    hub.emit({
      type: "notice.given",
      code: "JOURNAL_TORN",
      message: "The last line of the session was cut off and is left out.",
    });
  const recovered = settled ?? (await recover());
  if (recovered.finished.length + recovered.reverted.length > 0)
    hub.emit({ type: "session.recovered", finished: recovered.finished, reverted: recovered.reverted });

  let lander: Lander | undefined;
  let session: LiveSession | undefined;
  const emit = (event: EventBody): void => {
    hub.emit(event);
    reviewer.observe(event);
    session?.observe(event);
  };
  const plan = { workspace, state, journal, scope: () => session?.scope ?? parts.scope };
  const reviewer = createReviewer({
    ...{
      root: workspace.root,
      files: diskFiles,
      journal,
      lock: () => takeLock(state.lockPath),
      clock: systemClock,
      onEvent: emit,
    },
    running: () => (loop.isIdle ? undefined : lander),
    openApproved: (onEvent) => openLander(plan, { mode: "hunk", dryRun: false, approved: true }, onEvent),
    onWithdrawn: (list) => {
      loop.withdraw(list);
      session?.forget(list);
    },
  });
  const review = {
    mode: () => session?.mode ?? "flow",
    wasRejected: reviewer.wasRejected.bind(reviewer),
    onRejected: reviewer.onRejected.bind(reviewer),
  };
  const wishes = { mode: options.landing, dryRun: options.dryRun, review };
  const reader = openReader(workspace, () => lander);
  const { calledFrom } = parts;
  const kitOf = (opened: OpenedSource) =>
    modelKit({
      ...{ source: opened.session, reads: opened.reads, reader, calledFrom },
      openLander: (onEvent) => (lander = openLander(plan, wishes, onEvent)),
    });
  const pinnedOf = (opened: OpenedSource) =>
    pinnedFor({ source: opened.session, reads: opened.reads }, { root: workspace.root, options, calledFrom });
  const loop = createLoop({
    ...kitOf(source),
    pinned: await pinnedOf(source),
    emit,
    now: systemClock.mono,
    onItem: (index, item) => log.put(index, item),
    ...(resume && { restored: resume.restored.loop }),
  });
  session = new LiveSession({
    ...{ parts, hub, journal, log, loop, reviewer, emit, kitOf, pinnedOf },
    ...(resume && { history: resume.journal.lines.filter(isEvent), restored: resume.restored }),
  });
  return succeed(session);
}

function openFiles({ state, resume }: SessionParts, id: string, onTrouble: (message: string) => void): Promise<Result<Journal>> {
  if (resume === undefined) return openJournal({ state, id, diskCap: defaultDiskCap, onTrouble });
  return reopenJournal(sessionFolder(state, id), { parsed: resume.journal, onTrouble });
}
