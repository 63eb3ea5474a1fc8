/**
 * Puts the engine together: the only file that knows all folders, and the package's door. Decides nothing that a folder
 * could decide.
 */
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Command,
  type DialectName,
  type EventBody,
  type LandingMode,
  type ModelCapabilities,
  type Result,
  type SessionId,
  type TwolaneEvent,
  fail,
  strictest,
  succeed,
} from "@twolane/protocol";
import { type Scope, compileScope } from "@twolane/policy";
import { createInstantSession } from "./code/instant/instant.ts";
import { threadSpawner } from "./code/instant/worker-thread.ts";
import { pinnedTexts } from "./context/instructions.ts";
import { mentionReader } from "./context/mention-reader.ts";
import { attachMentions } from "./context/mentions.ts";
import { type DetectedDialect, detectDialect } from "./edits/dialects/detect.ts";
import { createParser, editTool, teachInMessage } from "./edits/dialects/dialects.ts";
import { createEditStream } from "./edits/landing/edit-stream.ts";
import { createLander } from "./edits/landing/land.ts";
import type { Lander } from "./edits/landing/lander.ts";
import { recoverWorkspace } from "./edits/undo/recover.ts";
import { type UndoPlan, type UndoReport, type UndoSelector, applyUndo, planUndo } from "./edits/undo/undo.ts";
import { type GuardedReader, createGuardedReader } from "./guard/guarded-reader.ts";
import { judgeTarget } from "./guard/path-judge.ts";
import { diskFiles } from "./host/disk.ts";
import { takeLock } from "./host/lock-file.ts";
import { systemProcesses } from "./host/process.ts";
import { type Finding, examineNode, examineProgram } from "./host/machine.ts";
import { openRefusedHosts } from "./host/refused-hosts.ts";
import { readTextNow, realFolder } from "./host/user-files.ts";
import { type Workspace, findWorkspace, resolveTarget } from "./host/workspace.ts";
import { createEventHub } from "./journal/event-hub.ts";
import { type Journal, openJournal } from "./journal/journal.ts";
import { type StateFolder, defaultDiskCap, openStateFolder, stateHome } from "./journal/state-folder.ts";
import packageJson from "../package.json" with { type: "json" };
import { createLoop } from "./loop/loop.ts";
import { type CatalogInput, chooseModel } from "./models/catalog.ts";
import { openConnection } from "./models/connection.ts";
import { probeServers, probeTargets } from "./models/discover.ts";
import { examineModels } from "./models/examine-models.ts";
import { createGivenSession } from "./models/given.ts";
import type { ModelSession } from "./models/models.ts";
import { createOpenModel } from "./models/open-model.ts";
import { systemClock } from "./std/clock.ts";
import { sessionId } from "./std/ids.ts";
import { listTool } from "./tools/list.ts";
import { readTool } from "./tools/read.ts";
import { searchTool } from "./tools/search.ts";

export { instantRequests } from "./code/instant/instant-help.ts";
export type { Finding } from "./host/machine.ts";
export type { UndoPlan, UndoReport, UndoSelector } from "./edits/undo/undo.ts";

type Environment = Readonly<Record<string, string | undefined>>;

interface PlaceOptions {
  /** Where the command was called; the workspace is the git work tree around it, else the folder itself. */
  readonly cwd: string;
  readonly env: Environment;
}

interface LandingOptions extends PlaceOptions {
  /** Patterns of paths that may change; none: all. */
  readonly scope: readonly string[];
  readonly landing: LandingMode;
  readonly dryRun: boolean;
}

export interface EngineOptions extends LandingOptions {
  /** `provider/name` or `instant`; absent: what is configured or found, else `instant`. */
  readonly model?: string;
  /** True: the workspace's own TypeScript may be loaded. */
  readonly trust: boolean;
}

export interface PatchOptions extends LandingOptions {
  readonly text: string;
  /** Absent: seen from the text. */
  readonly dialect?: DialectName;
}

