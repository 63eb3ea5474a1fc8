/**
 * Globs over paths of the workspace, and the spellings of one path that a file system may take for the same. Which decision
 * follows from a match is not its business.
 */
import picomatch from "picomatch";

export type PathMatcher = (path: string) => boolean;

/**
 * One spelling for all that differ only in case, Unicode composition, characters that some file systems ignore, or dots and
 * blanks at the end of a name. What restricts compares these, so that no disk lets through what another would refuse.
 */
export function fold(path: string): string {
  return withoutEnds(/^[\x20-\x7e]*$/.test(path) ? path.toLowerCase() : foldUnicode(path));
}

/** Without dots and blanks at the end of each name. */
const withoutEnds = (path: string): string => (/[. ](?:\/|$)/.test(path) ? path.replace(/(?<=[^/. ])[. ]+(?=\/|$)/g, "") : path);

function foldUnicode(path: string): string {
  const cased = path.normalize("NFC").replace(ignorable, "").toUpperCase().toLowerCase();
  return cased.replaceAll("ς", "σ").normalize("NFC");
}

/** What HFS+ leaves out of a comparison of names. */
const ignorable = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Why a pattern cannot be one of a policy; undefined: it can. Extended globs are off, and wildcards few: none may cost time. */
export function patternFault(pattern: string): string | undefined {
  const body = pattern.startsWith("!") ? pattern.slice(1) : pattern;
  if (body === "") return "it is empty";
  if (body.startsWith("/")) return "paths are relative to the workspace";
  if (body.includes("\\")) return "folders are separated by `/`";
  if (body.split("/").includes("..")) return "it climbs out of the workspace";
  if (body.length > 500) return "it is longer than 500 characters";
  if ((body.match(/\*\*/g)?.length ?? 0) > 3) return "it has more than three `**`";
  if (body.split("/").some((segment) => (segment.replaceAll("**", "*").match(/\*/g)?.length ?? 0) > 2))
    return "a name in it has more than two `*`";
  if ((body.replaceAll("**", "").match(/\*/g)?.length ?? 0) > 5) return "it has more than five `*`";
  try {
    picomatch.makeRe(body, { ...globOptions, strictBrackets: true });
    return undefined;
  } catch {
    return "its brackets do not pair";
  }
}

const globOptions = { dot: true, noextglob: true, nonegate: true, keepQuotes: true } as const;

/** Paths that restrict: matched in every spelling. A pattern that begins with `!` takes paths out again. */
export function matchFolded(patterns: readonly string[]): PathMatcher {
  const matches = matchAny(patterns.map(foldPattern));
  return (path) => matches(fold(path));
}

/** The same for a path that is folded already: a judge folds it once for all rules. */
export function matchOfFolded(patterns: readonly string[]): PathMatcher {
  return matchAny(patterns.map(foldPattern));
}

/** Paths that are let in: only as they are written. */
export function matchExactly(patterns: readonly string[]): PathMatcher {
  const matches = matchAny(patterns.map((pattern) => pattern.normalize("NFC")));
  return (path) => matches(path.normalize("NFC"));
}

const foldPattern = (pattern: string): string => withoutEnds(foldUnicode(pattern));

function matchAny(patterns: readonly string[]): PathMatcher {
  const isOut = (pattern: string): boolean => pattern.startsWith("!");
  const out = patterns.filter(isOut).map((pattern) => matchOne(pattern.slice(1)));
  const ins = patterns.filter((pattern) => !isOut(pattern)).map(matchOne);
  const inside: PathMatcher = ins.length === 0 ? () => out.length > 0 : (path) => ins.some((matches) => matches(path));
  return out.length === 0 ? inside : (path) => inside(path) && !out.some((matches) => matches(path));
}

/** A file, a folder with all below it, or a glob. What can be told without a glob's regular expression is. */
function matchOne(pattern: string): PathMatcher {
  // What means all below a folder means the folder as well.
  const plain = pattern.replace(/^(?:\.\/)+/, "").replace(/(?:\/+|\/\*\*)+$/, "");
  if (plain === "." || plain === "" || plain === "**") return () => true;
  if (isLiteral(plain)) return (path) => path.startsWith(plain) && (path.length === plain.length || path[plain.length] === "/");
  const anywhere = plain.startsWith("**/") ? plain.slice(3) : "";
  if (anywhere !== "" && isLiteral(anywhere)) return (path) => path.includes(anywhere) && `/${path}/`.includes(`/${anywhere}/`);
  const [head = "", tail = "", ...more] = anywhere.split("*");
  if (anywhere !== "" && more.length === 0 && isLiteral(head + tail) && !tail.includes("/")) {
    const escape = (text: string): string => text.replace(/[.+^$|\\]/g, "\\$&");
    const name = lazily(() => new RegExp(`(?:^|/)${escape(head)}[^/]*${escape(tail)}(?:/|$)`));
    return (path) => path.includes(tail) && name().test(path);
  }
  return matchGlob(plain);
}

const isLiteral = (pattern: string): boolean => !/[*?[\]{}()|]/.test(pattern);

function matchGlob(pattern: string): PathMatcher {
  const start = /^[^*?[\]{}()|]*/.exec(pattern)?.[0] ?? "";
  // Making one takes as long as thousands of matches, and most are never asked about a path that begins like them.
  const glob = lazily(() => picomatch(pattern.endsWith("**") ? pattern : [pattern, `${pattern}/**`], globOptions));
  // A name with brackets in it, such as `[id].ts`, is also meant as it stands.
  return (path) => path.startsWith(start) && (glob()(path) || path === pattern || path.startsWith(`${pattern}/`));
}

function lazily<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Whether it is certain that whatever `inner` matches, `outer` matches too. */
export function coversAll(outer: readonly string[], inner: readonly string[]): boolean {
  if (outer.some((pattern) => pattern.startsWith("!"))) return false;
  const kept = inner.filter((pattern) => !pattern.startsWith("!"));
  return kept.length > 0 && kept.every((pattern) => outer.some((one) => covers(one, pattern)));
}

function covers(outer: string, inner: string): boolean {
  const [o, i] = [outer, inner].map((pattern) =>
    pattern
      .replace(/^\.\//, "")
      .replace(/\/(?:\*\*)?$/, "")
      .toLowerCase(),
  );
  if (o === "**" || o === "." || o === i) return true;
  return o !== undefined && !/[*?[\]{}()|]/.test(o) && i?.startsWith(`${o}/`) === true;
}
