/** Heads of TypeScript and JavaScript: parameters, types and what a value looks like from outside. Bodies are stepped over. */
import { type Signature, joined, plain, signature } from "./declarations.ts";
import type { Tokens } from "./tokens.ts";

export interface Read {
  readonly what: Signature;
  /** Behind it. */
  readonly end: number;
}

/** Behind these a `{` begins a type. */
const beforeType = new Set(": | & => extends ? is keyof typeof = ( < , [ asserts readonly infer new in unique".split(" "));
const continues = new Set(
  "| & => extends ? : . ?. , = is + - * / && || ?? == === < > ) ] } ( instanceof as satisfies keyof typeof in".split(" "),
);
const opensMore = new Set(
  "| & => ? : . ?. = + - * / && || ?? , ( [ { < keyof typeof extends as satisfies new await infer readonly is in".split(" "),
);

/** A line that begins here goes on with what stands before it. */
export function goesOn(tokens: Tokens, at: number): boolean {
  return !tokens.opensLine(at) || continues.has(tokens.text(at)) || opensMore.has(tokens.text(at - 1));
}

function typeEnd(tokens: Tokens, from: number, { stopsAtArrow = false } = {}): number {
  let at = from;
  while (at < tokens.list.length) {
    const text = tokens.text(at);
    if (at > from && !goesOn(tokens, at)) return at;
    if (tokens.kind(at) === "sign") {
      if (text === ";" || text === "," || text === ")" || text === "]" || text === "}" || text === "=") return at;
      if (text === "=>" && stopsAtArrow) return at;
      if (text === "{" && !beforeType.has(tokens.text(at - 1))) return at;
    }
    at = tokens.after(at);
  }
  return at;
}

export function typeFrom(tokens: Tokens, from: number, options?: { readonly stopsAtArrow?: boolean }): Read {
  const end = typeEnd(tokens, from, options);
  return { what: plain(tokens.render(from, end)), end };
}

/** `<T>(a: A, b?: B): R` from its first bracket on; undefined: it is none. */
export function headFrom(tokens: Tokens, from: number, options?: { readonly stopsAtArrow?: boolean }): Read | undefined {
  let at = from;
  let generics = "";
  if (tokens.text(at) === "<") {
    const end = tokens.behindAngles(at);
    if (end === undefined) return undefined;
    generics = tokens.render(at, end);
    at = end;
  }
  if (tokens.text(at) !== "(") return undefined;
  const behind = tokens.behind(at);
  const params = paramsOf(tokens, at + 1, behind - 1);
  if (tokens.text(behind) !== ":") return { what: signature`${generics}(${params})`, end: behind };
  const result = typeFrom(tokens, behind + 1, options);
  return { what: signature`${generics}(${params}): ${result.what}`, end: result.end };
}

const accessWords = new Set(["public", "private", "protected", "readonly", "override"]);

const paramsOf = (tokens: Tokens, from: number, to: number): Signature =>
  joined(
    tokens.split(from, to, [","]).map(([start, end]) => paramOf(tokens, start, end)),
    ", ",
  );

/** What callers see of it: its type, whether they may leave it out; its name only where it is a member as well. */
function paramOf(tokens: Tokens, start: number, end: number): Signature {
  let at = start;
  while (tokens.text(at).startsWith("@") && at < end) at = tokens.text(at + 1) === "(" ? tokens.behind(at + 1) : at + 1;
  const access: string[] = [];
  while (accessWords.has(tokens.text(at)) && (tokens.kind(at + 1) === "word" || tokens.text(at + 1) === "{"))
    access.push(tokens.text(at++));
  const isMember = access.length > 0 && !access.includes("private") && !access.includes("protected");
  const rest = tokens.text(at) === "..." ? "..." : "";
  if (rest !== "") at++;
  const nameEnd = Math.min(tokens.after(at), end);
  const name = tokens.render(at, nameEnd);
  at = nameEnd;
  let mark = tokens.text(at) === "?" && at < end ? "?" : "";
  if (mark !== "") at++;
  let type = "";
  if (tokens.text(at) === ":" && at < end) {
    const until = Math.min(typeEnd(tokens, at + 1), end);
    type = `: ${tokens.render(at + 1, until)}`;
    at = until;
  }
  if (tokens.text(at) === "=" && at < end) {
    mark = "?";
    if (type === "") type = `: ${literalType(tokens, at + 1) ?? "…"}`;
  }
  const isNamed = isMember || name === "this" || (type === "" && !/^[\w$]+$/.test(name));
  const words = isMember ? `${access.join(" ")} ` : "";
  return { shown: `${words}${rest}${name}${mark}${type}`, form: `${words}${rest}${isNamed ? name : "_"}${mark}${type}` };
}