/** One conversation about one workspace. */
export interface Session {
  readonly id: SessionId;
  readonly workspace: string;
  readonly model: string;
  send(command: Command): void;
  /** Resolves when no turn runs and nothing waits to be written. */
  idle(): Promise<void>;
  /** Tells every event from the first on, those before the call at once. */
  subscribe(listener: (event: TwolaneEvent) => void): void;
  close(): Promise<void>;
}

/** Opens a session with a model. Connects before anything is read that only the first request needs. */
export async function openEngine(options: EngineOptions): Promise<Result<Session>> {
  const place = openLandingPlace(options);
  if (!place.ok) return place;
  const input = readCatalogInput(options.env);
  const chosen = await choose(input, options.model);
  if (!chosen.ok) return chosen;
  const isInstant = chosen.value === "instant";
  const source = isInstant ? succeed(openInstant(place.value, options)) : openModel(chosen.value, input);
  if (!source.ok) return source;
  source.value.prewarm();
  return startSession({ options, source: source.value, reads: !isInstant, ...place.value });
}

/** Opens a session whose answer is the given patch. */
export async function openPatch(options: PatchOptions): Promise<Result<Session>> {
  const place = openLandingPlace(options);
  if (!place.ok) return place;
  const detected = recogniseEdit(options);
  if (detected === undefined) return fail("PATCH_MALFORMED", "The text holds no edit that could be recognised.");
  const capabilities: ModelCapabilities = {
    ...{ dialect: detected.dialect, editForm: detected.form, tools: false, parallelCalls: false },
    ...{ stop: "disconnect", steer: false, contextWindow: Number.MAX_SAFE_INTEGER },
  };
  return startSession({ options, source: createGivenSession(options.text, capabilities), reads: false, ...place.value });
}

/** Dialect and form of a text with at least one edit in it, readable or not; `undefined` where there is none. */
function recogniseEdit({ text, dialect }: PatchOptions): DetectedDialect | undefined {
  const seen = detectDialect(text);
  const detected = dialect === undefined || seen?.dialect === dialect ? seen : { dialect, form: "message" as const };
  if (detected === undefined) return undefined;
  const parser = createParser(detected.dialect, detected.form);
  const events = [...parser.push(text), ...parser.end(true)];
  return events.some(({ type }) => type === "hunk" || type === "malformed") ? detected : undefined;
}

interface Place {
  readonly workspace: Workspace;
  readonly state: StateFolder;
}

function openPlace(options: PlaceOptions): Result<Place> {
  const workspace = findWorkspace(path.resolve(options.cwd));
  if (!workspace.ok) return workspace;
  const state = openStateFolder(stateHome(options.env), workspace.value.root);
  return state.ok ? succeed({ workspace: workspace.value, state: state.value }) : state;
}

interface LandingPlace extends Place {
  /** Where the command was called, relative to the workspace; begins with `..` outside of it. */
  readonly calledFrom: string;
  readonly scope: Scope;
}

/** The place with its scope, whose patterns are meant as seen from where the command was called. */
function openLandingPlace(options: LandingOptions): Result<LandingPlace> {
  const place = openPlace(options);
  if (!place.ok) return place;
  const { root } = place.value.workspace;
  const calledFrom = path
    .relative(root, realFolder(path.resolve(options.cwd)))
    .split(path.sep)
    .join("/");
  const seenFrom = (pattern: string): string => {
    const negative = pattern.startsWith("!");
    const body = negative ? pattern.slice(1) : pattern;
    const isPlain = calledFrom === "" || calledFrom.startsWith("..") || body === "" || path.isAbsolute(body);
    return isPlain ? pattern : `${negative ? "!" : ""}${path.posix.join(calledFrom, body)}`;
  };
  const scope = compileScope(options.scope.map(seenFrom));
  return scope.ok ? succeed({ ...place.value, calledFrom, scope: scope.value }) : scope;
}

