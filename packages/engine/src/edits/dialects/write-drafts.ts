/**
 * Drafts as text again, in the dialect and form they came in: what of an edit call is said again when some of its hunks must not be. Not
 * for files; a reader of it finds the same drafts.
 */
import type { DialectName, HunkLine } from "@twolane/protocol";
import type { HunkDraft, UpdateDraft } from "../edits.ts";
import type { EditForm } from "./dialects.ts";

export function writeDrafts(dialect: DialectName, form: EditForm, drafts: readonly HunkDraft[]): string {
  switch (dialect) {
    case "v4a":
      return wrap(form, `*** Begin Patch\n${drafts.map(v4a).join("")}*** End Patch\n`);
    case "unified-diff":
      return wrap(form, sections(drafts).map(diffSection).join(""));
    case "search-replace":
      return wrap(form, drafts.map(searchReplace).join(""));
    case "str-replace":
      return form === "message" ? drafts.map(searchReplace).join("") : JSON.stringify(strReplace(drafts));
    case "whole-file":
      return form === "message" ? drafts.map(wholeFile).join("\n") : JSON.stringify(wholeFileCall(drafts));
    case "apply-patch-call":
      return form === "message" ? writeDrafts("v4a", form, drafts) : JSON.stringify(operation(drafts));
  }
}

const wrap = (form: EditForm, patch: string): string => (form === "json" ? JSON.stringify({ patch }) : patch);

const marks: Readonly<Record<HunkLine["op"], string>> = { keep: " ", remove: "-", add: "+" };
const marked = (lines: readonly HunkLine[]): string => lines.map(({ op, text }) => `${marks[op]}${text}\n`).join("");

function v4a(draft: HunkDraft): string {
  switch (draft.kind) {
    case "update": {
      const [first = "", ...more] = draft.anchors;
      const anchors = [`@@${first === "" ? "" : ` ${first}`}`, ...more.map((anchor) => `@@ ${anchor}`)].join("\n");
      return `*** Update File: ${draft.path}\n${anchors}\n${marked(draft.lines)}${draft.endOfFile ? "*** End of File\n" : ""}`;
    }
    case "create":
    case "rewrite":
      return `*** Add File: ${draft.path}\n${added(draft.content)}`;
    case "delete":
      return `*** Delete File: ${draft.path}\n`;
    case "move":
      return `*** Update File: ${draft.path}\n*** Move to: ${draft.to}\n`;
    case "substitute":
      return `*** Update File: ${draft.path}\n@@\n${marked(substituted(draft.oldText, draft.newText))}`;
  }
}

const linesOf = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));
const added = (content: string): string => marked(linesOf(content).map((text) => ({ op: "add", text })));
const substituted = (oldText: string, newText: string): HunkLine[] => [
  ...linesOf(oldText).map((text): HunkLine => ({ op: "remove", text })),
  ...linesOf(newText).map((text): HunkLine => ({ op: "add", text })),
];

/** Hunks of one file stand under one head: their line numbers are those of the file before all of them. */
function sections(drafts: readonly HunkDraft[]): (readonly HunkDraft[])[] {
  const all: HunkDraft[][] = [];
  for (const draft of drafts) {
    const last = all.at(-1);
    if (draft.kind === "update" && last?.[0]?.kind === "update" && last[0].path === draft.path) last.push(draft);
    else all.push([draft]);
  }
  return all;
}

function diffSection(drafts: readonly HunkDraft[]): string {
  const [draft] = drafts;
  switch (draft?.kind) {
    case undefined:
      return "";
    case "update":
      return `--- a/${draft.path}\n+++ b/${draft.path}\n${updateHunks(drafts.filter((one) => one.kind === "update"))}`;
    case "create":
    case "rewrite":
      return `--- /dev/null\n+++ b/${draft.path}\n@@ -0,0 +1,${linesOf(draft.content).length} @@\n${added(draft.content)}`;
    case "delete":
      return `--- a/${draft.path}\n+++ /dev/null\n`;
    case "move":
      return `diff --git a/${draft.path} b/${draft.to}\nsimilarity index 100%\nrename from ${draft.path}\nrename to ${draft.to}\n`;
    case "substitute":
      return diffSection([
        {
          ...{ kind: "update", path: draft.path, anchors: [], endOfFile: false },
          lines: substituted(draft.oldText, draft.newText),
        },
      ]);
  }
}

