/** A glob over names of packages, as picomatch understands it. Which rule follows from a match is not its business. */
import picomatch from "picomatch";

export type NameMatcher = (name: string) => boolean;

/** Nothing in it means more than itself. */
const literal = /^@?[\w-]+(?:[./][\w-]+)*$/;

/** Most globs are never asked about a name that begins like them; making one takes longer than all that a hunk may cost. */
export function matchName(pattern: string): NameMatcher {
  // Of a backslash each system thinks differently.
  if (literal.test(pattern)) return (name) => name === pattern || (name.includes("\\") && globOf(pattern)(name));
  const start = startOf(pattern);
  let glob: NameMatcher | undefined;
  return (name) => name.startsWith(start) && (glob ??= globOf(pattern))(name);
}

const globOf = (pattern: string): NameMatcher => picomatch(pattern, { dot: true });

/** What each name that matches begins with. The last character may belong to what comes behind it, as in `a?` and `@(a)`. */
function startOf(pattern: string): string {
  if (pattern.includes("|")) return "";
  const [plain = ""] = /^[\w@-]*/.exec(pattern) ?? [];
  return pattern.charAt(plain.length) === "/" ? plain : plain.slice(0, -1);
}