function configFolder(env: Environment): string {
  const named = env["XDG_CONFIG_HOME"];
  return path.join(named && path.isAbsolute(named) ? named : path.join(env["HOME"] ?? "/", ".config"), "twolane");
}

function readCatalogInput(env: Environment): CatalogInput {
  const configPath = path.join(configFolder(env), "config.json");
  const configText = readTextNow(configPath);
  return { env, configPath, ...(configText !== undefined && { configText }) };
}

async function choose(input: CatalogInput, asked: string | undefined): Promise<Result<string>> {
  const wish = chooseModel(input, { ...(asked !== undefined && { asked }) });
  if (!wish.ok) return wish;
  if (wish.value !== undefined) return succeed(wish.value.model);
  const targets = probeTargets(input);
  if (!targets.ok) return targets;
  const found = chooseModel(input, { loopbackServers: await probeServers(targets.value, { connect: openConnection }) });
  return found.ok ? succeed(found.value?.model ?? "instant") : found;
}

function openModel(model: string, input: CatalogInput): Result<ModelSession> {
  const refusedUpgrades = openRefusedHosts(stateHome(input.env));
  return createOpenModel(input, { connect: openConnection, refusedUpgrades })(model);
}

function openInstant({ workspace, scope }: LandingPlace, { trust }: EngineOptions): ModelSession {
  return createInstantSession({
    workspaceRoot: workspace.root,
    trusted: trust,
    spawn: threadSpawner(fileURLToPath(new URL("./code/instant/worker.ts", import.meta.url))),
    allows: (changed) => scope(changed).decision === "allow",
  });
}

interface SessionParts extends LandingPlace {
  readonly options: LandingOptions;
  readonly source: ModelSession;
  /** The source is a model that reads files by calls and wants instructions. */
  readonly reads: boolean;
}

async function startSession(parts: SessionParts): Promise<Result<Session>> {
  const { workspace, state, source } = parts;
  const id = sessionId(systemClock.wall());
  const hub = createEventHub(id, systemClock);
  const opened = await openJournal({
    state,
    id,
    diskCap: defaultDiskCap,
    onTrouble: (message) => hub.emit({ type: "notice.given", code: "JOURNAL", message }),
  });
  if (!opened.ok) {
    await source.close();
    return opened;
  }
  const journal = opened.value;
  hub.keepIn(journal);
  hub.emit({ type: "session.started", workspace: workspace.root, model: source.model, version: packageJson.version });
  const recovered = await recoverWorkspace({
    state,
    current: id,
    files: diskFiles,
    root: workspace.root,
    lock: () => takeLock(state.lockPath),
  });
  if (recovered.finished.length + recovered.reverted.length > 0)
    hub.emit({ type: "session.recovered", finished: recovered.finished, reverted: recovered.reverted });
  let lander: Lander | undefined;
  const reader = createReader(workspace, () => lander);
  const pinned = parts.reads ? await pinnedTexts(instructionPlaces(parts), readText) : [];
  const { dialect, editForm } = source.capabilities;
  const loop = createLoop({
    model: source,
    pinned: editForm === "message" && parts.reads ? [...pinned, teachInMessage(dialect)] : pinned,
    tools: parts.reads && source.capabilities.tools ? [readTool(reader), listTool(reader), searchTool(reader)] : [],
    edits: {
      ...(editForm !== "message" && { tool: editTool(dialect, editForm) }),
      openLander: (onEvent) => (lander = openLander(parts, journal, onEvent)),
      openStream: (stream) => createEditStream({ parser: createParser(dialect, editForm), ...stream }),
    },
    ...(parts.reads && { attach: (text: string) => attachMentions(text, mentionReader(reader, parts.calledFrom)) }),
    emit: hub.emit,
    now: systemClock.mono,
  });
  return succeed({
    id,
    workspace: workspace.root,
    model: source.model,
    send: (command) => loop.send(command),
    idle: () => loop.idle(),
    subscribe: hub.subscribe,
    async close() {
      await Promise.all([source.close(), loop.idle()]);
      hub.emit({ type: "session.ended" });
      await journal.close();
    },
  });
}

