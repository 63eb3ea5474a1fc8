/**
 * The files that name hooks of a session, read; and whether each may run: a person's own does by standing there, one of a workspace when the
 * workspace is trusted and a person has said yes to exactly its commands. Runs nothing.
 */
import path from "node:path";
import type { HookFileStage, HookFileState } from "@twolane/protocol";
import { type HookFile, readHooks } from "../agent-hooks/hooks-file.ts";
import { type AskedEntry, entryAnswer } from "../guard/entry-approvals.ts";
import { isThere, readTextIfThere } from "../host/user-files.ts";
import { type Environment, type Place, configFolder } from "./place.ts";

const largest = 256 * 1024;
const ownFile = (env: Environment): string => path.join(configFolder(env), "hooks.json");
const projectFile = ".twolane/hooks.json";
/** Read only where the person's own file says `"claude": true`. */
const claudeFiles = [".claude/settings.json", ".claude/settings.local.json"];

/** Whether there is anything to read. What comes later counts from the next session on. */
export function hasHookFiles({ workspace: { root } }: Pick<Place, "workspace">, env: Environment): boolean {
  return isThere(ownFile(env)) || isThere(path.join(root, projectFile));
}

export function readHookFiles({ workspace: { root } }: Pick<Place, "workspace">, env: Environment): readonly HookFile[] {
  const read = (owner: HookFile["owner"], file: string): HookFile[] => {
    const text = readTextIfThere(path.resolve(root, file), largest);
    if (!text.ok) return [{ owner, file, hash: "", entries: [], faults: [text.failure.message], wantsClaude: false }];
    return text.value === undefined ? [] : [readHooks({ owner, file, text: text.value })];
  };
  const own = read("user", ownFile(env));
  const claude = own.some(({ wantsClaude }) => wantsClaude) ? claudeFiles : [];
  return [...own, ...[projectFile, ...claude].flatMap((file) => read("project", file))];
}

export const askedHooks = ({ file, hash }: HookFile): AskedEntry => ({ key: `hooks ${file}`, hash });

export function hookStage(file: HookFile, place: Place): HookFileStage {
  const answer = entryAnswer(place.answers, askedHooks(file));
  if (answer === "deny") return "denied";
  if (file.owner === "user") return "runs";
  if (!place.isTrusted()) return "untrusted";
  return answer === "approve" ? "runs" : "waits";
}

export function hookFileState(file: HookFile, place: Place): HookFileState {
  const stage = hookStage(file, place);
  const note = hookNote(stage, file.file);
  const hooks = file.entries.map(({ event, matcher, command }) => ({
    event,
    ...(matcher !== undefined && { matcher }),
    command,
  }));
  return { file: file.file, stage, ...(note !== undefined && { note }), hooks, faults: file.faults };
}

export function hookNote(stage: HookFileStage, file: string): string | undefined {
  switch (stage) {
    case "waits":
      return `your yes is missing: /hooks approve ${file}, or \`twolane agent-hooks approve ${file}\``;
    case "untrusted":
      return "the workspace is not trusted: /trust, or `twolane trust`";
    case "denied":
      return `you said no; /hooks approve ${file} takes that back`;
    case "runs":
      return undefined;
  }
}
