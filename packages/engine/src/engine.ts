/** The package's door: opens sessions, undoes, examines. What it opens is put together in `assembly/`. */
import { type DialectName, type ModelCapabilities, type Result, fail, succeed } from "@twolane/protocol";
import { type LandingOptions, type PlaceOptions, openLandingPlace, openPlace, readCatalogInput } from "./assembly/place.ts";
import { type Session, startSession } from "./assembly/session.ts";
import { choose, openInstant, openModel } from "./assembly/sources.ts";
import { type DetectedDialect, detectDialect } from "./edits/dialects/detect.ts";
import { createParser } from "./edits/dialects/dialects.ts";
import { recoverWorkspace } from "./edits/undo/recover.ts";
import { type UndoPlan, type UndoReport, type UndoSelector, applyUndo, planUndo } from "./edits/undo/undo.ts";
import { diskFiles } from "./host/disk.ts";
import { takeLock } from "./host/lock-file.ts";
import { createGivenSession } from "./models/given.ts";
import { systemClock } from "./std/clock.ts";

export { examine } from "./assembly/examine.ts";
export { instantRequests } from "./code/instant/instant-help.ts";
export type { Finding } from "./host/machine.ts";
export type { UndoPlan, UndoReport, UndoSelector } from "./edits/undo/undo.ts";

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

/** Opens a session with a model. Connects before anything is read that only the first request needs. */
export async function openEngine(options: EngineOptions): Promise<Result<Session>> {
  const place = openLandingPlace(options);
  if (!place.ok) return place;
  const input = readCatalogInput(options.env);
  const chosen = await choose(input, options.model);
  if (!chosen.ok) return chosen;
  const isInstant = chosen.value === "instant";
  const source = isInstant ? succeed(openInstant(place.value, options.trust)) : openModel(chosen.value, input);
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
