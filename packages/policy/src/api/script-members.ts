/** Members of classes and interfaces that callers can see, each with its signature. */
import { type Signature, plain, signature } from "./declarations.ts";
import { goesOn, headFrom, typeFrom, valueFrom } from "./script-heads.ts";
import type { Tokens } from "./tokens.ts";

export interface Member {
  readonly name: string;
  readonly what: Signature;
}

const modifiers = new Set(
  "static readonly abstract override async declare accessor public private protected get set *".split(" "),
);
/** Behind a word that could be a modifier: then it is the name. */
const behindName = new Set(["(", "=", ";", ":", "?", "!", "}", "<", ",", ""]);

/** Between the braces. */
export function membersIn(tokens: Tokens, from: number, to: number): readonly Member[] {
  const members: Member[] = [];
  for (let at = from; at < to;) {
    const { member, end } = memberFrom(tokens, at, to);
    if (member !== undefined) members.push(member);
    at = Math.max(end, at + 1);
  }
  return members;
}

function memberFrom(tokens: Tokens, from: number, to: number): { readonly member?: Member; readonly end: number } {
  let at = from;
  if (tokens.text(at) === ";" || tokens.text(at) === ",") return { end: at + 1 };
  while (tokens.text(at).startsWith("@") && at < to) {
    at++;
    while (tokens.text(at) === ".") at += 2;
    if (tokens.text(at) === "(") at = tokens.behind(at);
  }
  const words = new Set<string>();
  while (modifiers.has(tokens.text(at)) && !behindName.has(tokens.text(at + 1))) words.add(tokens.text(at++));
  // A block that runs once.
  if (tokens.text(at) === "{") return { end: tokens.behind(at) };
  const isCall = tokens.text(at) === "(" || tokens.text(at) === "<";
  const nameEnd = isCall ? at : tokens.after(at);
  const name = tokens.render(at, nameEnd).replace(/^"(\w+)"$/, "$1");
  let next = nameEnd;
  const mark = tokens.text(next) === "?" ? "?" : "";
  if (mark !== "" || tokens.text(next) === "!") next++;
  const { what, end } = bodyFrom(tokens, next);
  const isHidden = words.has("private") || words.has("protected") || name.startsWith("#");
  if (isHidden) return { end };
  const shownWords = ["static", "readonly", "abstract", "get", "set"].filter((word) => words.has(word)).map((word) => `${word} `);
  return { member: { name: name === "" ? "()" : name, what: signature`${shownWords.join("")}${name}${mark}${what}` }, end };
}

/** Behind the name of a member. */
function bodyFrom(tokens: Tokens, from: number): { readonly what: Signature; readonly end: number } {
  const head = headFrom(tokens, from);
  if (head !== undefined) {
    const end = tokens.text(head.end) === "{" ? tokens.behind(head.end) : head.end;
    return { what: head.what, end };
  }
  if (tokens.text(from) === ":") {
    const type = typeFrom(tokens, from + 1);
    const end = tokens.text(type.end) === "=" ? valueFrom(tokens, type.end + 1).end : type.end;
    return { what: signature`: ${type.what}`, end };
  }
  if (tokens.text(from) === "=") {
    const value = valueFrom(tokens, from + 1);
    return { what: signature` = ${value.what}`, end: value.end };
  }
  let end = from;
  while (end < tokens.list.length && ![";", "}", ","].includes(tokens.text(end)) && goesOn(tokens, end)) end = tokens.after(end);
  return { what: plain(""), end };
}
