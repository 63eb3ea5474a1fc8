/** One session, put together from its parts: journal, guarded host, landing, tools, loop. */
import { createRequire } from "node:module";
import path from "node:path";
import {
  type Command,
  type EventBody,
  type Result,
  type SessionId,
  type TwolaneEvent,
  strictest,
  succeed,
} from "@twolane/protocol";
import packageJson from "../../package.json" with { type: "json" };
import { pinnedTexts } from "../context/instructions.ts";
import { mentionReader } from "../context/mention-reader.ts";
import { attachMentions } from "../context/mentions.ts";
import { createParser, editTool, teachInMessage } from "../edits/dialects/dialects.ts";
import { createEditStream } from "../edits/landing/edit-stream.ts";
import { createLander } from "../edits/landing/land.ts";
import type { Lander } from "../edits/landing/lander.ts";
import { recoverWorkspace } from "../edits/undo/recover.ts";
import { type GuardedReader, createGuardedReader } from "../guard/guarded-reader.ts";
import { judgeTarget } from "../guard/path-judge.ts";
import { diskFiles } from "../host/disk.ts";
import { takeLock } from "../host/lock-file.ts";
import { systemProcesses } from "../host/process.ts";
import { type Workspace, resolveTarget } from "../host/workspace.ts";
import { createEventHub } from "../journal/event-hub.ts";
import { type Journal, openJournal } from "../journal/journal.ts";
import { defaultDiskCap } from "../journal/state-folder.ts";
import { createLoop } from "../loop/loop.ts";
import type { ModelSession } from "../models/models.ts";
import { systemClock } from "../std/clock.ts";
import { sessionId } from "../std/ids.ts";
import { listTool } from "../tools/list.ts";
import { readTool } from "../tools/read.ts";
import { searchTool } from "../tools/search.ts";
import { type LandingOptions, type LandingPlace, configFolder } from "./place.ts";

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

export interface SessionParts extends LandingPlace {
  readonly options: LandingOptions;
  readonly source: ModelSession;
  /** The source is a model that reads files by calls and wants instructions. */
  readonly reads: boolean;
}

export async function startSession(parts: SessionParts): Promise<Result<Session>> {
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
export function ripgrepPath(): string {
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
