/**
 * Whether a new test fails for the right reason: what it asserts is not so, or a name that is to be built is not there. One that cannot be
 * loaded, lacks an import, or is another test shows nothing. Pure; the texts are those of the runners, shortened.
 */
import type { TestFailure } from "@twolane/protocol";
import type { WrittenFile } from "./workflow.ts";

export interface FailureQuestion {
  readonly failure: TestFailure;
  /** Files of the new test, with the lines that were added. */
  readonly tests: readonly WrittenFile[];
  /** What is wanted, in the person's words. */
  readonly about: string;
  /** Whether a module or package of that name could be the project's own; others are dependencies. */
  readonly owns: (module: string) => boolean;
}

export type FailureJudgement =
  | { readonly right: true; readonly reason: string }
  /** `broken`: the test itself. `other`: it is not the new test. `unclear`: it may be either. */
  | { readonly right: false; readonly kind: "broken" | "other" | "unclear"; readonly reason: string };

export function judgeFailure(question: FailureQuestion): FailureJudgement {
  const { failure, tests, about, owns } = question;
  const { message } = failure;
  if (!isOwnFile(failure, tests)) return wrong("other", `another test fails: ${failure.name} in ${failure.path}`);
  const isWhole = isWholeFile(failure);
  if (!isWhole && !isNewTest(failure.name, tests)) return wrong("other", `a test that was there fails: ${failure.name}`);
  const broken = brokenBy(message, isWhole);
  if (broken !== undefined) return wrong("broken", broken);
  const dependency = missingModule(message);
  if (dependency !== undefined) {
    return isLocal(dependency) || owns(dependency)
      ? right(`${dependency} does not exist yet`)
      : wrong("broken", `the package ${dependency} is not there`);
  }
  for (const { pattern, said } of missing) {
    const match = pattern.exec(message);
    if (match !== null) return right(said(match[1] ?? "a name"));
  }
  if (asserted.test(message)) return right(`it asserts what is not so yet: ${firstLine(message)}`);
  // Of a crash that is to be mended, the crash is the reason.
  if (!isWhole && crashWords.test(about)) return right(`it fails as the request says: ${firstLine(message)}`);
  return wrong(
    "unclear",
    isWhole ? `it could not be loaded: ${firstLine(message)}` : `it ends with an error: ${firstLine(message)}`,
  );
}

const right = (reason: string): FailureJudgement => ({ right: true, reason });
const wrong = (kind: "broken" | "other" | "unclear", reason: string): FailureJudgement => ({ right: false, kind, reason });

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** A package that does not compile is told of its first file, and names the one that is wrong. */
const isOwnFile = ({ path, message }: TestFailure, tests: readonly WrittenFile[]): boolean =>
  tests.some((test) => test.path === path || test.path.startsWith(`${path}/`) || message.includes(baseName(test.path)));

const wholeNames: ReadonlySet<string> = new Set(["the file itself", "it does not compile", "the package"]);

/** The file as a whole failed, not one test in it. */
function isWholeFile({ name, path }: TestFailure): boolean {
  const module = path.replace(/\.\w+$/, "").replaceAll("/", ".");
  return wholeNames.has(name) || name === path || name.endsWith(`/${path}`) || name === module || name.endsWith(baseName(path));
}

