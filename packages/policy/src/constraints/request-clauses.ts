/**
 * A request cut into the clauses in which demands may stand: without what is quoted, is code, is asked or is told of others, and with
 * marks in the places of paths. What a clause demands is not its business.
 */

/** `‹0+2›` in `words` stands for those of all paths. */
export interface Clause {
  /** In small letters, single blanks, no punctuation at its ends. */
  readonly words: string;
  /** It stands in a sentence that tells somebody to do something, or it is all of its sentence. */
  readonly isTold: boolean;
}

export interface Request {
  readonly clauses: readonly Clause[];
  readonly paths: readonly string[];
}

/** What stands further down is material and no demand. Characters. */
const readAtMost = 20_000;

export function readRequest(text: string): Request {
  const paths: string[] = [];
  const marked = joinLists(nameFolders(markPaths(withoutQuotes(text.slice(0, readAtMost)), paths), paths));
  return { clauses: marked.split(/\n|(?<=[.!?;])(?=\s)/).flatMap(clausesOf), paths };
}

/** Stands where something was that is no words of the person's own. */
const gap = "¤";

function withoutQuotes(text: string): string {
  const plain = text
    .replace(/[‹›¤]/g, " ")
    .replace(/[’‘]/g, "'")
    .replace(/[“”„«»]/g, '"')
    .replace(/≤|<=/g, " at most ");
  return plain
    .replace(/(```|~~~)[\s\S]*?(?:\1|$)/g, gap)
    .replace(/^(?: {4}|\t| {0,3}(?:>|\/\/|\/\*)).*$/gm, gap)
    .replace(/(?<=\s)\/[/*].*$/gm, gap)
    .replace(/`([^`\n]*)(?:`|$)/gm, pathOrGap)
    .replace(/"([^"\n]*)(?:"|$)/gm, pathOrGap)
    .replace(/(?<!\w)'([^'\n]+)'(?!\w)/g, pathOrGap);
}

const pathOrGap = (_: string, inside: string): string => (isPath(inside) ? inside : gap);

const extensions =
  "[cm]?[jt]sx?|pyi?|go|rs|java|kts?|[ch]|cc|cpp|hpp|cs|rb|php|swift|scala|sh|bash|zsh|sql|html?|s?css|less|vue|svelte|mdx?|txt|jsonc?|ya?ml|toml|ini|cfg|conf|xml|lock|env|proto|graphql|gradle|ipynb|snap|csv|svg";
const fileName = new RegExp(String.raw`^[\w@.*[\]{}-]*[\w*\]}-]\.(?:${extensions}|\*)$`, "i");
const namedFile = /^(?:Makefile|Dockerfile|README|CHANGELOG|LICENSE|CODEOWNERS|\.[a-z][\w.-]*rc|\.gitignore|\.env(?:\.\w+)?)$/;
const withFolder = /^(?:\.\/)?[\w@.*[\]{}+-]+(?:\/[\w@.*[\](){},+-]+)*\/?$/;
/** Words with a slash or a dot that are none. */
const noPath =
  /^(?:and\/or|either\/or|yes\/no|true\/false|on\/off|i\/o|n\/a|w\/o?|read\/write|input\/output|client\/server|tcp\/ip|he\/she|s\/he|\d+(?:[/.]\d+)*|(?:node|vue|next|nuxt|express|three|react|nest|d3|chart)\.js)$/i;

function isPath(word: string): boolean {
  if (word.length > 300 || noPath.test(word) || word.includes("..")) return false;
  return (
    (word.includes("/") && withFolder.test(word)) ||
    fileName.test(word) ||
    namedFile.test(word) ||
    /^(?:src|lib|docs)$/.test(word)
  );
}

function markPaths(text: string, paths: string[]): string {
  return text.replace(/\S+/g, (word) => {
    const [, before = "", inner = "", behind = ""] = /^([([{"'*_]*)(.*?)([)\]}"'*_.,;:!?]*)$/.exec(word) ?? [];
    // Brackets that belong to a name, and a star that means all, stay with it.
    const whole = [word.replace(/[.,;:!?]+$/, ""), inner].find((one) => isPath(bare(one)));
    if (whole === undefined) return word;
    const at = word.indexOf(whole);
    paths.push(bare(whole));
    return whole === inner
      ? `${before}‹${paths.length - 1}›${behind}`
      : `${word.slice(0, at)}‹${paths.length - 1}›${word.slice(at + whole.length)}`;
  });
}

const bare = (word: string): string =>
  word
    .replace(/^@(?=[\w.]+\/|[\w-]+\.)/, "")
    .replace(/^\.\//, "")
    .replace(/:\d+(?:[:-]\d+)?$/, "");

const noFolder =
  /^(?:this|that|the|same|each|every|any|one|a|an|new|whole|other|current|its|your|my|our|which|all|no|root|existing|only|in)$/i;

/** `the folder x`, `the x folder`. */
function nameFolders(text: string, paths: string[]): string {
  return text
    .replace(/\b(?:the )?(?:files?|folders?|director(?:y|ies)|modules?) (?=‹)/gi, "")
    .replace(/(?:\bthe )?(‹\d+›) (?:files?|folders?|director(?:y|ies))\b/gi, "$1")
    .replace(/\b(?:the )?([\w-]+) (?:folder|directory)\b/gi, (whole, name: string) =>
      noFolder.test(name) ? whole : `‹${paths.push(name) - 1}›`,
    );
}

const joinLists = (text: string): string =>
  text.replace(
    /‹\d+›(?:(?:, (?:and |or |nor )?| and | or | nor | & )(?:in |the )?‹\d+›)+/g,
    (list) => `‹${[...list.matchAll(/\d+/g)].join("+")}›`,
  );

/** What is told of others, or only under a condition. */
const toldOf =
  /\b(?:says?|said|saying|tells? me|told|claims?|claimed|thinks?|mentions?|mentioned|asks?|asked|suggests?|suggested|wrote|reads)\b/;
const namesText =
  /\b(?:error|message|comment|warning|output|title|called|named|heading|log|prints?|shows?|example|docs?|text|string|says?)\b[^:]*$/;
const condition = /^(?:if|unless|until|whether|whenever|suppose|imagine|once|in case)\b/;
const politely = /^(?:please )?(?:can|could|would|will) (?:you|we)(?: please)? /;
const cut =
  /(,|;|:|\(|\)| - | – | — |\.{3}|…|\bbut\b|\band\b|\bthen\b|\bso\b(?! that)|(?=\bwithout\b)|(?=\bwith (?:a|the|no|at)\b)|(?=\bin ‹[\d+]+› only\b)|(?=(?<!^|\bwork |\bchanges? |\bstuff |\bthings )\b(?:only|just) in ‹)|(?=\bexcept\b))/;

function clausesOf(sentence: string): readonly Clause[] {
  const whole = sentence
    .trim()
    .toLowerCase()
    .replace(/^(?:[-*•+]|\d+[.)])\s+/, "");
  const isAsked = /\?[)"'!.]*$/.test(whole);
  if (whole === "" || (isAsked && !politely.test(whole)) || condition.test(whole)) return [];
  const told = whole.replace(politely, "");
  const isRequest = isAsked || isImperative(told);
  const clauses: Clause[] = [];
  const parts = told.split(cut).filter((part) => part !== undefined);
  for (const [index, part] of parts.entries()) {
    if (part === ":" && namesText.test(parts[index - 1] ?? "")) break;
    if (toldOf.test(part) || condition.test(part.trim())) break;
    const words = part.replace(/\s+/g, " ").replace(/^[\s.!?,;:*_]+|[\s.!?,;:*_]+$/g, "");
    if (words !== "") clauses.push({ words, isTold: isRequest || clauses.length === 0 });
  }
  return clauses;
}

const verbs = new Set(
  `add adjust allow apply avoid be bring build bump change check clean cleanup convert create cut deduplicate delete do document drop edit
  enable ensure extend extract factor fill find fix format generate get give go handle hide implement improve inline introduce investigate
  keep leave let let's limit look make merge migrate modify move only parse patch polish port prefer print put raise reduce refactor remove
  rename reorder reorganize replace rework rewrite run set shorten show simplify sort speed split start stay stop support swap switch take
  tidy touch translate try turn unify update upgrade use validate wire work wrap write don't do not never please just one no make minimal
  restrict confine explain describe plan tell summarize list review discuss propose think answer analyse analyze`.split(/\s+/),
);

const isImperative = (words: string): boolean =>
  verbs.has(/^(?:(?:please|now|also|then|ok|okay|first)[ ,]+)*([a-z']+)/.exec(words)?.[1] ?? "");