function literalType(tokens: Tokens, at: number): string | undefined {
  const text = tokens.text(at);
  if (tokens.kind(at) === "text") return text.startsWith("/") ? "RegExp" : "string";
  if (tokens.kind(at) === "number") return text.endsWith("n") ? "bigint" : "number";
  if (text === "-" && tokens.kind(at + 1) === "number") return "number";
  if (text === "true" || text === "false") return "boolean";
  if (text === "null" || text === "undefined") return text;
  return text === "[" ? "[]" : undefined;
}

/** Behind the expression that begins here. */
function valueEnd(tokens: Tokens, from: number): number {
  let at = from;
  while (at < tokens.list.length) {
    const text = tokens.text(at);
    if (at > from && !goesOn(tokens, at) && !["`", "[", "?."].includes(text)) return at;
    if (tokens.kind(at) === "sign" && (text === ";" || text === "," || text === ")" || text === "]" || text === "}")) return at;
    at = tokens.after(at);
  }
  return at;
}

/** What it looks like from outside: the head of a function, the keys of an object, the type that is claimed, what is called. */
export function valueFrom(tokens: Tokens, from: number, depth = 0): Read {
  const end = valueEnd(tokens, from);
  const claimed = claimedType(tokens, from, end);
  if (claimed !== undefined) return { what: plain(claimed), end };
  let at = from;
  const isAsync = tokens.text(at) === "async" && tokens.text(at + 1) !== "=>";
  if (isAsync) at++;
  const words = isAsync ? "async " : "";
  if (tokens.text(at) === "function") {
    at += tokens.text(at + 1) === "*" ? 2 : 1;
    if (tokens.kind(at) === "word") at++;
    const head = headFrom(tokens, at);
    if (head !== undefined) return { what: signature`${words}${head.what} => …`, end };
  }
  const head = headFrom(tokens, at, { stopsAtArrow: true });
  if (head !== undefined && tokens.text(head.end) === "=>") return { what: signature`${words}${head.what} => …`, end };
  if (tokens.kind(at) === "word" && tokens.text(at + 1) === "=>") {
    return { what: { shown: `${words}(${tokens.text(at)}) => …`, form: `${words}(_) => …` }, end };
  }
  if (tokens.text(from) === "{" && tokens.behind(from) === end)
    return { what: depth > 3 ? plain("{…}") : signature`{ ${keysOf(tokens, from, depth)} }`, end };
  return { what: plain(literalType(tokens, from) ?? called(tokens, from, end)), end };
}

function claimedType(tokens: Tokens, from: number, end: number): string | undefined {
  let claimed: string | undefined;
  for (let at = tokens.after(from); at < end; at = tokens.after(at)) {
    if (tokens.kind(at) !== "word" || tokens.text(at) !== "as") continue;
    // A constant's words are its type.
    claimed = tokens.text(at + 1) === "const" ? tokens.render(from, end) : tokens.render(at + 1, typeEnd(tokens, at + 1));
  }
  return claimed;
}

/** `new A(…)`, `a.b(…)`; anything else is not told. */
function called(tokens: Tokens, from: number, end: number): string {
  let at = from;
  while (at < end && (tokens.kind(at) === "word" || tokens.text(at) === ".")) at++;
  if (at < end && tokens.text(at) === "<") at = tokens.behindAngles(at) ?? at;
  if (at === from) return "…";
  return at === end ? tokens.render(from, end) : tokens.text(at) === "(" ? `${tokens.render(from, at)}(…)` : "…";
}

function keysOf(tokens: Tokens, open: number, depth: number): Signature {
  const parts = tokens
    .split(open + 1, tokens.behind(open) - 1, [","])
    .map(([start, end]) => keyOf(tokens, { start, end, depth }));
  return joined(parts, ", ");
}

interface Part {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
}

function keyOf(tokens: Tokens, { start, end, depth }: Part): Signature {
  if (tokens.text(start) === "...") return plain(`...${called(tokens, start + 1, end)}`);
  let at = start;
  while (/^(?:async|get|set|\*)$/.test(tokens.text(at)) && !["(", ":", ",", "}"].includes(tokens.text(at + 1)) && at + 1 < end)
    at++;
  const nameEnd = tokens.after(at);
  const name = tokens.render(at, nameEnd).replace(/^"(\w+)"$/, "$1");
  const head = headFrom(tokens, nameEnd);
  if (head !== undefined) return signature`${name}${head.what}`;
  return tokens.text(nameEnd) === ":" && nameEnd < end
    ? signature`${name}: ${valueFrom(tokens, nameEnd + 1, depth + 1).what}`
    : plain(name);
}
