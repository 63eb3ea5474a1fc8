/** The table of phrases: clauses of a request → what they demand. What is a clause, `request-clauses.ts` knows. */
import type { Constraint } from "@twolane/protocol";

export interface Demand {
  readonly pattern: RegExp;
  /** Stands in all that fits; asked first, as each pattern costs its compilation once. */
  readonly sign: RegExp;
  /** A fragment demands something only where something is told to be done. */
  readonly fragment?: true;
  readonly means: (match: readonly string[]) => Meaning;
}

/** `paths` are marks of the clause (`0+2`); `named`: those that stand before it in the request. */
export type Meaning =
  | Exclude<Constraint, { readonly paths: readonly string[] }>
  | { readonly kind: "only" | "not"; readonly marks: string }
  | { readonly kind: "only"; readonly named: true }
  | { readonly kind: "this-file" };

/** Where `minimal diff` names no number. */
const minimalLines = 40;

const places = "‹([\\d+]+)›";
const change =
  "(?:touch|change|edit|modify|update|alter|rewrite|fix|refactor|work on|work in|work inside|make changes (?:in|to))";
const hurt = "(?:touch|change|edit|modify|update|alter|rewrite|mess with|rename|move|delete|break)";
const hurting = "(?:touching|changing|editing|modifying|updating|altering|rewriting|renaming|moving|deleting|breaking)";
const dont = "(?:don't|do not|dont|not|never|must not|may not|should not)";
const alone = "(?:alone|as (?:it|they) (?:is|are)|as is|as-is|unchanged|untouched|intact|the same|unmodified)";
const stays =
  "(?:(?:must|should|has to|have to|shall)? ?(?:stays?|remains?|be kept|keeps?) " +
  alone +
  "|(?:must|should|may|shall) not (?:change|be (?:changed|touched|modified|edited)))";
const newer = "(?:new|additional|extra|more|further|other|third[- ]party)";
const packages = "(?:dependenc(?:y|ies)|deps|packages?|librar(?:y|ies)|modules from npm)";
const tests = "(?:the |any |my |our |all |existing |of the )*(?:unit )?tests?(?: files?| code| suite)?";
const api =
  "(?:the |its |our |my |your |any |all |existing |current )*(?:(?:public |external |exported )(?:api|apis|interfaces?|surface|signatures?|names|symbols|functions|types|declarations|behaviou?r)|apis?|exports|(?:function )?signatures|behaviou?r)";
const outerApi = "(?:the |its |our |my |your )*(?:public|external) (?:api|interface|behaviou?r|surface)";
const one = "(?:one|1|a single)";
const lines = "(?:changed )?lines?(?: of (?:changes?|diff|code))?(?: changed| in total| in all| altogether)?";
const most = "(?:at most|no more than|not more than|max\\.?|maximum(?: of)?|up to|a maximum of)";
const fewer = "(?:fewer than|less than|under|below)";
const small = "(?:minimal|minimum|smallest|smallest possible|tiny|very small)";
const diff = "(?:diffs?|changes?|edits?|patch)";