/** Names of tests are literals or functions of what was added; of a table's names the beginning. */
function isNewTest(name: string, tests: readonly WrittenFile[]): boolean {
  const lines = tests.flatMap(({ added }) => added);
  if (lines.length === 0) return true;
  const leaves = name
    .split(/ > |::|\//)
    .map((leaf) => leaf.replace(/\[.*\]$/, "").trim())
    .filter((leaf) => leaf !== "");
  const leaf = leaves.at(-1) ?? name;
  return lines.some((line) => {
    if (new RegExp(`(?:^|\\W)${literally(leaf)}(?:\\W|$)`).test(line)) return true;
    if (leaves.length > 1 && leaves.some((one) => /^Test\w/.test(one) && line.includes(`func ${one}(`))) return true;
    return [...line.matchAll(/(["'`])((?:\\.|(?!\1).)*)\1/g)].some(([, , title = ""]) => {
      const [fixed = ""] = title.split(/[%$]|\{/, 1);
      return name.endsWith(title) || (fixed.length > 3 && fixed !== title && name.includes(fixed.trim()));
    });
  });
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** What the test library gives, and must be imported or be spelled right. */
const ofTests =
  "(?:describe|it|test|expect|assert|suite|vi|jest|t|beforeEach|afterEach|before|after|pytest|mock|unittest|chai|sinon)";

const brokenAlways: readonly { readonly pattern: RegExp; readonly said: (name: string) => string }[] = [
  { pattern: /No test suite found|no tests? (?:were )?found|held no test/i, said: () => "there is no test in it" },
  { pattern: /fixture '([^']+)' not found/, said: (name) => `the fixture ${name} is not there` },
  {
    pattern: /(?:ReferenceError: |NameError: name ')(\w+)'? is not defined/,
    said: (name) => `${name} is used and never imported`,
  },
  {
    pattern: new RegExp(`TypeError: (${ofTests}(?:\\.\\w+|\\(\\.\\.\\.\\))+) is not a function`),
    said: (name) => `${name} is nothing of the test library`,
  },
  { pattern: /(Invalid Chai property: \w+)/, said: (name) => name },
  { pattern: /(?:timed out|Timeout|exceeded timeout|timeout of)\b/, said: () => "it does not end in time" },
];

/** Only while a file is loaded: later these come from what is tested. */
const brokenLoading: readonly RegExp[] = [
  /^.*SyntaxError: (?!The requested module).*$/m,
  /^.*(?:IndentationError|TabError): .*$/m,
  /^.*(?:Transform failed|Parse failure|Parsing error|RollupError|Unexpected token|Expected ["'`].*["'`] but found).*$/m,
  /^.*\.go:\d+:\d+: (?:expected|syntax error|missing|illegal|non-declaration|string literal).*$/m,
  /^.*\.go:\d+:\d+: (?:"[^"]+" imported and not used|declared and not used).*$/m,
  /^error: (?:expected|unexpected|unclosed|mismatched|this file contains|unknown start|unterminated|macro|no rules).*$/m,
];

function brokenBy(message: string, isWhole: boolean): string | undefined {
  if (isWhole)
    for (const pattern of brokenLoading) {
      const [line] = pattern.exec(message) ?? [];
      if (line !== undefined) return `it cannot be read: ${shown(line)}`;
    }
  for (const { pattern, said } of brokenAlways) {
    const match = pattern.exec(message);
    if (match !== null) return said(match[1] ?? "");
  }
  return undefined;
}

const modules: readonly RegExp[] = [
  /Cannot find (?:module|package) '([^']+)'/,
  /Failed to (?:load url|resolve import) "?([^\s"]+)"?/,
  /Could not resolve "([^"]+)"/,
  /No module named '([^']+)'/,
  /no required module provides package (\S+?)[;:]/,
  /package (\S+) is not in (?:std|GOROOT)/,
  /(?:unlinked crate|undeclared crate or module|crate or module) `([^`]+)`/,
  /unresolved import `([^`:]+)`/,
];

function missingModule(message: string): string | undefined {
  for (const pattern of modules) {
    const [, name] = pattern.exec(message) ?? [];
    if (name !== undefined) return name;
  }
  return undefined;
}

const isLocal = (name: string): boolean => /^(?:\.{1,2}\/|\/|@\/|~\/|#|file:)/.test(name) && !name.includes("node_modules/");

const missing: readonly { readonly pattern: RegExp; readonly said: (name: string) => string }[] = [
  ...[
    /does not provide an export named '([^']+)'/,
    /No matching export in .* for import "([^"]+)"/,
    /cannot import name '([^']+)'/,
    /(?:has no attribute|type object '\w+' has no attribute) '([^']+)'/,
    /(?:\(0 , )?([\w.$#]+)\)? is not a (?:function|constructor)/,
    /\.go:\d+:\d+: undefined: ([\w.]+)/,
    /\.go:\d+:\d+: ([\w.]+) undefined \(/,
    /unknown field '?(\w+)'?/,
    /cannot find (?:function|value|type|struct, variant or union type|macro|trait|attribute|derive macro)[^`]*`([^`]+)`/,
    /unresolved import `([^`]+)`/,
    /no (?:method|function or associated item|variant or associated item|field|associated item|variant)(?: named)? `([^`]+)`/,
    /error TS2\d+: (?:Property|Module|Cannot find name|Cannot find module)[^']*'([^']+)'/,
  ].map((pattern) => ({ pattern, said: (name: string) => `${name} does not exist yet` })),
  ...[
    /got an unexpected keyword argument '([^']+)'/,
    /(\w+)\(\) (?:takes|missing) \d+/,
    /(?:not enough|too many) arguments in call to (\S+)/,
    /E0061\]: (this (?:function|method) takes)/,
  ].map((pattern) => ({ pattern, said: (name: string) => `it is called in a way that is not possible yet (${name})` })),
  { pattern: /(NotImplementedError|not (?:yet )?implemented|todo!)/i, said: () => "it is not implemented yet" },
];

const asserted =
  /AssertionError|ERR_ASSERTION|\bassert(?:ion)?\b[^\n]*\bfailed\b|^E?\s*assert\b|\bexpect\(|^\s*(?:Expected|Received|expected|want|got)\b.*[:=]|--- FAIL: (?![\s\S]*\bpanic:)|DID NOT RAISE|Snapshot `|toMatchSnapshot/m;

const crashWords =
  /\b(?:crash\w*|throw\w*|thrown|error|errors|exception|exceptions|fails?|failing|panic\w*|undefined|null|None|nil|TypeError|RangeError|KeyError|ValueError|IndexError|unwrap)\b/i;

const widthShown = 160;
const shown = (line: string): string => (line.trim().length > widthShown ? `${line.trim().slice(0, widthShown)}…` : line.trim());

/** The one that says most: an error's own, not the place above it. */
function firstLine(message: string): string {
  const lines = message.split("\n").filter((line) => line.trim() !== "");
  return shown(
    lines.find((line) => /\b\w*(?:Error|Exception|panic\w*|assert\w*|expected)\b/i.test(line)) ?? lines[0] ?? "no reason is told",
  );
}

/** By the names of a project's folders and files, and the words of what is wanted. */
export function ownNames(paths: readonly string[], about: string): FailureQuestion["owns"] {
  const names = new Set<string>();
  for (const path of paths) for (const part of path.split("/")) names.add(part.replace(/\.\w+$/, "").toLowerCase());
  for (const word of about.split(/[^\w-]+/)) if (word.length > 2) names.add(word.toLowerCase());
  return (module) => module.split(/[/.:]+/).some((part) => names.has(part.toLowerCase()));
}