function updateHunks(drafts: readonly UpdateDraft[]): string {
  let shift = 0;
  const hunks = drafts.map(({ lines, line = 1, noFinalNewline }) => {
    const count = (left: HunkLine["op"]): number => lines.filter(({ op }) => op === "keep" || op === left).length;
    const [before, after] = [count("remove"), count("add")];
    // Of no lines, the number is that of the line in front of them.
    const from = before === 0 ? line - 1 : line;
    const to = Math.max(0, (after === 0 ? line - 1 : line) + shift);
    const head = `@@ -${from},${before} +${to},${after} @@\n`;
    shift += after - before;
    return `${head}${marked(lines)}${noFinalNewline === true ? "\\ No newline at end of file\n" : ""}`;
  });
  return hunks.join("");
}

function searchReplace(draft: HunkDraft): string {
  const block = (path: string, oldText: string, newText: string): string =>
    `${path}\n<<<<<<< SEARCH\n${closed(oldText)}=======\n${closed(newText)}>>>>>>> REPLACE\n`;
  const side = (lines: readonly HunkLine[], left: HunkLine["op"]): string =>
    lines.flatMap(({ op, text }) => (op === "keep" || op === left ? [`${text}\n`] : [])).join("");
  switch (draft.kind) {
    case "update":
      return block(draft.path, side(draft.lines, "remove"), side(draft.lines, "add"));
    case "substitute":
      return block(draft.path, draft.oldText, draft.newText);
    case "create":
    case "rewrite":
      return block(draft.path, "", draft.content);
    case "delete":
    case "move":
      return "";
  }
}

const closed = (text: string): string => (text === "" || text.endsWith("\n") ? text : `${text}\n`);

/** One call is one operation on one file. */
function operation(drafts: readonly HunkDraft[]): object {
  const [draft] = drafts;
  switch (draft?.kind) {
    case "create":
    case "rewrite":
      return { type: "create_file", path: draft.path, diff: added(draft.content) };
    case "delete":
      return { type: "delete_file", path: draft.path };
    default:
      // The file's line is the operation's path.
      return { type: "update_file", path: draft?.path ?? "", diff: drafts.map((one) => v4a(one).replace(/^.*\n/, "")).join("") };
  }
}

/** One call is about one file. */
function strReplace(drafts: readonly HunkDraft[]): object {
  const path = drafts[0]?.path ?? "";
  const edits = drafts.flatMap((draft) => {
    if (draft.kind === "substitute") return [{ old: draft.oldText, new: draft.newText, ...(draft.everywhere && { all: true }) }];
    return draft.kind === "create" || draft.kind === "rewrite" ? [{ old: "", new: draft.content }] : [];
  });
  const move = drafts.find((draft) => draft.kind === "move");
  return {
    path,
    edits,
    ...(move?.kind === "move" && { move: move.to }),
    ...(drafts.some(({ kind }) => kind === "delete") && { delete: true }),
  };
}

function wholeFileCall(drafts: readonly HunkDraft[]): object {
  const [draft] = drafts;
  return { path: draft?.path ?? "", content: draft !== undefined && "content" in draft ? draft.content : "" };
}

function wholeFile(draft: HunkDraft): string {
  if (!("content" in draft)) return "";
  const longest = Math.max(2, ...[...draft.content.matchAll(/`{3,}/g)].map(([fence]) => fence.length));
  const fence = "`".repeat(longest + 1);
  return `${draft.path}\n${fence}\n${closed(draft.content)}${fence}\n`;
}
