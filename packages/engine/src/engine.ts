/** The package's door: opens sessions, undoes, examines. What it opens is put together in `assembly/`. */
import path from "node:path";
import {
  type DialectName,
  type ModelCapabilities,
  type Result,
  type Session,
  type SessionId,
  type SessionSummary,
  fail,
  succeed,
} from "@twolane/protocol";
import { latestSession, pastSessions } from "./assembly/past-sessions.ts";
import {
  type LandingOptions,
  type LandingPlace,
  type PlaceOptions,
  openLandingPlace,
  openPlace,
  readCatalogInput,
} from "./assembly/place.ts";
import { recoverCommands } from "./assembly/pending-commands.ts";
import type { EarlierSession, SourceChoice } from "./assembly/session-parts.ts";
import { type OpenedSource, choose, openSource } from "./assembly/sources.ts";
import { type DetectedDialect, detectDialect } from "./edits/dialects/detect.ts";
import { createParser } from "./edits/dialects/dialects.ts";
import { recoverWorkspace } from "./edits/undo/recover.ts";
import { type UndoPlan, type UndoReport, type UndoSelector, applyUndo, planUndo } from "./edits/undo/undo.ts";
import { diskFiles } from "./host/disk.ts";
import { takeLock } from "./host/lock-file.ts";
import { ownership, removeSession, sessionFolder } from "./journal/state-folder.ts";
import { readModelConfig } from "./models/catalog.ts";
import { createGivenSession } from "./models/given.ts";
import { systemClock } from "./std/clock.ts";

// What only one subcommand needs has a door of its own (exports of package.json), so that no session loads it.
export { type AuditDesk, openAuditDesk } from "./assembly/auditing.ts";
export type { Approval } from "./assembly/approve.ts";
export type { DraftedPolicy } from "./assembly/draft-policy.ts";
export type { HunkExplanation } from "./assembly/explain-change.ts";
export type { HookState } from "./assembly/hooks.ts";
export type { PathExplanation, PolicyDesk } from "./assembly/policy-desk.ts";
export type { ReplayedCommit } from "./assembly/replay.ts";
export type { WorkspaceTrust } from "./assembly/trusting.ts";
export { instantRequests } from "./code/instant/instant-help.ts";
export type { CheckReport } from "./guard/gates/check-report.ts";
export type { PolicyFileState } from "./guard/policy-store.ts";
export type { Trust } from "./guard/trust.ts";
export type { Finding } from "./host/machine.ts";
export { makeTemporaryFolder } from "./host/temporary-folder.ts";
export type { UndoPlan, UndoReport, UndoSelector } from "./edits/undo/undo.ts";

export interface EngineOptions extends LandingOptions {
  /** `provider/name` or `instant`; absent: what is configured or found, else `instant`. */
  readonly model?: string;
  /** Id of an earlier session that goes on, or `latest`. */
  readonly resume?: string;
}

export interface PatchOptions extends LandingOptions {
  readonly text: string;
  /** Absent: seen from the text. */
  readonly dialect?: DialectName;
}

/** Opens a session with a model. Connects before anything is read or loaded that only the first request needs. */
export async function openEngine(options: EngineOptions): Promise<Result<Session>> {
  const place = await openLandingPlace(options);
  if (!place.ok) return place;
  const earlier = await openEarlier(place.value, options.resume);
  if (!earlier.ok) return earlier;
  const input = readCatalogInput(options.env);
  const resume = earlier.value;
  const chosen = await choose(input, options.model ?? resume?.restored.model);
  if (!chosen.ok) return chosen;
  const choice: SourceChoice = { input, scope: place.value.scope, env: {}, keys: [] };
  const onKey = (key: string): void => void (choice.hearKey === undefined ? choice.keys.push(key) : choice.hearKey(key));
  const open = (name: string): Result<OpenedSource> =>
    openSource(name, {
      input: { ...input, env: { ...input.env, ...choice.env } },
      place: place.value,
      scope: () => choice.scope,
      onKey,
      ...(options.lane && { lane: options.lane }),
      asks: options.asks === true && options.lane !== "deep",
      patient: options.asks === true && options.lane !== "deep",
    });
  const source = open(chosen.value);
  if (!source.ok) return source;
  source.value.session.prewarm();
  // The first bytes go out in the next turn of the event loop, and the answer comes while the rest of the engine loads.
  await new Promise(setImmediate);
  const { startSession } = await import("./assembly/session.ts");
  return startSession({ options, source: source.value, choice, openSource: open, ...place.value, ...(resume && { resume }) });
}

/** The session that is to go on; undefined for a new one. */
async function openEarlier(place: LandingPlace, wanted: string | undefined): Promise<Result<EarlierSession | undefined>> {
  if (wanted === undefined) return succeed(undefined);
  const id = wanted === "latest" ? latestSession(place.state)?.id : wanted;
  if (id === undefined)
    return fail("SESSION_MISSING", `There is no earlier session in ${place.workspace.root}.`, "Start one with `twolane`.");
  const { readEarlier } = await import("./assembly/session.ts");
  return readEarlier(place, id);
}

/** The sessions of a workspace that can be gone on with, newest first. */
export function listSessions(options: PlaceOptions): Result<readonly SessionSummary[]> {
  const place = openPlace(options);
  return place.ok ? succeed(pastSessions(place.value.state)) : place;
}

/** What the configuration file says of the terminal, unchecked, and the workspace's file of prompts. */
export function readTerminalSettings(options: PlaceOptions): Result<TerminalSettings> {
  const place = openPlace(options);
  if (!place.ok) return place;
  const config = readModelConfig(readCatalogInput(options.env));
  return config.ok
    ? succeed({ settings: config.value.terminal, historyFile: path.join(place.value.state.path, "prompts.jsonl") })
    : config;
}

export interface TerminalSettings {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly historyFile: string;
}

/** Opens a session whose answer is the given patch. */
export async function openPatch(options: PatchOptions): Promise<Result<Session>> {
  const place = await openLandingPlace(options);
  if (!place.ok) return place;
  const detected = recogniseEdit(options);
  if (detected === undefined) return fail("PATCH_MALFORMED", "The text holds no edit that could be recognised.");
  const capabilities: ModelCapabilities = {
    ...{ dialect: detected.dialect, editForm: detected.form, tools: false, parallelCalls: false },
    ...{ stop: "disconnect", steer: false, contextWindow: Number.MAX_SAFE_INTEGER },
  };
  const { startSession } = await import("./assembly/session.ts");
  const source = { session: createGivenSession(options.text, capabilities), reads: false };
  return startSession({ options, source, ...place.value });
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
  await recoverCommands(place.value);
  const plan = await planUndo(deps, selector);
  return plan.ok ? succeed({ plan: plan.value, apply: () => applyUndo(deps, plan.value) }) : plan;
}

/** A session that nobody goes on with is gone, with what it kept; one that is open stays. */
export function forgetSession(options: PlaceOptions, id: SessionId): void {
  const place = openPlace(options);
  if (!place.ok) return;
  const folder = sessionFolder(place.value.state, id);
  if (path.basename(folder.path) === id && ownership(folder) !== "running") removeSession(folder);
}
