/** What a model writes as a review → comments, line by line as it arrives. Forgiving in form; a comment always stands in the diff. */
import type { ReviewComment } from "@twolane/protocol";
import type { ReviewedFile } from "./review-diff.ts";

/** How comments are asked for. */
export const commentForm = [
  "Answer with comments alone, without edits, one line for each, in exactly this form:",
  "path/of/file.ts:12 [must] what is wrong and what would be right",
  "The number is that of the new line. [must]: a defect that has to be mended. [should]: worth mending. [note]: worth knowing.",
  "Say nothing of what is fine, and nothing twice. Where there is nothing to say answer: no comments",
].join("\n");

export type MadeComment = Omit<ReviewComment, "id">;

export interface ReadLines {
  readonly lines: readonly string[];
  /** What stands behind the last line ending. */
  readonly rest: string;
}

export function wholeLines(rest: string, text: string): ReadLines {
  const parts = `${rest}${text}`.split("\n");
  return { lines: parts.slice(0, -1).map((line) => line.replace(/\r$/, "")), rest: parts.at(-1) ?? "" };
}

const severities: Readonly<Record<string, ReviewComment["severity"]>> = {
  ...{ must: "must", blocker: "must", blocking: "must", critical: "must", error: "must", bug: "must", major: "must" },
  ...{ should: "should", warning: "should", warn: "should", minor: "should", suggestion: "should", could: "should" },
  ...{ note: "note", nit: "note", info: "note", question: "note", style: "note" },
};
const severityWord = Object.keys(severities).join("|");
const bullet = /^\s*(?:(?:[-*•+]|\d{1,3}[.)])\s+|#{1,6}\s+|>\s?)*/;
/** Code marks around the place; those in the words stay. */
const quotedPlace = /^((?:[[(]?\w+[\])]?:?\s*)?)`([^`]+)`/;
const tag = String.raw`(?:[[(](${severityWord})[\])]:?|(${severityWord})\s*:)`;
const tagFirst = new RegExp(`^${tag}\\s*`, "i");
const tagThen = new RegExp(`^[\\s:—–-]*${tag}[\\s:—–-]*`, "i");
const numbers = String.raw`(?::\s?(?:L|line )?(\d{1,7})(?:\s?[-–:]\s?L?\d{1,7})?|#L(\d{1,7})(?:-L?\d{1,7})?|,? \(?lines? (\d{1,7})(?:\s?[-–]\s?\d{1,7})?\)?)`;
const placeWithLine = new RegExp(`^(\\S.*?)${numbers}(?![\\w./])`);

/** `unknown`: it has the form of a comment, and is of no file of the diff. Undefined: the line is none. */
export function commentIn(line: string, files: readonly ReviewedFile[]): MadeComment | "unknown" | undefined {
  const bare = line.replace(bullet, "").replace(/\*\*/g, "").replace(quotedPlace, "$1$2");
  const first = tagFirst.exec(bare);
  const body = first === null ? bare : bare.slice(first[0].length);
  const place = placeIn(body, files);
  const then = tagThen.exec(place === undefined ? body.replace(/^\S+/, "") : place.rest);
  const word = (first?.[1] ?? first?.[2] ?? then?.[1] ?? then?.[2])?.toLowerCase();
  if (place === undefined) return word !== undefined && /^\S+[.:/#]\S*/.test(body) ? "unknown" : undefined;
  // A file that is only named is no comment on it.
  if (word === undefined && place.line === 0) return undefined;
  const text = (then === null ? place.rest : place.rest.slice(then[0].length)).replace(/^[\s:—–,-]+/, "").trim();
  if (text === "") return undefined;
  return { path: place.path, severity: severities[word ?? ""] ?? "note", ...standing(place, text, files) };
}

interface Place {
  readonly path: string;
  /** 0: none was said. */
  readonly line: number;
  readonly rest: string;
}

function placeIn(body: string, files: readonly ReviewedFile[]): Place | undefined {
  const found = placeWithLine.exec(body);
  const path = found?.[1] === undefined ? undefined : pathOf(found[1], files);
  if (found !== null && path !== undefined)
    return { path, line: Number(found[2] ?? found[3] ?? found[4]), rest: body.slice(found[0].length) };
  // Names may hold blanks: the longest that the line begins with.
  const named = files
    .flatMap(({ path: name, from }) => [{ name, path: name }, ...(from === undefined ? [] : [{ name: from, path: name }])])
    .filter(({ name }) => body.startsWith(name) && /^(?:$|[\s:—–-])/.test(body.slice(name.length)))
    .toSorted((one, other) => other.name.length - one.name.length)[0];
  return named === undefined ? undefined : { path: named.path, line: 0, rest: body.slice(named.name.length) };
}

/** By its whole name, that before a move, with git's prefix, or by its end where only one file has it. */
function pathOf(said: string, files: readonly ReviewedFile[]): string | undefined {
  const name = said.trim().replace(/^\.\//, "");
  const whole = [name, name.replace(/^[ab]\//, "")].flatMap((one) =>
    files.filter(({ path, from }) => path === one || from === one),
  );
  if (whole[0] !== undefined) return whole[0].path;
  const ends = new Set(files.filter(({ path }) => path.endsWith(`/${name}`)).map(({ path }) => path));
  return ends.size === 1 && name !== "" ? [...ends][0] : undefined;
}

/** A line that is not in the diff is the file as a whole, with the place of the nearest change. */
function standing({ path, line }: Place, text: string, files: readonly ReviewedFile[]): Pick<MadeComment, "line" | "text"> {
  if (line === 0) return { line, text };
  const own = files.filter((file) => file.path === path).flatMap(({ hunks }) => hunks.flatMap(({ lines }) => lines));
  if (own.some((one) => one.line === line)) return { line, text };
  const changes = own.flatMap((one) => (one.op === "add" && one.line !== undefined ? [one.line] : []));
  const near = changes.toSorted((one, other) => Math.abs(one - line) - Math.abs(other - line))[0];
  return { line: 0, text: near === undefined ? text : `${text} (said of line ${line}; the nearest change is at ${near})` };
}

/** The same for what says the same of the same place. */
export const commentKey = ({ path, line, text }: MadeComment): string =>
  `${path}\0${line}\0${text
    .toLowerCase()
    .replace(/[\W_]+/g, " ")
    .trim()}`;
