/**
 * Files that name a person's commands for events of a session → entries, in the shape that Claude Code has for it. Text in, entries and faults
 * out: nothing is read, approved or run here. Git's hooks are another thing (`assembly/hooks.ts`).
 */
import { JsonMistake, parseWithLines } from "../models/json-lines.ts";
import { sha256 } from "../std/hash.ts";

export const hookEvents = [
  "SessionStart",
  "UserPromptSubmit",
  "PreToolUse",
  "PostToolUse",
  "Stop",
  "PreCompact",
  "SessionEnd",
] as const;
export type HookEvent = (typeof hookEvents)[number];

export interface HookEntry {
  readonly event: HookEvent;
  /** Of the whole name of a tool, or of what started a session; absent: all. */
  readonly matcher?: string;
  /** For a shell. */
  readonly command: string;
  readonly timeoutMs: number;
}

export interface HookFile {
  /** `user`: it stands in the person's own configuration, which is the yes to it. */
  readonly owner: "user" | "project";
  /** As it is shown. */
  readonly file: string;
  /** Of all that is run by it. */
  readonly hash: string;
  readonly entries: readonly HookEntry[];
  /** What of it is not run, and why. */
  readonly faults: readonly string[];
  /** The person wants what Claude Code's settings of the workspace name as well. */
  readonly wantsClaude: boolean;
}

export interface HooksText {
  readonly owner: HookFile["owner"];
  readonly file: string;
  readonly text: string;
}

const commandTimeout = 60;
const longestTimeout = 600;
const mostEntries = 100;

export function readHooks({ owner, file, text }: HooksText): HookFile {
  const faults: string[] = [];
  const entries: HookEntry[] = [];
  let value: unknown;
  try {
    ({ value } = parseWithLines(text));
  } catch (error) {
    if (!(error instanceof JsonMistake)) throw error;
    faults.push(`line ${error.line}: ${error.message}`);
  }
  const top = record(value);
  for (const [event, groups] of Object.entries(record(top["hooks"]))) {
    const known = hookEvents.find((one) => one === event);
    if (known === undefined) faults.push(`${event} is no event here`);
    else for (const group of Array.isArray(groups) ? groups : []) entries.push(...entriesOf(known, record(group), faults));
  }
  if (entries.length > mostEntries) faults.push(`only the first ${mostEntries} commands are run`);
  const kept = entries.slice(0, mostEntries);
  return { owner, file, hash: sha256(JSON.stringify(kept)), entries: kept, faults, wantsClaude: top["claude"] === true };
}

function entriesOf(event: HookEvent, group: Readonly<Record<string, unknown>>, faults: string[]): readonly HookEntry[] {
  const { matcher = "", hooks } = group;
  if (typeof matcher !== "string" || matcherOf(matcher) === undefined) {
    faults.push(`the matcher of ${event} is no pattern: ${JSON.stringify(matcher)}`);
    return [];
  }
  return (Array.isArray(hooks) ? hooks : []).flatMap((hook): HookEntry[] => {
    const { type, command, timeout = commandTimeout } = record(hook);
    if (type !== "command") faults.push(`a hook of the type ${JSON.stringify(type)} of ${event} is not run, only commands are`);
    else if (typeof command !== "string" || command.trim() === "") faults.push(`a hook of ${event} has no command`);
    else if (typeof timeout !== "number" || !(timeout > 0))
      faults.push(`the timeout of a hook of ${event} is no number of seconds`);
    else {
      const all = matcher === "" || matcher === "*";
      return [{ event, ...(!all && { matcher }), command, timeoutMs: Math.min(timeout, longestTimeout) * 1000 }];
    }
    return [];
  });
}

function matcherOf(matcher: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${matcher === "*" ? "" : matcher})$`);
  } catch {
    return undefined;
  }
}

export const matches = ({ matcher }: HookEntry, name: string): boolean =>
  matcher === undefined || matcherOf(matcher)?.test(name) === true;

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
