/** What a Rust file exports: items with `pub`, not `pub(crate)`. Names of parameters do not count. */
import { withoutTests } from "../tests/test-files.ts";
import { type Declarations, DeclarationMap, type Signature, joined, plain, signature } from "./declarations.ts";
import { type Lexicon, Tokens } from "./tokens.ts";

const lexicon: Lexicon = {
  strings: String.raw`b?r"[^"]*"|b?r#"[\s\S]*?"#|b?r##"[\s\S]*?"##|b?"(?:\\[\s\S]|[^"\\])*"?|b?'(?:\\.[^']{0,8}|[^'\\\n])'|'\w+`,
  words: String.raw`(?:r#)?[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*`,
  signs: String.raw`->|=>|::|\.\.=?|&&|\|\|`,
};

export function rustDeclarations(text: string, path: string): Declarations {
  const tokens = new Tokens(withoutTests(text, path), lexicon);
  const found = new DeclarationMap();
  items(tokens, { from: 0, to: tokens.list.length, prefix: "" }, found);
  return found;
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Of names in a module or of a type: `m::`. */
  readonly prefix: string;
  /** All items in it are seen from outside, as in a trait. */
  readonly isOpen?: boolean;
}

function items(tokens: Tokens, stretch: Stretch, found: DeclarationMap): void {
  for (let at = stretch.from; at < stretch.to;) at = Math.max(item(tokens, { ...stretch, from: at }, found), at + 1);
}

/** An item without its attributes and words, and with what is seen of it. */
interface Item {
  /** Of its word: `fn`, `struct` … */
  readonly at: number;
  readonly end: number;
  readonly isPublic: boolean;
  /** `pub`, `pub unsafe` … with a blank behind it. */
  readonly lead: string;
  readonly isMacro: boolean;
}

function headOf(tokens: Tokens, { from, to, isOpen = false }: Stretch): Item {
  let at = from;
  let isMacro = false;
  while (tokens.text(at) === "#" && at < to) {
    const open = tokens.text(at + 1) === "!" ? at + 2 : at + 1;
    isMacro ||= tokens.text(open + 1) === "macro_export";
    at = tokens.behind(open);
  }
  let isPublic = isOpen;
  if (tokens.text(at) === "pub") {
    isPublic = tokens.text(at + 1) !== "(";
    at = isPublic ? at + 1 : tokens.behind(at + 1);
  }
  const words = at;
  while (isQualifier(tokens, at)) at += tokens.kind(at + 1) === "text" ? 2 : 1;
  const said = tokens.render(words, at);
  return { at, end: itemEnd(tokens, at, to), isPublic, isMacro, lead: said === "" ? "pub " : `pub ${said} ` };
}

const isQualifier = (tokens: Tokens, at: number): boolean =>
  /^(?:unsafe|async|const|extern|default|auto)$/.test(tokens.text(at)) &&
  (tokens.kind(at + 1) === "text" || /^(?:unsafe|async|extern|fn|impl|trait|mod)$/.test(tokens.text(at + 1)));

function item(tokens: Tokens, stretch: Stretch, found: DeclarationMap): number {
  const { at, end, isPublic, lead, isMacro } = headOf(tokens, stretch);
  const { from, to, prefix } = stretch;
  const name = tokens.text(at + 1);
  const put = (what: Signature): void => {
    if (isPublic) found.add(prefix + name, signature`${lead}${what}`);
  };
  const inside = (isOpen: boolean): void => {
    const open = braceOf(tokens, at, end);
    if (isPublic && open < end) items(tokens, { from: open + 1, to: end - 1, prefix: `${prefix}${name}::`, isOpen }, found);
  };
  switch (tokens.text(at)) {
    case "fn":
      put(signature`fn ${prefix}${name}${fnHead(tokens, at + 2, end)}`);
      break;
    case "struct":
    case "union":
      if (isPublic) struct(tokens, { from: at, to: end, prefix }, found);
      break;
    case "enum":
    case "type":
      put(plain(tokens.render(at, end)));
      break;
    case "trait":
      put(plain(tokens.render(at, braceOf(tokens, at, end))));
      inside(true);
      break;
    case "impl":
      impl(tokens, { from: at, to: end, prefix }, found);
      break;
    case "mod":
      put(plain(`mod ${name}`));
      inside(false);
      break;
    case "use":
      if (isPublic) found.add(`${prefix}${tokens.render(at, end)}`, plain(`pub ${tokens.render(at, end)}`));
      break;
    case "const":
    case "static":
      put(plain(tokens.render(at, valueOf(tokens, at, end))));
      break;
    case "macro_rules":
      if (isMacro) found.add(`${tokens.text(at + 2)}!`, plain(`macro_rules! ${tokens.text(at + 2)}`));
      break;
    default:
      return at === from ? tokens.after(at, to) : at;
  }
  return end;
}