function openLander(
  { workspace, state, scope, options }: SessionParts,
  journal: Journal,
  onEvent: (event: EventBody) => void,
): Lander {
  const resolve = (name: string) => resolveTarget(workspace, name);
  return createLander(
    {
      root: workspace.root,
      files: diskFiles,
      journal,
      lock: () => takeLock(state.lockPath),
      resolve,
      judge: ({ path: named, movedTo }) => {
        const targets = [named, ...(movedTo === undefined ? [] : [movedTo])].map(resolve);
        return strictest(targets.map((target) => (target.ok ? judgeTarget(target.value, [scope]) : { decision: "allow" })));
      },
      clock: systemClock,
    },
    { mode: options.landing, dryRun: options.dryRun, onEvent },
  );
}

function createReader(workspace: Workspace, lander: () => Lander | undefined): GuardedReader {
  return createGuardedReader({
    workspace,
    files: diskFiles,
    processes: systemProcesses,
    ripgrep: ripgrepPath,
    pending: (relative) => lander()?.pending(relative),
  });
}

/** Found only when a search needs it: loading the package costs more than a start may. */
function ripgrepPath(): string {
  return createRequire(import.meta.url)("@vscode/ripgrep").rgPath;
}

/** Folders from the workspace's root down to where the command was called. */
function instructionPlaces({ workspace, options, calledFrom }: SessionParts): { configFolder: string; folders: string[] } {
  const below = calledFrom.split("/");
  const inside = below[0] === ".." ? [] : below.filter((name) => name !== "");
  const folders = inside.map((_, index) => path.join(workspace.root, ...inside.slice(0, index + 1)));
  return { configFolder: configFolder(options.env), folders: [workspace.root, ...folders] };
}

async function readText(file: string): Promise<string | undefined> {
  const read = await diskFiles.read(file);
  return read.ok ? Buffer.from(read.value.bytes).toString("utf8") : undefined;
}

export interface UndoOptions extends PlaceOptions {
  readonly selector: UndoSelector;
}

/** An undo that says what it will do before it does it. */
export interface Undo {
  readonly plan: UndoPlan;
  apply(): Promise<Result<UndoReport>>;
}

/** Finds what can be taken back; NOTHING_TO_UNDO where there is nothing. Finishes first what a crash left half written. */
export async function openUndo({ selector, ...options }: UndoOptions): Promise<Result<Undo>> {
  const place = openPlace(options);
  if (!place.ok) return place;
  const { workspace, state } = place.value;
  const deps = { root: workspace.root, files: diskFiles, state, lock: () => takeLock(state.lockPath), clock: systemClock };
  await recoverWorkspace(deps);
  const plan = await planUndo(deps, selector);
  return plan.ok ? succeed({ plan: plan.value, apply: () => applyUndo(deps, plan.value) }) : plan;
}

/** Tells what works on this machine and what is missing, with one line of cure each. Never fails. */
export async function examine({ cwd, env }: PlaceOptions): Promise<readonly Finding[]> {
  const git = { subject: "git", command: "git", without: "a folder counts as the workspace", cure: "Install git." };
  const search = {
    subject: "ripgrep",
    command: ripgrepPath(),
    without: "models cannot list or search files",
    cure: "Reinstall twolane: `npm ci`.",
  };
  const place = openPlace({ cwd, env });
  const [models, ...programs] = await Promise.all([
    examineModels(readCatalogInput(env), openConnection),
    examineProgram(systemProcesses, git),
    examineProgram(systemProcesses, search),
  ]);
  const state: Finding = place.ok
    ? { subject: "state folder", state: "works", text: place.value.state.path }
    : { subject: "state folder", state: "broken", text: place.failure.message, cure: place.failure.cure };
  const instant: Finding = {
    subject: "instant",
    state: "works",
    text: "renames, moves and import fixes need no model (`twolane help instant`)",
  };
  return [examineNode(process.version), ...programs, state, instant, ...models];
}
