/**
 * Plain words → operation and arguments. One table, tried from top to bottom; docs/instant.md describes it for people.
 * Not responsible for whether the names and paths exist.
 */
import { type Failure, failure } from "@twolane/protocol";
import { type FixKind, type InstantRequest, type Place, type SymbolKind, fixKinds, symbolKinds } from "./requests.ts";

export type Understood = { readonly request: InstantRequest } | { readonly failure: Failure };

interface Words {
  readonly pattern: RegExp;
  /** Undefined: the words fit, but what they name does not; the next row is tried. */
  readonly request: (named: Readonly<Record<string, string | undefined>>) => InstantRequest | undefined;
}

const token = String.raw`(?:"[^"]+"|'[^']+'|\x60[^\x60]+\x60|[^\s"'\x60]+)`;
const named = (name: string): string => `(?<${name}>${token})`;
const kinds =
  "function|class|interface|type alias|type|enum|method|property|field|member|variable|constant|const|parameter|argument|namespace|symbol|identifier|component|hook";
const rename = "(?:rename|rebrand|change the name of|change name of)";
const arrow = "(?:to|into|as|->|→|=>)";
const where = `(?: (?:in|inside|within|from|at|of|on)(?: the)?(?: file| folder| directory| module)? ${named("place")})?`;
const scope =
  "(?<everywhere> (?:everywhere|in all files|including re-?exports|across (?:the )?(?:project|workspace|repo|repository|codebase)))?";
const importsOf = `(?:(?: (?:in|of|for|from|within|inside|to))?(?: the)?(?: file| folder| directory)? ${named("path")})?`;
const imports = "(?:the |all |all the |its |my )?(?:imports|import statements|import)";
const organize = "(?:organi[sz]e|tidy(?: up)?|clean(?: up)?|arrange)";
const remove = "(?:remove|delete|drop|clear|strip|prune)";

const fixWords: Readonly<Record<string, FixKind>> = {
  "missing awaits": "missing await",
  "missing overrides": "missing override",
  "missing override modifiers": "missing override",
  "missing properties": "missing members",
  "unused variables": "unused names",
  "unused declarations": "unused names",
  misspellings: "spelling",
  ...Object.fromEntries(fixKinds.map((kind) => [kind, kind])),
};
const intoName = "(?:into|to|as)(?: an?)?(?: new)?";
const lines = "(?:lines? )?(?<from>\\d+)(?:(?:-|–| to )(?<to>\\d+))?";