/** Where the type of a constant ends. */
function valueOf(tokens: Tokens, from: number, end: number): number {
  let at = from;
  while (at < end && tokens.text(at) !== "=" && tokens.text(at) !== ";") at = tokens.after(at, end);
  return at;
}

/** Behind its `;` or its braces. */
function itemEnd(tokens: Tokens, from: number, to: number): number {
  const isValue = /^(?:const|static|type|use)$/.test(tokens.text(from));
  for (let at = from; at < to;) {
    const text = tokens.text(at);
    if (text === ";") return at + 1;
    if (text === "{" && !isValue) return Math.min(tokens.behind(at), to);
    if (text === "}") return at;
    at = tokens.after(at, to);
  }
  return to;
}

function braceOf(tokens: Tokens, from: number, to: number): number {
  let at = from;
  while (at < to && tokens.text(at) !== "{") at = tokens.after(at, to);
  return at;
}

function fnHead(tokens: Tokens, from: number, to: number): Signature {
  const open = tokens.text(from) === "<" ? (tokens.behindAngles(from) ?? from) : from;
  const behind = tokens.behind(open);
  const params = tokens.split(open + 1, behind - 1, [","]).map(([start, end]) => {
    const shown = tokens.render(start, end);
    let colon = start;
    while (colon < end && tokens.text(colon) !== ":") colon = tokens.after(colon, end);
    return { shown, form: colon < end ? tokens.render(colon + 1, end) : shown };
  });
  let until = behind;
  while (until < to && tokens.text(until) !== "{" && tokens.text(until) !== ";") until = tokens.after(until, to);
  const rest = tokens.render(behind, until);
  return signature`${tokens.render(from, open)}(${joined(params, ", ")})${rest === "" ? "" : ` ${rest}`}`;
}

function struct(tokens: Tokens, { from, to, prefix }: Stretch, found: DeclarationMap): void {
  const name = prefix + tokens.text(from + 1);
  let open = from;
  while (open < to && !["{", "(", ";"].includes(tokens.text(open))) open = tokens.after(open, to);
  const head = tokens.render(from, open);
  if (tokens.text(open) === ";" || open >= to) return found.add(name, plain(`pub ${head}`));
  const isTuple = tokens.text(open) === "(";
  found.add(name, plain(`pub ${head}${isTuple ? "(…)" : ""}`));
  for (const [index, [start, end]] of tokens.split(open + 1, tokens.behind(open) - 1, [","]).entries()) {
    let at = start;
    while (tokens.text(at) === "#") at = tokens.behind(at + 1);
    if (tokens.text(at) !== "pub" || tokens.text(at + 1) === "(") continue;
    const field = isTuple ? String(index) : tokens.text(at + 1);
    found.add(`${name}.${field}`, plain(`pub ${head} { ${tokens.render(at, end)} }`));
  }
}

/** Of a trait: that there is one. Of a type: its functions with `pub`. */
function impl(tokens: Tokens, { from, to, prefix }: Stretch, found: DeclarationMap): void {
  const open = braceOf(tokens, from, to);
  const head = tokens.render(from, open);
  let at = from + 1;
  let isOfTrait = false;
  for (; at < open; at = tokens.after(at, open)) isOfTrait ||= tokens.text(at) === "for";
  if (isOfTrait) return found.add(head, plain(head));
  const start = tokens.text(from + 1) === "<" ? (tokens.behindAngles(from + 1) ?? from + 1) : from + 1;
  const type = tokens.render(start, open).replace(/(?:<| where ).*$/, "");
  return items(tokens, { from: open + 1, to: to - 1, prefix: `${prefix}${type}::` }, found);
}
