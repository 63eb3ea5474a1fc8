/** A source of tokens with everything that it can do in a session: its way to write edits, its tools, what it is told first. */
import path from "node:path";
import type { EventBody, Lane } from "@twolane/protocol";
import { pinnedTexts } from "../context/instructions.ts";
import { imagesIn } from "../context/images.ts";
import { mentionReader } from "../context/mention-reader.ts";
import { attachMentions } from "../context/mentions.ts";
import { type Skill, catalogueOf, mistypedSkills, skillText, skillsNamed } from "../context/skills.ts";
import { createParser, editTool, teachInMessage } from "../edits/dialects/dialects.ts";
import { withoutHunks } from "../edits/dialects/withdraw-hunks.ts";
import type { HunkDraft } from "../edits/edits.ts";
import { createEditStream } from "../edits/landing/edit-stream.ts";
import type { Lander } from "../edits/landing/lander.ts";
import type { CommandDesk } from "../guard/commands/command-desk.ts";
import type { GuardedReader } from "../guard/guarded-reader.ts";
import type { SecretScreen } from "../guard/secret-screen.ts";
import { diskFiles } from "../host/disk.ts";
import type { ModelKit, TellAttached } from "../loop/loop.ts";
import type { DraftText, RewriteEdits } from "../loop/withdrawal.ts";
import type { ModelSession } from "../models/models.ts";
import { type CodeReader, codeTool } from "../tools/code.ts";
import { listTool } from "../tools/list.ts";
import { readTool } from "../tools/read.ts";
import { runTool } from "../tools/run.ts";
import { searchTool } from "../tools/search.ts";
import { skillTool } from "../tools/skill.ts";
import { ToolShelf } from "../tools/tool-shelf.ts";
import type { ShownBefore } from "../tools/shown-part.ts";
import type { Tool } from "../tools/tools.ts";
import { type PlaceOptions, configFolder } from "./place.ts";
import { skillTexts } from "./session-skills.ts";
import { textOf } from "../std/text.ts";

export interface KitParts {
  readonly source: ModelSession;
  /** It is a model that reads files by calls and wants instructions. */
  readonly reads: boolean;
  readonly reader: GuardedReader;
  readonly calledFrom: string;
  readonly screen: SecretScreen;
  readonly openLander: (onEvent: (event: EventBody) => void) => Lander;
  /** False: no way to edit is offered. */
  readonly edits?: boolean;
  /** Absent: it may ask nothing about code. */
  readonly code?: CodeReader;
  /** What joins its own tools; absent: nothing does. */
  readonly shelf?: ToolShelf;
  /** Those that the surface of this session brings along. */
  readonly tools?: readonly Tool[];
  /** Absent: it may run none. */
  readonly commands?: CommandDesk;
  /** What of files it has in front of it. Absent: nothing is known of that. */
  readonly seen?: ShownBefore;
  readonly skills?: readonly Skill[];
}

export function modelKit({
  source,
  reads,
  reader,
  calledFrom,
  screen,
  openLander,
  commands,
  code,
  seen,
  skills = [],
  shelf = new ToolShelf(),
  edits = true,
  tools: brought = [],
}: KitParts): ModelKit {
  const { dialect, editForm, tools, codeTools = [] } = source.capabilities;
  const about = code === undefined ? [] : codeTools.map((name) => codeTool(name, code));
  return {
    model: source,
    tools:
      reads && tools
        ? shelf.join([
            readTool(reader, seen),
            listTool(reader),
            searchTool(reader),
            ...about,
            ...(commands ? [runTool(commands)] : []),
            ...(skills.length > 0 ? [skillTool(skillTexts(skills))] : []),
            ...brought,
          ])
        : shelf.leave(),
    edits: {
      ...(edits && editForm !== "message" && { tool: editTool(dialect, editForm) }),
      openLander,
      rewrite: rewriter(source),
      openStream: (stream) =>
        createEditStream({ parser: createParser(dialect, editForm), restore: (text) => screen.restore(text), ...stream }),
    },
    ...(reads && {
      images: (text: string, onLeft: (message: string) => void) => imagesIn(text, { reader, calledFrom, onLeft }),
      async attach(text: string, tell?: TellAttached) {
        const onLeft = tell && ((message: string): void => tell("FILE_LEFT", message));
        const options = { ...(seen && { before: seen }), ...(onLeft && { onLeft }) };
        const whole = await attachMentions(text, mentionReader(reader, calledFrom), options);
        const named = skillsNamed(text, skills);
        for (const message of mistypedSkills(text, skills)) tell?.("SKILL_UNKNOWN", message);
        for (const { name, place } of named) tell?.("SKILL_SENT", `The skill ${name} goes with the prompt (${place}).`);
        return [whole, ...named.map(skillText)].join("\n\n");
      },
    }),
  };
}

function rewriter({ capabilities: { dialect, editForm } }: ModelSession): RewriteEdits {
  return (text, goes) => withoutHunks({ dialect, form: editForm, text }, (draft) => goes(draftText(draft)));
}

function draftText(draft: HunkDraft): DraftText {
  const lines = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));
  switch (draft.kind) {
    case "update": {
      const side = (wanted: "add" | "remove"): string[] => draft.lines.filter(({ op }) => op === wanted).map(({ text }) => text);
      return { path: draft.path, removed: side("remove"), added: side("add"), all: draft.lines.map(({ text }) => text) };
    }
    case "substitute": {
      const [removed, added] = [lines(draft.oldText), lines(draft.newText)];
      return { path: draft.path, removed, added, all: [...removed, ...added] };
    }
    case "create":
    case "rewrite":
      return { path: draft.path, removed: [], added: lines(draft.content), all: lines(draft.content) };
    case "delete":
    case "move":
      return { path: draft.path, removed: [], added: [], all: [] };
  }
}

export interface InstructionPlace {
  readonly root: string;
  readonly options: PlaceOptions & { readonly lane?: Lane; readonly edits?: boolean };
  readonly calledFrom: string;
  readonly skills?: readonly Skill[];
}

/** What is said before everything else. */
export async function pinnedFor(
  { session: source, reads }: { readonly session: ModelSession; readonly reads: boolean },
  { skills = [], ...place }: InstructionPlace,
): Promise<readonly string[]> {
  if (!reads) return [];
  const { dialect, editForm } = source.capabilities;
  const catalogue = catalogueOf(source.capabilities.tools ? skills : []);
  const places = { ...instructionPlaces(place), ...(place.options.lane && { lane: place.options.lane }) };
  const pinned = [...(await pinnedTexts(places, readText)), ...(catalogue === "" ? [] : [catalogue])];
  return editForm === "message" && place.options.edits !== false ? [...pinned, teachInMessage(dialect)] : pinned;
}

/** Folders from the workspace's root down to where the command was called. */
function instructionPlaces({ root, options, calledFrom }: InstructionPlace): { configFolder: string; folders: string[] } {
  const below = calledFrom.split("/");
  const inside = below[0] === ".." ? [] : below.filter((name) => name !== "");
  const folders = inside.map((_, index) => path.join(root, ...inside.slice(0, index + 1)));
  return { configFolder: configFolder(options.env), folders: [root, ...folders] };
}

async function readText(file: string): Promise<string | undefined> {
  const read = await diskFiles.read(file);
  return read.ok ? textOf(read.value.bytes) : undefined;
}
