/** One session, put together from its parts: journal, guarded host, landing, review, tools, loop. */
import path from "node:path";
import { type EventBody, type Result, type ReviewMode, type Session, type TurnId, fail, succeed } from "@twolane/protocol";
import packageJson from "../../package.json" with { type: "json" };
import { SeenFiles } from "../context/ledger.ts";
import type { Skill } from "../context/skills.ts";
import type { Lander } from "../edits/landing/lander.ts";
import { createReviewer } from "../edits/review/reviewer.ts";
import { recoverWorkspace } from "../edits/undo/recover.ts";
import { type SecretScreen, openSecretScreen } from "../guard/secret-screen.ts";
import { diskFiles } from "../host/disk.ts";
import { branchOf } from "../host/git-state.ts";
import { takeLock } from "../host/lock-file.ts";
import { writtenTo } from "../host/user-files.ts";
import { type ConversationLog, openConversationLog } from "../journal/conversation-log.ts";
import { type EventHub, createEventHub } from "../journal/event-hub.ts";
import { type Journal, openJournal, readJournal, reopenJournal } from "../journal/journal.ts";
import { defaultDiskCap, ownership, sessionFolder } from "../journal/state-folder.ts";
import { type LoopDeps, createLoop } from "../loop/loop.ts";
import type { ConversationItem } from "../models/models.ts";
import { systemClock } from "../std/clock.ts";
import { sessionId } from "../std/ids.ts";
import type { CodeReader } from "../tools/code.ts";
import { ToolShelf } from "../tools/tool-shelf.ts";
import { type SessionAudit, openAudit } from "./auditing.ts";
import { type HookGate, openHookGate } from "./hook-gate.ts";
import { openAhead } from "./session-ahead.ts";
import { openCommands } from "./commands.ts";
import { openLander, openLandingGuard, openReader } from "./landing.ts";
import { settleCalls } from "./ended-calls.ts";
import type { LiveParts } from "./live-parts.ts";
import { LiveSession } from "./live-session.ts";
import { modelKit, pinnedFor } from "./model-kit.ts";
import { isEvent } from "./past-sessions.ts";
import type { LandingPlace } from "./place.ts";
import { admitted, rereadSecrets } from "./said-files.ts";
import { isConversationItem, restoreSession } from "./restore.ts";
import { findSkills, toldSkills } from "./session-skills.ts";
import { windowOf } from "./session-window.ts";
import { recoverCommands } from "./pending-commands.ts";
import type { EarlierSession, SessionParts } from "./session-parts.ts";
import { openTelemetry } from "./telemetry.ts";
import { type OpenedSource, localReader } from "./sources.ts";

/** SESSION_MISSING, or SESSION_OPEN while another process has it. */
export function readEarlier({ state }: Pick<LandingPlace, "state">, id: string): Result<EarlierSession> {
  const folder = sessionFolder(state, id);
  const journal = readJournal(folder);
  const events = journal.lines.filter(isEvent);
  if (events.length === 0) return fail("SESSION_MISSING", `There is no session ${id} in this folder.`);
  if (ownership(folder) === "running") return fail("SESSION_OPEN", `The session ${id} is open in another terminal.`);
  const log = openConversationLog(folder, isConversationItem);
  settleCalls(log, { folder, events });
  return succeed({ id, journal, log, restored: restoreSession(events, log) });
}

export async function startSession(parts: SessionParts): Promise<Result<Session>> {
  const { state, options, policy, source, resume } = parts;
  const mayGoOn = admitted(succeed(source), { items: resume?.restored.loop.items ?? [], policy });
  if (!mayGoOn.ok) return mayGoOn;
  const screen = openSecretScreen({ state, env: options.env, prompts: () => policy.secrets.prompts });
  const opened = await openRecords(parts, screen);
  if (opened.ok) return succeed(await assemble(parts, opened.value));
  await source.session.close();
  return opened;
}

/** Where everything that happens is told and kept. */
interface Records {
  readonly hub: EventHub;
  readonly journal: Journal;
  readonly log: ConversationLog<ConversationItem>;
  readonly audit: SessionAudit;
  /** Through which everything goes that is told and kept. */
  readonly screen: SecretScreen;
  readonly hooks: HookGate | undefined;
  readonly skills: readonly Skill[];
  readonly telemetry: LiveParts["telemetry"];
}

/** Opens the records, and settles what a crash has left half done. */
async function openRecords(parts: SessionParts, screen: SecretScreen): Promise<Result<Records>> {
  const { workspace, state, source, resume } = parts;
  const skills = source.reads ? findSkills(parts) : undefined;
  const id = resume?.id ?? sessionId(systemClock.wall());
  const hub = createEventHub({ session: id, lane: parts.options.lane ?? "fast" }, systemClock, (event) => screen.events(event));
  const lock = (): Promise<() => void> => takeLock(state.lockPath);
  const recover = (): ReturnType<typeof recoverWorkspace> =>
    recoverWorkspace({ state, ...(resume === undefined && { current: id }), files: diskFiles, root: workspace.root, lock });
  // A session that goes on is settled before it is opened again.
  const settled = resume === undefined ? undefined : await recover();
  if (resume !== undefined) await recoverCommands(parts);
  const onTrouble = (message: string): void => hub.emit({ type: "notice.given", code: "JOURNAL", message });
  screen.listen(({ kind, place }) => {
    const message = `A secret (${kind}) in ${place} stays on this machine; the model sees a stand-in for it.`;
    hub.emit({ type: "notice.given", code: "SECRET_HIDDEN", message });
  });
  const opened = await (resume === undefined
    ? openJournal({ state, id, diskCap: defaultDiskCap, onTrouble })
    : reopenJournal(sessionFolder(state, id), { parsed: resume.journal, onTrouble }));
  if (!opened.ok) return opened;
  const journal = opened.value;
  const audit = openAudit(parts, hub);
  hub.keepIn({
    append(event) {
      journal.append(event);
      audit.observe(event);
    },
  });
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
  if (resume === undefined) await recoverCommands(parts, id);
  if (recovered.finished.length + recovered.reverted.length > 0)
    hub.emit({ type: "session.recovered", finished: recovered.finished, reverted: recovered.reverted });
  const log = resume?.log ?? openConversationLog(journal.folder, isConversationItem);
  const hooks = openHookGate({ parts, session: id, journal: journal.folder.journalPath, emit: (event) => hub.emit(event) });
  return succeed({
    screen,
    hub,
    journal,
    audit,
    log,
    hooks,
    skills: await toldSkills(skills, hub),
    telemetry: await openTelemetry(parts, id),
  });
}