const table: readonly Words[] = [
  row(
    `extract ${lines} (?:of|in|from) ${named("path")} ${intoName} function(?: (?:named|called))? ${named("name")}`,
    extractLines,
  ),
  row(`extract ${named("place")} ${intoName} function(?: (?:named|called))? ${named("name")}`, extractLines),
  row(`extract(?: the| an?)? function ${named("name")} (?:from|of|out of) ${named("place")}`, extractLines),
  row(
    `extract (?<expression>\`[^\`]+\`|"[^"]+"|'[^']+'|\\S+) (?:in|of|from) ${named("place")} ${intoName} (?:constant|const|variable)(?: (?:named|called))? ${named("name")}`,
    extractConstant,
  ),
  row(`inline(?: the)?(?: variable| constant| const)? ${named("name")} (?:in|of|from|at) ${named("place")}`, (words) => {
    const at = placeNamed(unquoted(words["place"]));
    return at && { operation: "inline", name: unquoted(words["name"]), place: at };
  }),
  row(`fix(?: all)?(?: the| every)? (?<kind>${Object.keys(fixWords).join("|")})(?: errors?| mistakes?)?${importsOf}`, (words) => {
    const kind = fixWords[words["kind"]?.toLowerCase() ?? ""];
    return kind && { operation: "fix-all", kind, ...filesIn(words) };
  }),
  row(`${organize} ${imports}${importsOf}`, (words) => ({ operation: "organize-imports", ...filesIn(words) })),
  row(`(?:sort|order|alphabeti[sz]e) ${imports}${importsOf}`, (words) => ({ operation: "sort-imports", ...filesIn(words) })),
  row(
    `${remove} (?:the |all |all the |any )?(?:unused|unneeded|unnecessary|dead) (?:imports|import statements|import)${importsOf}`,
    (words) => ({
      operation: "remove-unused-imports",
      ...filesIn(words),
    }),
  ),
  row(
    `(?:add|fix|insert) (?:the |all |all the |any )?(?:missing )?(?:imports|import statements|import)${importsOf}`,
    (words) => ({
      operation: "add-missing-imports",
      ...filesIn(words),
    }),
  ),
  row(`(?:import|add) (?:the |all |all the )?missing (?:names|symbols)${importsOf}`, (words) => ({
    operation: "add-missing-imports",
    ...filesIn(words),
  })),
  row(
    `(?:move|relocate)(?: the)?(?: file| folder| directory| module)? ${named("from")} (?:to|into|under|->|→|=>)(?: the)?(?: file| folder| directory)? ${named("to")}`,
    (words) => fileMove(words, false),
  ),
  row(`${rename}(?: the)? (?:file|folder|directory|module) ${named("from")} ${arrow} ${named("to")}`, (words) =>
    fileMove(words, true),
  ),
  row(`${rename} ${named("from")} ${arrow} ${named("to")}`, (words) =>
    looksLikePath(words["from"]) ? fileMove(words, true) : undefined,
  ),
  row(`${rename}(?: the)?(?: (?<kind>${kinds}))? ${named("name")}${where} ${arrow} ${named("newName")}${scope}`, symbolRename),
  row(`${rename}(?: the)?(?: (?<kind>${kinds}))? ${named("name")} ${arrow} ${named("newName")}${where}${scope}`, symbolRename),
  row(`${rename}(?: the)? ${named("name")} (?<kind>${kinds}) ${arrow} ${named("newName")}${where}${scope}`, symbolRename),
];

function row(pattern: string, request: Words["request"]): Words {
  return { pattern: new RegExp(`^${pattern}$`, "iu"), request };
}

/** Reads a request, or says in one line what it could do instead. */
export function understand(prompt: string): Understood {
  const words = plain(prompt);
  for (const { pattern, request } of table) {
    const match = pattern.exec(words);
    const understood = match && request(match.groups ?? {});
    if (understood) return { request: understood };
  }
  return {
    failure: failure(
      "INSTANT_UNKNOWN",
      `Without a model twolane cannot do that; the nearest it can do is "${nearestExample(words)}".`,
    ),
  };
}

/** Without politeness, surrounding blanks and a final dot. */
function plain(prompt: string): string {
  return prompt
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[\s.!?;,]+$/, "")
    .replace(/[\s,]+(?:please|thanks|thank you|for me)$/i, "")
    .replace(
      /^(?:(?:please|hey|ok|okay|now|then|can you|could you|would you|will you|i want to|i'd like to|let's|lets|just|kindly)[\s,]+)+/i,
      "",
    )
    .replace(/[\s.!?;,]+$/, "");
}

