/**
 * What would make a request quicker and surer: one objective, one place. Pure and careful: what is not plain gets no advice, since a hint
 * that is wrong once is never read again.
 */

export interface RequestAdvice {
  readonly kind: "two-objectives" | "no-place";
  /** One line, without what sends it all the same. */
  readonly line: string;
}

/** Longer ones say for themselves where and what. */
const longest = 400;

/** Undefined for questions, for greetings, and for most of what is asked. `follows`: something was asked before, which words may point at. */
export function requestAdvice(text: string, { follows = false }: { readonly follows?: boolean } = {}): RequestAdvice | undefined {
  const plain = text.trim();
  if (plain === "" || plain.length > longest || /[?？]\s*$|```|^\s*[>/!]/m.test(plain)) return undefined;
  const objectives = twoObjectives(plain);
  if (objectives !== undefined) {
    const [first, second] = objectives.map(shortened);
    return {
      kind: "two-objectives",
      line: `Two things at once: “${first}” and “${second}”. One at a time lands sooner and is easier to judge.`,
    };
  }
  if (follows || !isVague(plain)) return undefined;
  return { kind: "no-place", line: "It names no place. A file, a folder or a name (@ finds paths) makes it quicker and surer." };
}

/** What changes code by itself; words that say how (keep, use, make sure) begin no objective of their own. */
const verbs =
  "add|build|convert|create|delete|drop|extract|fix|implement|introduce|migrate|optimise|optimize|port|redesign|refactor|remove|rename|replace|rewrite|speed up|split|translate|upgrade";
const polite =
  "(?:(?:please|now|then|also|next|finally|first|second|secondly|and|plus|additionally|ok|so|hey|hi|could you|can you|i want you to|i'd like you to|let's|lets|we should|you should) )*";
const objective = new RegExp(`^${polite}((?:${verbs})\\b .+)$`, "i");
const joint = new RegExp(
  `,? (?:and(?: then| also)?|then|plus|as well as|also),? (?=(?:also |then |please )*(?:${verbs})\\b)`,
  "i",
);
/** Stands in all that `joint` fits; most requests hold none, and the compilation of a pattern costs more than all else here. */
const joining = / (?:and|then|plus|also|as well as)\b/i;
/** A mark of a list. */
const bullet = /^\s*(?:[-*•]|\d{1,2}[.)])\s+/;

/** Parts that belong to another objective: its tests, its texts, whoever uses it. */
const companion =
  /\b(?:tests?|specs?|docs?|documentation|readme|changelog|comments?|docstrings?|types?|typings?|imports|exports|callers?|usages?|uses|references?|call sites?|examples?|snapshots?|migrations?|logs?|logging|error messages?|validation|dead code|duplicates?|duplication|leftovers?|old (?:one|code|version)|unused \w+|todos?)\b/i;
/** Points back at what was said before. */
const pointing =
  /\b(?:it|its|it's|them|they|their|that|this|these|those|there|here|same|both|each|all|one|ones|everything|everywhere|accordingly|instead|again|too|such|other|others|rest|new|old|result)\b/i;

function twoObjectives(text: string): readonly [string, string] | undefined {
  const parts = text
    .split(/\n+/)
    .flatMap((line) => line.replace(bullet, "").split(/(?<=[\w)`'"\]])[.!;](?=\s|$)/))
    .flatMap((part) => (joining.test(part) ? part.split(joint) : part))
    .map((part) => part.trim())
    .filter((part) => part !== "");
  if (parts.length < 2) return undefined;
  const found = parts.flatMap((part) => objective.exec(part)?.[1] ?? []);
  const [first, second] = found;
  // Two parts that are both told to be done, and nothing that binds them.
  if (first === undefined || second === undefined || found.length !== parts.length || found.length > 3) return undefined;
  if (companion.test(first) || companion.test(second) || pointing.test(second)) return undefined;
  const words = contentWords(first);
  const others = contentWords(second);
  if (words.length === 0 || others.length === 0 || others.some((word) => words.includes(word))) return undefined;
  return [first, second];
}

const small = new Set(
  "a an the to of in on at for from with by into as and or so when if be is are was up out my our your its new all any some".split(
    " ",
  ),
);
const verb = new RegExp(`^(?:${verbs})$`, "i");

/** Stems, so that a thing is the same in the plural; names are taken apart. */
const contentWords = (text: string): readonly string[] =>
  text
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter((word) => word.length > 2 && !small.has(word) && !verb.test(word))
    .map((word) => word.replace(/(?:ings?|ers?|ors?|ed|es|s|e)$/, ""));

const changing =
  "fix|improve|refactor|clean(?: up)?|tidy(?: up)?|optimise|optimize|speed up|simplify|rewrite|modernize|modernise|update|upgrade|change|debug|repair|finish|complete|make|add|write|format|polish|document";
/** Everything and nothing. */
const vague =
  "(?:(?:the|this|that|my|our|all|some|any|a|an|more|its|whole|entire|existing|current|old|remaining|few|better|proper|general|overall) )*(?:it|this|that|things?|stuff|everything|something|all|code|codebase|code base|code quality|quality|project|app|application|program|repo|repository|file|files|function|functions|class|classes|module|bugs?|errors?|error|issues?|problems?|tests?|failing tests?|broken tests?|performance|speed|readability|structure|style|naming|names|docs|documentation|comments?|types?|logging|error handling|edge cases?|warnings?|lint(?: errors| warnings)?|build|design|ui|ux|feature|features)";
const how =
  "(?:faster|better|cleaner|nicer|simpler|smaller|shorter|more (?:readable|robust|efficient|modern|maintainable|beautiful|secure)|work|run|pass|green|good|great|right|correct|robust|fast|clean|nice|prettier|safe|safer)";
const tail =
  "(?: (?:please|now|asap|quickly|a bit|a little|for me|again|up|somehow|properly|thanks|thank you|everywhere|in (?:the|this|my|our) (?:code|codebase|project|app|application|repo|repository|program)))*";
const vaguely = new RegExp(
  `^${polite}(?:(?:${changing}) ${vague}(?: (?:and|or) ${vague})?(?: ${how})?(?: and ${how})?|(?:${changing}) ${how})${tail}[.!]*$`,
  "i",
);

/** All words of the pattern, `bugs?` in both its forms: one that is none of them says enough, and the pattern need not be compiled. */
const vagueWords = new Set(
  [polite, changing, vague, how, tail, "and or"]
    .flatMap((part) => part.match(/[a-z']+\??/g) ?? [])
    .flatMap((word) => (word.endsWith("?") ? [word.slice(0, -1), word.slice(0, -2)] : word)),
);

function isVague(text: string): boolean {
  const words = text.toLowerCase().split(/[\s.!]+/);
  return words.every((word) => word === "" || vagueWords.has(word)) && vaguely.test(text.replace(/\s+/g, " "));
}

const widthShown = 48;
const shortened = (text: string): string => {
  const line = text.replace(/\s+/g, " ");
  return line.length > widthShown ? `${line.slice(0, widthShown).trimEnd()}…` : line;
};