async function assemble(parts: SessionParts, records: Records): Promise<Session> {
  const { workspace, state, policy, source, resume, options, calledFrom } = parts;
  const { hub, journal, log, audit, screen, hooks, skills, telemetry } = records;
  let lander: Lander | undefined;
  let session: LiveSession | undefined;
  const guard = openLandingGuard({
    ...{ root: workspace.root, state, policy, lane: options.lane ?? "fast", gate: hooks?.edits },
    scope: () => session?.scope ?? parts.scope,
    history: resume?.journal.lines.filter(isEvent) ?? [],
  });
  const emit = (event: EventBody): void => {
    hub.emit(event);
    guard.totals.observe(event);
    guard.constraints.observe(event);
    reviewer.observe(event);
    session?.observe(event);
    const size = guard.sizes.observe(event);
    if (size !== undefined) hub.emit(size);
  };
  const plan = { workspace, state, journal, guard };
  const running = (): Lander | undefined => (loop.isIdle ? undefined : lander);
  const mode = (): ReviewMode => session?.mode ?? "flow";
  const reviewer = createReviewer({
    ...{ root: workspace.root, files: diskFiles, journal, clock: systemClock },
    ...{ onEvent: emit, allowances: guard.allowances, judge: guard.judge },
    lock: () => takeLock(state.lockPath),
    keepEdit: (hunk, text) => writtenTo(path.join(journal.folder.path, `${hunk}.edited`), text),
    running,
    openApproved: (onEvent) => openLander(plan, { mode: "hunk", dryRun: false, approved: true }, onEvent),
    onWithdrawn: (list) => {
      const hidden = list.map((one) => ({ ...one, lines: screen.hideLines(one.lines) }));
      session?.forget(loop.withdraw(hidden));
    },
  });
  const review = { mode, wasRejected: reviewer.wasRejected.bind(reviewer), onGone: reviewer.onGone.bind(reviewer) };
  const wishes = { mode: options.landing, dryRun: options.dryRun, review };
  let answering = source;
  const reader = openReader({ workspace, lander: () => lander, policy, screen, who: () => answering.reader ?? localReader });
  const commands = openCommands({ ...parts, emit, journal, guard, running, mode, telemetry });
  const ahead = openAhead({ env: options.env, plan, screen, mode, emit, loop: () => loop });
  const mayTell = (file: string): boolean => policy.read(file, answering.reader ?? localReader).decision === "allow";
  const code: CodeReader = { mayTell, ask: async (question) => session?.diagnostics.ask(question) };
  const shelf = new ToolShelf(hooks && ((tool) => hooks.wrap(tool)));
  const kitOf = (next: OpenedSource) => {
    answering = next;
    const kit = modelKit({
      ...{ source: next.session, reads: next.reads, reader, calledFrom, screen, code, shelf, skills, ...toolsOf(options) },
      seen: new SeenFiles(() => loop.conversation.sent),
      ...(workspace.kind !== "bare" && { commands }), // Without a work tree nothing can be run.
      openLander: (onEvent) => (lander = openLander(plan, wishes, onEvent)),
    });
    return ahead.use(kit);
  };
  if (resume !== undefined) await rereadSecrets(resume.restored.loop.items, reader);
  const pinnedOf = (next: OpenedSource) => pinnedFor(next, { root: workspace.root, options, calledFrom, skills });
  const loop = createLoop({
    ...kitOf(source),
    pinned: await pinnedOf(source),
    ...{ emit, now: systemClock.mono, hide: screen.hide.bind(screen), ...traces(telemetry, () => answering) },
    ...windowOf(parts, { reader, log, answering: () => answering }),
    ...diagnosed(() => session),
    ...(resume && { restored: resume.restored.loop }),
  });
  session = new LiveSession({
    ...{ parts, hub, journal, log, audit, screen, loop, reviewer, commands, ahead, shelf, hooks, emit, kitOf, pinnedOf, mayTell },
    ...{ telemetry, sawTestFail: (turn: TurnId) => guard.constraints.sawTestFail(turn) },
    ...(resume && { history: resume.journal.lines.filter(isEvent), restored: resume.restored }),
  });
  return session;
}

const toolsOf = ({ tools, edits = true }: SessionParts["options"]) => ({ edits, ...(tools && { tools }) });

/** What its requests say of the trace that they belong to, where anybody wants to know. */
function traces(telemetry: LiveParts["telemetry"], answering: () => OpenedSource): Pick<LoopDeps, "traced"> {
  return telemetry === undefined ? {} : { traced: (step) => telemetry.traced(step, answering().session.model) };
}

/** What a session finds out about its hunks, for the loop that is made before it. */
function diagnosed(session: () => LiveSession | undefined): Pick<LoopDeps, "news" | "behindEdit"> {
  return { news: () => session()?.diagnostics.news(), behindEdit: () => session()?.diagnostics.shortly() };
}
