/** Plain words of a request → what it demands of its changes. Pure and careful: what is not certain demands nothing. */
import type { Constraint } from "@twolane/protocol";
import { type Meaning, demands, mayDemand } from "./demands.ts";
import { type Clause, type Request, readRequest } from "./request-clauses.ts";

/** Each kind at most once, in the order in which they are said. Never throws. */
export function constraintsIn(text: string): readonly Constraint[] {
  if (!mayDemand(text)) return [];
  const request = readRequest(text);
  let found: readonly Constraint[] = [];
  let named: readonly string[] = [];
  for (const clause of request.clauses) {
    const meaning = meaningOf(clause);
    const constraint = meaning && constraintOf(meaning, request, named);
    if (constraint !== undefined) found = joinConstraints(found, [constraint]);
    named = [...named, ...marksIn(clause.words, request)];
  }
  return found;
}

/** What is said later comes on top: paths are added to each other, of numbers the smaller counts. */
export function joinConstraints(first: readonly Constraint[], later: readonly Constraint[]): readonly Constraint[] {
  if (later.length === 0) return first;
  const joined = new Map<Constraint["kind"], Constraint>();
  for (const one of [...first, ...later]) joined.set(one.kind, both(joined.get(one.kind), one));
  return [...joined.values()];
}

const before =
  /^(?:(?:please|also|now|then|and|but|so|however|remember|note|ok|okay|again|always|kindly|for now|this time)(?:,? |$)|(?:make|be) sure (?:that |to |you )?|remember to |try to |you (?:must|should|may|can|shall|are to) |i want you to |i'd like you to |to (?=only |keep |leave ))+/;

function meaningOf({ words, isTold }: Clause): Meaning | undefined {
  const plain = words.replace(before, "");
  // "just" may limit what follows or soften all of it.
  const ways = plain.startsWith("just ") ? [plain, plain.slice(5)] : [plain];
  for (const { pattern, sign, means, fragment } of demands) {
    if ((fragment && !isTold) || !sign.test(plain)) continue;
    for (const way of ways) {
      const match = pattern.exec(way);
      if (match !== null) return means(match.slice(1).filter((group) => group !== undefined));
    }
  }
  return undefined;
}

function constraintOf(meaning: Meaning, request: Request, named: readonly string[]): Constraint | undefined {
  if (meaning.kind === "this-file") {
    const [file, ...others] = new Set(named);
    return file !== undefined && others.length === 0 ? { kind: "only", paths: [file] } : { kind: "one-file" };
  }
  if ("named" in meaning) return named.length === 0 ? undefined : { kind: "only", paths: [...new Set(named)] };
  if (!("marks" in meaning)) return meaning;
  const paths = pathsOf(meaning.marks, request);
  return paths.length === 0 ? undefined : { kind: meaning.kind, paths };
}

const pathsOf = (marks: string, { paths }: Request): readonly string[] =>
  marks.split("+").flatMap((mark) => paths[Number(mark)] ?? []);

const marksIn = (words: string, request: Request): readonly string[] =>
  [...words.matchAll(/‹([\d+]+)›/g)].flatMap(([, marks = ""]) => pathsOf(marks, request));

function both(old: Constraint | undefined, next: Constraint): Constraint {
  if (old === undefined) return next;
  if ("paths" in next && "paths" in old) return { kind: next.kind, paths: [...new Set([...old.paths, ...next.paths])] };
  return next.kind === "lines" && old.kind === "lines" && old.most < next.most ? old : next;
}
