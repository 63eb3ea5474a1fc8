/** What a Go file exports: names with a capital letter. Names of parameters do not count. */
import { type Declarations, DeclarationMap, type Signature, joined, plain, signature } from "./declarations.ts";
import { type Lexicon, Tokens } from "./tokens.ts";

const lexicon: Lexicon = {
  strings: "\"(?:\\\\[\\s\\S]|[^\"\\\\\\n])*\"?|`[^`]*`?|'(?:\\\\.[^']{0,8}|[^'\\\\\\n])'",
  words: String.raw`[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*`,
  signs: String.raw`:=|\.\.\.|<-`,
};

const isPublic = (name: string): boolean => /^\p{Lu}/u.test(name);

export function goDeclarations(text: string): Declarations {
  const tokens = new Tokens(text, lexicon);
  const found = new DeclarationMap();
  for (let at = 0; at < tokens.list.length;) {
    const end = tokens.opensLine(at) ? declaration(tokens, at, found) : undefined;
    at = Math.max(end ?? tokens.after(at), at + 1);
  }
  return found;
}

function declaration(tokens: Tokens, at: number, found: DeclarationMap): number | undefined {
  const word = tokens.text(at);
  if (word === "func") return func(tokens, at, found);
  if (word !== "type" && word !== "const" && word !== "var") return undefined;
  if (tokens.text(at + 1) !== "(") return spec(tokens, at + 1, { word, found });
  const end = tokens.behind(at + 1) - 1;
  for (let next = at + 2; next < end;) next = Math.max(spec(tokens, next, { word, found }), next + 1);
  return end + 1;
}

function func(tokens: Tokens, at: number, found: DeclarationMap): number {
  let next = at + 1;
  let receiver = "";
  if (tokens.text(next) === "(") {
    const end = tokens.behind(next);
    receiver = tokens
      .render(next + 1, end - 1)
      .replace(/^.*[\s*]/, "")
      .replace(/\[.*$/, "");
    const star = tokens.render(next + 1, end - 1).includes("*") ? "*" : "";
    receiver = receiver === "" ? "" : `${star}${receiver}`;
    next = end;
  }
  const name = tokens.text(next);
  const { what, end } = funcType(tokens, next + 1);
  const owner = receiver.replace("*", "");
  const on = receiver === "" ? "" : `(${receiver}) `;
  if (isPublic(name) && (owner === "" || isPublic(owner)))
    found.add(owner === "" ? name : `${owner}.${name}`, signature`func ${on}${name}${what}`);
  return tokens.text(end) === "{" ? tokens.behind(end) : end;
}

/** `[T any](a A, b B) (R, error)`, to the brace or the end of its line. */
function funcType(tokens: Tokens, from: number): { readonly what: Signature; readonly end: number } {
  let at = from;
  let generics = "";
  if (tokens.text(at) === "[") {
    generics = tokens.render(at, tokens.behind(at));
    at = tokens.behind(at);
  }
  if (tokens.text(at) !== "(") return { what: plain(""), end: lineEnd(tokens, at) };
  const behind = tokens.behind(at);
  const params = fields(tokens, at + 1, behind - 1);
  if (tokens.text(behind) === "(" && !tokens.opensLine(behind)) {
    const end = tokens.behind(behind);
    return { what: signature`${generics}(${params}) (${fields(tokens, behind + 1, end - 1)})`, end };
  }
  const end = lineEnd(tokens, behind);
  const result = tokens.render(behind, end);
  return { what: signature`${generics}(${params})${result === "" ? "" : ` ${result}`}`, end };
}

/** Of parameters: where one has a name all have, and several may share a type. */
function fields(tokens: Tokens, from: number, to: number): Signature {
  const parts = tokens.split(from, to, [","]);
  const isNamed =
    parts.some(
      ([start, end]) =>
        end - start > 1 &&
        tokens.kind(start) === "word" &&
        ![".", "["].includes(tokens.text(start + 1)) &&
        !/^(?:func|map|chan|struct|interface)$/.test(tokens.text(start)),
    ) ||
    parts.some(
      ([start, end]) =>
        end - start > 2 && tokens.kind(start) === "word" && tokens.text(start + 1) === "[" && tokens.behind(start + 1) < end,
    );
  let type = "";
  const shown = parts.toReversed().map(([start, end]) => {
    const text = tokens.render(start, end);
    if (!isNamed) return { shown: text, form: text };
    if (end - start > 1) type = tokens.render(start + 1, end);
    return { shown: text, form: type };
  });
  return joined(shown.toReversed(), ", ");
}

/** Where the line ends, or a body begins. */
function lineEnd(tokens: Tokens, from: number): number {
  let at = from;
  while (at < tokens.list.length && !tokens.opensLine(at)) {
    const text = tokens.text(at);
    const before = tokens.text(at - 1);
    if (text === ")" || text === ";") return at;
    if (text === "{" && before !== "struct" && before !== "interface") return at;
    at = Math.max(tokens.after(at), at + 1);
  }
  return at;
}

interface Spec {
  readonly word: string;
  readonly found: DeclarationMap;
}

function spec(tokens: Tokens, at: number, { word, found }: Spec): number {
  const name = tokens.text(at);
  return word === "type" ? typeSpec(tokens, at, found) : values(tokens, at, { word, found, name });
}

function typeSpec(tokens: Tokens, at: number, found: DeclarationMap): number {
  const name = tokens.text(at);
  let next = at + 1;
  if (tokens.text(next) === "[" && tokens.kind(next + 1) === "word" && tokens.text(next + 2) !== "]") next = tokens.behind(next);
  const head = `type ${name}${tokens.render(at + 1, next)}`;
  const kind = tokens.text(next);
  if ((kind !== "struct" && kind !== "interface") || tokens.text(next + 1) !== "{") {
    const end = lineEnd(tokens, next);
    if (isPublic(name)) found.add(name, plain(`${head} ${tokens.render(next, end)}`));
    return end;
  }
  const end = tokens.behind(next + 1);
  if (!isPublic(name)) return end;
  found.add(name, plain(`${head} ${kind}`));
  for (let line = next + 2; line < end - 1;) {
    const until = Math.min(lineEnd(tokens, line + 1), end - 1);
    const member = tokens.text(line) === "*" ? tokens.text(line + 1) : tokens.text(line);
    if (kind === "interface" && tokens.text(line + 1) === "(")
      found.add(`${name}.${member}`, signature`type ${name} interface { ${member}${funcType(tokens, line + 1).what} }`);
    else if (kind === "interface" || isPublic(member))
      found.add(`${name}.${member}`, plain(`type ${name} ${kind} { ${tokens.render(line, until)} }`));
    line = Math.max(until, line + 1);
  }
  return end;
}

/** `A, B T = v`: values do not count. */
function values(tokens: Tokens, at: number, { word, found }: Spec & { readonly name: string }): number {
  const names = [tokens.text(at)];
  let next = at + 1;
  while (tokens.text(next) === ",") {
    names.push(tokens.text(next + 1));
    next += 2;
  }
  const end = lineEnd(tokens, next);
  let equals = next;
  while (equals < end && tokens.text(equals) !== "=") equals++;
  const type = tokens.render(next, equals);
  for (const name of names) if (isPublic(name)) found.add(name, plain(`${word} ${name}${type === "" ? "" : ` ${type}`}`));
  // A value may go on over lines in its brackets.
  let behind = end;
  while (behind < tokens.list.length && tokens.text(behind) === "{" && !tokens.opensLine(behind)) behind = tokens.behind(behind);
  return behind;
}
