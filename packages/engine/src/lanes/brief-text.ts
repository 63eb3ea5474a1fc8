/**
 * A brief as a person writes and edits it: Markdown with one heading for each part. Forgiving on the way in: what stands before the first
 * heading is the goal, unknown headings belong to the part before. Pure.
 */
import type { JobBrief } from "@twolane/protocol";

/** In the order in which they are written. */
const headings = {
  goal: "Goal",
  criteria: "Done when",
  constraints: "Held to",
  decisions: "Decided already",
  files: "Where to begin",
  openHunks: "On disk and not decided",
  evidence: "What fails now",
} as const;

type Part = keyof typeof headings;

const hints: Readonly<Partial<Record<Part, string>>> = {
  criteria: "<!-- one line each; what has to be true at the end, and how it can be seen -->",
};

/** Reads back as the same brief. Empty parts are left out, but for what a person is asked to fill in. */
export function writeBrief(brief: JobBrief): string {
  const part = (name: Part, body: string): string[] => (body === "" ? [] : [`# ${headings[name]}\n\n${body}`]);
  return `${[
    ...part("goal", escaped(brief.goal.trim())),
    ...part("criteria", brief.criteria.length === 0 ? `${hints.criteria ?? ""}\n\n- ` : listed(brief.criteria)),
    ...part("constraints", listed(brief.constraints)),
    ...part("decisions", listed(brief.decisions)),
    ...part("files", listed(brief.files.map(({ path, hash }) => (hash === "" ? path : `${path} (${hash})`)))),
    ...part("openHunks", fenced(brief.openHunks, "diff")),
    ...part("evidence", fenced(brief.evidence, "")),
  ].join("\n\n")}\n`;
}

/** Undefined where no goal is left. */
export function readBrief(text: string): JobBrief | undefined {
  const parts = partsOf(text);
  const of = (name: Part): string => (parts.get(name) ?? []).join("\n").trim();
  const goal = unescaped(withoutComments(of("goal")).trim());
  if (goal === "") return undefined;
  return {
    goal,
    criteria: items(of("criteria")),
    constraints: items(of("constraints")),
    decisions: items(of("decisions")),
    files: items(of("files")).map(fileOf),
    openHunks: unfenced(parts.get("openHunks") ?? []),
    evidence: unfenced(parts.get("evidence") ?? []),
  };
}

/** Lines by the part whose heading stands above them; what is in a fence is no heading. */
function partsOf(text: string): ReadonlyMap<Part, readonly string[]> {
  const parts = new Map<Part, string[]>();
  let current: Part = "goal";
  let fence = "";
  for (const line of text.replace(/\r\n?/g, "\n").split("\n")) {
    const [, mark = ""] = /^(`{3,})/.exec(line) ?? [];
    if (fence === "") fence = mark;
    else if (mark === line.trim() && mark.length >= fence.length) fence = "";
    const name = fence === "" ? partNamed(line) : undefined;
    if (name === undefined) parts.set(current, [...(parts.get(current) ?? []), line]);
    else current = name;
  }
  return parts;
}

function partNamed(line: string): Part | undefined {
  const [, title = ""] = /^#{1,3}\s+(.+?)\s*#*$/.exec(line) ?? [];
  return partNames.find((name) => headings[name].toLowerCase() === title.toLowerCase());
}

const partNames: readonly Part[] = ["goal", "criteria", "constraints", "decisions", "files", "openHunks", "evidence"];

/** An item of several lines goes on indented. */
const listed = (lines: readonly string[]): string =>
  lines
    .map((line) => `- ${line.trim().replace(/\n/g, "\n  ")}`)
    .filter((line) => line !== "- ")
    .join("\n");

function items(text: string): readonly string[] {
  const found: string[] = [];
  for (const line of withoutComments(text).split("\n")) {
    // One that nobody has filled in is empty, not a dash.
    const [, item] = /^(?:[-*•]|\d{1,2}[.)])(?:$|\s+(.*)$)/.exec(line)?.map((part) => part ?? "") ?? [];
    if (item !== undefined) found.push(item);
    else if (line.trim() !== "" && found.length > 0) found.push(`${found.pop() ?? ""}\n${line.replace(/^ {2}/, "")}`);
    else if (line.trim() !== "") found.push(line.trim());
  }
  return found.map((item) => item.trim()).filter((item) => item !== "");
}

function fileOf(item: string): JobBrief["files"][number] {
  const [, path = item, hash = ""] = /^(.*?) \(([0-9a-f]{64})\)$/.exec(item) ?? [];
  return { path: path.replace(/^`|`$/g, ""), hash };
}

/** A fence longer than any in the text. */
function fenced(text: string, language: string): string {
  if (text === "") return "";
  const longest = Math.max(2, ...[...text.matchAll(/^`{3,}/gm)].map(([mark]) => mark.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function unfenced(lines: readonly string[]): string {
  const text = lines.join("\n").replace(/^\n+|\n+$/g, "");
  const [, , body] = /^(`{3,})[^\n]*\n([\s\S]*?)\n?\1$/.exec(text) ?? [];
  return body ?? text;
}

const withoutComments = (text: string): string => text.replace(/<!--[\s\S]*?-->/g, "");

/** A line of the goal that would be a heading of ours, a comment or a fence is kept as words. */
const escaped = (text: string): string => text.replace(/^(?=\\*(?:#|`{3}))/gm, "\\").replace(/<!--/g, "<\\!--");
const unescaped = (text: string): string => text.replace(/^\\(?=\\*(?:#|`{3}))/gm, "").replace(/<\\!--/g, "<!--");