/** Without one of these words, or one of these phrases, nothing is demanded. */
const demandingWords = new Set(
  `only just not dont never no zero nothing without leave keep keeps kept stay stays remain remains preserve limit restrict confine except
  avoid minimal minimum smallest tiny small max maximum fewer one 1 single unchanged untouched unmodified intact same first failing`.split(
    /\s+/,
  ),
);
const demandingPhrase =
  /\b(?:hands off|out of|at most|up to|less than|(?:under|below) \d+|new files|as[ -](?:is|it|they))\b|n['’]t\b|\b(?:new|additional|extra|further|other) (?:dep|pack|librar|modules|third)|≤|<=/i;
const phraseBegins = new Set("hands out at up less under below new additional extra further other as".split(" "));

/** False: it demands nothing. Words first, since the compilation of a long pattern costs a request more than all of them. */
export function mayDemand(text: string): boolean {
  let mayHoldPhrase = /['’≤<]/.test(text);
  for (const [found] of text.matchAll(/\w+/g)) {
    const word = found.toLowerCase();
    if (demandingWords.has(word)) return true;
    mayHoldPhrase ||= phraseBegins.has(word);
  }
  return mayHoldPhrase && demandingPhrase.test(text);
}

function signOf(pattern: string): RegExp {
  if (pattern.includes(places)) return /‹/;
  if (pattern.includes(packages)) return /dep|pack|librar|module/;
  if (pattern.includes(outerApi) || pattern.includes(api))
    return /api|export|signature|behavio|interface|surface|name|symbol|function|type|declaration/;
  if (pattern.includes(lines)) return /line/;
  return pattern.includes(tests)
    ? /test/
    : /file|change|edit|hunk|diff|patch|test|plan|talk|answer|anything|code|nothing|rest|else/;
}

const behind = "(?: (?:please|for now|yet|at all|either|too|this time|here|now|thanks|thank you|as well|though|in this turn))*";

function row(pattern: string, means: Demand["means"], fragment?: "fragment"): Demand {
  let whole: RegExp | undefined;
  return {
    sign: signOf(pattern),
    // Made when it is asked: a start pays for none.
    get pattern() {
      return (whole ??= new RegExp(`^(?:${pattern})${behind}$`));
    },
    means,
    ...(fragment && { fragment: true as const }),
  };
}

const only: Demand["means"] = ([marks = ""]) => ({ kind: "only", marks });
const not: Demand["means"] = ([marks = ""]) => ({ kind: "not", marks });
const be =
  (meaning: Meaning): Demand["means"] =>
  () =>
    meaning;
const rest: Meaning = { kind: "only", named: true };

/** The first row that fits says what is meant. */
export const demands: readonly Demand[] = [
  row(
    `(?:only|just) (?:in |inside |within |for )?${places}(?: (?:may|should|can) (?:change|be (?:changed|touched|edited)))?`,
    only,
    "fragment",
  ),
  row(`(?:in |inside |within )?${places} only`, only, "fragment"),
  row(`(?:only|just) ${change} ${places}`, only),
  row(`${change} (?:only|just|nothing but|nothing except) (?:in )?${places}`, only),
  row(`${change} ${places} only`, only),
  row(`(?:stay|keep) (?:in|inside|within|to) ${places}`, only),
  row(`keep (?:all |the |your |every )*(?:changes?|edits?|work|everything) (?:in|inside|within|to) ${places}`, only),
  row(
    `(?:limit|restrict|confine) (?:yourself|the changes?|your changes?|changes?|all changes|edits?|it|this|the work) to ${places}`,
    only,
  ),
  row(
    `(?:${dont} ${hurt} anything|${change} nothing|nothing|no changes?) (?:outside(?: of)?|but|except(?: in| for)?|other than|beyond) ${places}`,
    only,
  ),
  row(`(?:${change} )?(?:nothing else|no other files?|nothing more)`, be(rest), "fragment"),
  row(`${dont} ${hurt} (?:anything else|(?:any )?other files?|(?:any )?other code)`, be(rest)),
  row(`leave (?:everything else|the rest|all other files|other files|all else) ${alone}`, be(rest)),
  row(
    `(?:only|just) (?:${change} )?(?:this|that|the same) file|(?:${change} )?(?:this|that) file only|${change} only (?:this|that) file`,
    be({ kind: "this-file" }),
  ),
  row(`(?:but )?not (?:in |inside )?${places}`, not, "fragment"),
  row(`${dont} ${hurt} (?:anything (?:in|under|inside) )?${places}`, not),
  row(`(?:leave|keep) (?:everything in |all of )?${places} ${alone}`, not),
  row(`without ${hurting} (?:anything (?:in|under|inside) )?${places}`, not, "fragment"),
  row(`(?:except|anything except|everything except|all except)(?: for| in)? ${places}`, not, "fragment"),
  row(`(?:hands off|stay out of|keep out of|avoid ${hurting}) ${places}`, not),
  row(`${places} ${stays}`, not),
  row(
    `(?:with |use |add |introduce |bring in |pull in )?(?:no|zero|not any) ${newer} ${packages}`,
    be({ kind: "no-dependencies" }),
    "fragment",
  ),
  row(
    `(?:without|without (?:adding|using|introducing|pulling in|any|adding any|using any)) ${newer} ${packages}`,
    be({ kind: "no-dependencies" }),
    "fragment",
  ),
  row(
    `without (?:adding|introducing|pulling in|installing) (?:any |a )?${packages}`,
    be({ kind: "no-dependencies" }),
    "fragment",
  ),
  row(
    `${dont} (?:add|introduce|install|pull in|bring in|use) (?:any |a )?(?:${newer} )${packages}`,
    be({ kind: "no-dependencies" }),
  ),
  row(`${dont} (?:add|introduce|install|pull in|bring in) (?:any |a )?${packages}`, be({ kind: "no-dependencies" })),
  row(
    `(?:with |make |use |keep )?(?:a |the |it (?:to )?a )?${small} ${diff}(?: possible)?`,
    be({ kind: "lines", most: minimalLines }),
    "fragment",
  ),
  row(
    `keep (?:the |your |all )?${diff} (?:minimal|small|tiny|as small as possible|to a minimum|to the minimum)`,
    be({ kind: "lines", most: minimalLines }),
  ),
  row(
    `(?:${change} |keep (?:it|the ${diff}) to |with |a ${diff} of |${diff} of )?${most} (\\d{1,5}) ${lines}`,
    ([n]) => ({ kind: "lines", most: Number(n) }),
    "fragment",
  ),
  row(
    `(?:${change} |keep (?:it|the ${diff}) |with |a ${diff} (?:of )?)?${fewer} (\\d{1,5}) ${lines}`,
    ([n]) => ({ kind: "lines", most: Math.max(0, Number(n) - 1) }),
    "fragment",
  ),
  row(`(?:limit|restrict) (?:the |your )?${diff} to ${most}? ?(\\d{1,5}) ${lines}`, ([n]) => ({
    kind: "lines",
    most: Number(n),
  })),
  row(`(?:${change} |in )?(?:only |just |${most} )?${one} file(?: only| at most)?`, be({ kind: "one-file" }), "fragment"),
  row(`(?:only|just) ${change} ${one} file`, be({ kind: "one-file" })),
  row(
    `(?:make |do )?(?:only |just |${most} )?${one} (?:change|edit|hunk)(?: only| at most| at a time)?`,
    be({ kind: "one-change" }),
    "fragment",
  ),
  row(`(?:only|just) (?:make|do) ${one} (?:change|edit|hunk)`, be({ kind: "one-change" })),
  row(`(?:leave|keep) ${api} ${alone}`, be({ kind: "public-api" })),
  row(`(?:keep|preserve) ${outerApi}`, be({ kind: "public-api" })),
  row(`${dont} (?:touch|change|alter|modify) ${api}`, be({ kind: "public-api" })),
  row(`without (?:touching|changing|altering|modifying) ${api}`, be({ kind: "public-api" }), "fragment"),
  row(`${api} ${stays}`, be({ kind: "public-api" })),
  row(
    `(?:with )?(?:no|without any) (?:changes? (?:to|of) ${api}|(?:public )?api changes?)`,
    be({ kind: "public-api" }),
    "fragment",
  ),
  row(`${api} (?:unchanged|untouched|as is|the same)`, be({ kind: "public-api" }), "fragment"),
  row(`(?:but )?not ${tests}`, be({ kind: "tests-unchanged" }), "fragment"),
  row(`${dont} (?:touch|change|alter|modify|edit|update|rewrite|delete) ${tests}`, be({ kind: "tests-unchanged" })),
  row(`(?:leave|keep) ${tests} ${alone}`, be({ kind: "tests-unchanged" })),
  row(`without (?:touching|changing|altering|modifying|editing) ${tests}`, be({ kind: "tests-unchanged" }), "fragment"),
  row(`${tests} (?:${stays}|unchanged|untouched|as they are)`, be({ kind: "tests-unchanged" }), "fragment"),
  row(`(?:with )?no (?:test changes|changes? (?:to|of|in) ${tests})`, be({ kind: "tests-unchanged" }), "fragment"),
  row("(?:only |just )?new files(?: only)?", be({ kind: "new-files" }), "fragment"),
  row(
    "(?:only |just )(?:add|create|write) new files|(?:add|create|write) (?:only new files|new files only)",
    be({ kind: "new-files" }),
  ),
  row(`(?:${dont} ${hurt}|without ${hurting}|no changes to) (?:any |the )?existing files?`, be({ kind: "new-files" })),
  row(`leave (?:all |the )?existing files ${alone}`, be({ kind: "new-files" })),
  row("(?:with )?(?:(?:a|one) )?failing tests? first", be({ kind: "test-first" }), "fragment"),
  row(
    "(?:first )?(?:write|add|create|start with|begin with) (?:a|one|the) failing test(?: first| before .+)?",
    be({ kind: "test-first" }),
  ),
  row("(?:write|add) (?:a|the|one|your)? ?tests? first|(?:do it |go |work )?tests?[- ]first", be({ kind: "test-first" })),
  row(
    `(?:make )?no (?:edits|changes)|(?:plan|talk|answer) only|(?:only|just) (?:plan|talk)`,
    be({ kind: "no-edits" }),
    "fragment",
  ),
  row(`${dont} ${hurt} (?:anything|any files?|any code|the code|files|code)`, be({ kind: "no-edits" })),
  row(`without ${hurting} (?:anything|any files?|any code|the code)`, be({ kind: "no-edits" }), "fragment"),
];
