/**
 * Finds the skills of a session: those of the workspace where it is trusted, then the user's. Texts, no code: nothing of them runs. What is
 * read is read once, when the session begins, so that what is pinned stays the same to the byte.
 */
import path from "node:path";
import { type Skill, skillText } from "../context/skills.ts";
import { namesIn, readTextIfThere } from "../host/user-files.ts";
import type { EventHub } from "../journal/event-hub.ts";
import { resolveTarget } from "../host/workspace.ts";
import type { SkillTexts } from "../tools/skill.ts";
import type { SessionParts } from "./session-parts.ts";

const projectFolders = [".agents/skills", ".claude/skills"];
const userFolders = [".agents/skills", ".claude/skills"];
const foldersAtMost = 100;
const longest = 256 * 1024;

export interface FoundSkills {
  readonly skills: readonly Skill[];
  /** One line each: what cannot be used, and why. */
  readonly left: readonly string[];
}

interface SkillFolder {
  readonly folder: string;
  /** Absolute path of its file, resolved against the real tree where that is the workspace's. */
  readonly file: string;
  /** For the model. */
  readonly place: string;
}

/** The first of a name counts. */
export async function findSkills({
  workspace,
  isTrusted,
  options,
}: Pick<SessionParts, "workspace" | "isTrusted" | "options">): Promise<FoundSkills> {
  const home = options.env["HOME"];
  const found = await Promise.all([
    ...(isTrusted() ? projectFolders : []).map((folder) => inWorkspace(workspace, folder)),
    ...(home === undefined ? [] : userFolders).map((folder) => inHome(home ?? "", folder)),
  ]);
  const folders = found.flat();
  return folders.length === 0 ? { skills: [], left: [] } : readAll(folders);
}

async function inWorkspace(workspace: SessionParts["workspace"], folder: string): Promise<readonly SkillFolder[]> {
  const names = await namesIn(`${workspace.root}/${folder}`);
  return names
    .toSorted()
    .slice(0, foldersAtMost)
    .flatMap((name) => {
      const place = `${folder}/${name}/SKILL.md`;
      const target = resolveTarget(workspace, place);
      return target.ok ? [{ folder: name, file: target.value.absolute, place }] : [];
    });
}

async function inHome(home: string, folder: string): Promise<readonly SkillFolder[]> {
  const names = await namesIn(path.join(home, folder));
  return names
    .toSorted()
    .slice(0, foldersAtMost)
    .map((name) => ({
      ...{ folder: name, file: path.join(home, folder, name, "SKILL.md"), place: `~/${folder}/${name}/SKILL.md` },
    }));
}

/** What reads YAML is loaded only where there is a skill. */
async function readAll(folders: readonly SkillFolder[]): Promise<FoundSkills> {
  const skills = new Map<string, Skill>();
  const left: string[] = [];
  for (const { folder, file, place } of folders) {
    const text = readTextIfThere(file, longest);
    if (!text.ok || text.value === undefined) continue;
    const { readSkill } = await import("@twolane/policy/file");
    const { skill, problems } = readSkill(text.value, folder);
    if (skill === undefined) left.push(`${place}: ${problems.join("; ")}.`);
    else if (!skills.has(skill.name)) skills.set(skill.name, { ...skill, place });
  }
  return { skills: [...skills.values()], left };
}

/** What cannot be used is told once. */
export async function toldSkills(
  found: Promise<FoundSkills> | undefined,
  hub: Pick<EventHub, "emit">,
): Promise<readonly Skill[]> {
  const { skills, left } = (await found) ?? { skills: [], left: [] };
  for (const message of left) hub.emit({ type: "notice.given", code: "SKILL_LEFT", message });
  return skills;
}

export const skillTexts = (skills: readonly Skill[]): SkillTexts => ({
  names: skills.map(({ name }) => name),
  text(name) {
    const skill = skills.find((one) => one.name === name);
    return skill && skillText(skill);
  },
});