function unquoted(text: string | undefined): string {
  const inner = (text ?? "").replace(/^(["'`])(.*)\1$/, "$2");
  return inner.replace(/\(\)$/, "");
}

const sourceEnding = /\.(?:[mc]?[jt]sx?|json|css|scss|less|svg|vue|md|graphql|html)$/i;

function looksLikePath(text: string | undefined): boolean {
  const path = unquoted(text);
  return path.includes("/") || path.includes("\\") || sourceEnding.test(path);
}

type Named = Readonly<Record<string, string | undefined>>;

function extractLines(words: Named): InstantRequest | undefined {
  const match = /^(?<path>.+?):(?<from>\d+)(?:[-–](?<to>\d+))?$/.exec(unquoted(words["place"]))?.groups;
  const { path, from, to } = match ?? { ...words, path: unquoted(words["path"]) };
  if (path === undefined || path === "" || from === undefined) return undefined;
  const last = to === undefined ? {} : { to: Number(to) };
  return { operation: "extract", what: "function", newName: unquoted(words["name"]), path, from: Number(from), ...last };
}

function extractConstant(words: Named): InstantRequest | undefined {
  const place = placeNamed(unquoted(words["place"]));
  if (place === undefined) return undefined;
  const expression = (words["expression"] ?? "").replace(/^`(.*)`$/, "$1");
  const line = place.line === undefined ? {} : { from: place.line };
  return { operation: "extract", what: "constant", newName: unquoted(words["name"]), path: place.path, expression, ...line };
}

function fileMove(words: Readonly<Record<string, string | undefined>>, inPlace: boolean): InstantRequest {
  return { operation: "rename-file", from: unquoted(words["from"]), to: unquoted(words["to"]), inPlace };
}

function filesIn(words: Readonly<Record<string, string | undefined>>): { path?: string } {
  const path = unquoted(words["path"]);
  return path === "" || /^(?:everywhere|\.\/?|all|project|workspace|repo|repository|codebase|files?)$/i.test(path)
    ? {}
    : { path };
}

function symbolRename(words: Readonly<Record<string, string | undefined>>): InstantRequest | undefined {
  const written = unquoted(words["name"]);
  const newWritten = unquoted(words["newName"]);
  if (looksLikePath(written) || looksLikePath(newWritten)) return undefined;
  const [name = "", container] = written.split(".").reverse();
  const newName = newWritten.split(".").at(-1) ?? "";
  const kind = kindNamed(words["kind"]);
  const at = placeNamed(unquoted(words["place"]));
  return {
    operation: "rename-symbol",
    name,
    newName,
    everywhere: words["everywhere"] !== undefined,
    ...(kind === undefined ? {} : { kind }),
    ...(container === undefined ? {} : { container }),
    ...(at === undefined ? {} : { place: at }),
  };
}

const kindWords: Readonly<Record<string, SymbolKind>> = {
  "type alias": "type",
  field: "property",
  constant: "variable",
  const: "variable",
  argument: "parameter",
};

function kindNamed(word: string | undefined): SymbolKind | undefined {
  const lower = word?.toLowerCase() ?? "";
  return kindWords[lower] ?? symbolKinds.find((kind) => kind === lower);
}

/** `FILE`, `FILE:LINE` or `FILE:LINE:COLUMN`. */
function placeNamed(text: string): Place | undefined {
  if (text === "") return undefined;
  const match = /^(?<path>.+?):(?<line>\d+)(?::\d+)?$/.exec(text);
  const [path, line] = [match?.groups?.["path"], match?.groups?.["line"]];
  return path === undefined ? { path: text } : { path, line: Number(line) };
}

const examples: readonly { readonly about: RegExp; readonly example: string }[] = [
  { about: /^extract\b/i, example: "extract FILE:LINE-LINE into function NAME" },
  { about: /^inline\b/i, example: "inline NAME in FILE" },
  { about: /^fix\b.*\b(?:all|await|override)\b/i, example: "fix all missing await in FILE" },
  { about: /\bunused\b/i, example: "remove unused imports in FILE" },
  { about: /\bmissing\b/i, example: "add missing imports in FILE" },
  { about: /\b(?:sort|order)/i, example: "sort imports in FILE" },
  { about: /\bimports?\b|\b(?:tidy|clean|organi[sz]e)/i, example: "organize imports in FILE" },
  { about: /\b(?:move|folder|relocate|split)\b/i, example: "move FILE to FOLDER/FILE" },
  { about: /\bfile\b.*\bname|\bname.*\bfile\b/i, example: "rename FILE to FILE" },
];

const nearestExample = (words: string): string =>
  examples.find(({ about }) => about.test(words))?.example ?? "rename NAME to NAME in FILE";
