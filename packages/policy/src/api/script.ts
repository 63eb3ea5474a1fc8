/**
 * What a TypeScript or JavaScript file exports: `export …`, `module.exports`, `exports.x`. Not seen: types that are inferred, and what names
 * that are not exported stand for.
 */
import { type Declarations, DeclarationMap, type Signature, plain, signature } from "./declarations.ts";
import { headFrom, typeFrom, valueFrom } from "./script-heads.ts";
import { membersIn } from "./script-members.ts";
import { type Lexicon, Tokens } from "./tokens.ts";

const lexicon: Lexicon = {
  strings: String.raw`"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?`,
  words: String.raw`[#@]?[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*`,
  signs: String.raw`=>|\.\.\.|\?\.(?!\d)|\?\?|&&|\|\||===?|!==?`,
  script: true,
};

export function scriptDeclarations(text: string): Declarations {
  const reader = new ModuleReader(new Tokens(text, lexicon));
  reader.read(0, reader.tokens.list.length, { prefix: "", exportsAll: false });
  return reader.finish();
}

interface Around {
  /** Of names in a namespace: `N.`. */
  readonly prefix: string;
  /** What stands in an ambient namespace is exported without a word. */
  readonly exportsAll: boolean;
}

class ModuleReader {
  readonly tokens: Tokens;
  /** Everything of the top level, by name. */
  private readonly declared = new DeclarationMap();
  private readonly exported = new DeclarationMap();
  /** Exported names that stand for declared ones, which may come later. */
  private readonly links: { readonly name: string; readonly local: string; readonly otherwise: Signature }[] = [];

  constructor(tokens: Tokens) {
    this.tokens = tokens;
  }

  read(from: number, to: number, around: Around): void {
    const { tokens } = this;
    for (let at = from; at < to;) {
      const begins = at === from || tokens.opensLine(at) || tokens.text(at - 1) === ";" || tokens.text(at - 1) === "}";
      const end = begins && tokens.kind(at) === "word" ? this.statement(at, around) : undefined;
      at = end === undefined ? stepOver(tokens, at) : Math.max(end, at + 1);
    }
  }

  finish(): Declarations {
    const members = this.membersByOwner();
    for (const { name, local, otherwise } of this.links) {
      const own = members.get(local) ?? [];
      if (own.length === 0) this.exported.add(name, otherwise);
      for (const [known, what] of own) {
        const as = name === local || known !== local ? "" : ` as ${name}`;
        this.exported.add(name + known.slice(local.length), signature`export ${what}${as}`);
      }
    }
    return this.exported;
  }

  /** What is declared under a name: itself, and what stands in it. */
  private membersByOwner(): ReadonlyMap<string, readonly (readonly [string, Signature])[]> {
    const members = new Map<string, (readonly [string, Signature])[]>();
    if (this.links.length === 0) return members;
    for (const one of this.declared) {
      const [known] = one;
      for (let dot = known.indexOf("."); ; dot = known.indexOf(".", dot + 1)) {
        const owner = dot < 0 ? known : known.slice(0, dot);
        const list = members.get(owner);
        if (list === undefined) members.set(owner, [one]);
        else list.push(one);
        if (dot < 0) break;
      }
    }
    return members;
  }

  /** Where it ends; undefined: it declares nothing. */
  private statement(at: number, around: Around): number | undefined {
    const { tokens } = this;
    switch (tokens.text(at)) {
      case "export":
        return this.exportFrom(at + 1, around);
      case "module":
        if (tokens.text(at + 1) === "." && tokens.text(at + 2) === "exports") return this.commonJs(at + 3);
        break;
      case "exports":
        return this.commonJs(at + 1);
      case "Object":
        return this.definedProperty(at);
      default:
    }
    return this.declaration(at, { ...around, isExported: around.exportsAll });
  }

  private exportFrom(at: number, around: Around): number | undefined {
    const { tokens, exported } = this;
    const { prefix } = around;
    switch (tokens.text(at)) {
      case "default":
        return this.defaultFrom(at + 1, around);
      case "*": {
        const isNamed = tokens.text(at + 1) === "as";
        const module = tokens.text(at + (isNamed ? 4 : 2));
        const name = isNamed ? tokens.text(at + 2) : `* ${module}`;
        exported.add(prefix + name, plain(`export *${isNamed ? ` as ${name}` : ""} from ${module}`));
        return at + (isNamed ? 5 : 3);
      }
      case "{":
        return this.named(at, prefix);
      case "=":
        return this.whole("export =", at + 1);
      case "type":
        if (tokens.text(at + 1) === "{") return this.named(at + 1, prefix);
        break;
      case "import":
      case "as":
        exported.add(prefix + tokens.text(at + 1), plain(`export ${tokens.render(at, at + 4)}`));
        return at + 4;
      default:
    }
    return this.declaration(at, { ...around, isExported: true });
  }

  private defaultFrom(at: number, { prefix }: Around): number {
    const { tokens } = this;
    const isDeclared = /^(?:function|class|abstract|async|interface|enum)$/.test(tokens.text(at)) && tokens.text(at + 1) !== "=>";
    if (isDeclared) {
      const end = this.declaration(at, { prefix, exportsAll: false, isExported: true, as: "default" });
      if (end !== undefined) return end;
    }
    if (tokens.kind(at) === "word" && (tokens.text(at + 1) === ";" || tokens.opensLine(at + 1))) {
      const local = tokens.text(at);
      this.links.push({ name: "default", local, otherwise: plain(`export default ${local}`) });
      return at + 1;
    }
    const { what, end } = valueFrom(tokens, at);
    this.exported.add("default", signature`export default ${what}`);
    return end;
  }

  /** `{ a, b as c } from "x"`, from its brace on. */
  private named(open: number, prefix: string): number {
    const { tokens } = this;
    const behind = tokens.behind(open);
    const module = tokens.text(behind) === "from" ? ` from ${tokens.text(behind + 1)}` : "";
    for (const [from, to] of tokens.split(open + 1, behind - 1, [","])) {
      const start = tokens.text(from) === "type" && to - from > 1 && tokens.text(from + 1) !== "as" ? from + 1 : from;
      const local = tokens.text(start);
      const name = to - start > 2 ? tokens.text(to - 1) : local;
      const otherwise = plain(`export { ${tokens.render(start, to)} }${module}`);
      if (module === "") this.links.push({ name: prefix + name, local: prefix + local, otherwise });
      else this.exported.add(prefix + name, otherwise);
    }
    return module === "" ? behind : behind + 2;
  }

  /** Behind `module.exports` or `exports`. */
  private commonJs(at: number): number | undefined {
    const { tokens } = this;
    if (tokens.text(at) === "=") return this.whole("module.exports =", at + 1);
    if (tokens.text(at) !== "." || tokens.text(at + 2) !== "=") return undefined;
    return this.assigned(tokens.text(at + 1), at + 3);
  }

  private assigned(name: string, at: number): number {
    const { tokens } = this;
    // `exports.a = exports.b = c`
    if (tokens.text(at) === "exports" && tokens.text(at + 3) === "=") {
      const end = this.assigned(tokens.text(at + 2), at + 4);
      this.exported.add(name, plain(`exports.${name}`));
      return end;
    }
    const { what, end } = valueFrom(tokens, at);
    const otherwise = signature`exports.${name} = ${what}`;
    if (end === at + 1 && tokens.kind(at) === "word") this.links.push({ name, local: tokens.text(at), otherwise });
    else if (what.form !== "void 0" && what.form !== "…") this.exported.add(name, otherwise);
    else if (!this.exported.has(name)) this.exported.add(name, plain(`exports.${name}`));
    return end;
  }

  /** All that a CommonJS file exports is one value. */
  private whole(words: string, at: number): number {
    const { tokens } = this;
    const { what, end } = valueFrom(tokens, at);
    if (tokens.text(at) === "{" && tokens.behind(at) === end) {
      for (const [from, to] of tokens.split(at + 1, end - 1, [","])) {
        if (tokens.text(from) === "...") {
          this.exported.add(tokens.render(from, to), plain(`exports.${tokens.render(from, to)}`));
          continue;
        }
        const name = tokens.text(from);
        const isLink = to - from === 1 || (to - from === 3 && tokens.text(from + 1) === ":" && tokens.kind(from + 2) === "word");
        if (isLink) this.links.push({ name, local: tokens.text(to - 1), otherwise: plain(`exports.${name}`) });
        else if (tokens.text(from + 1) === ":")
          this.exported.add(name, signature`exports.${name} = ${valueFrom(tokens, from + 2).what}`);
        else this.exported.add(name, signature`exports.${name}${headFrom(tokens, from + 1)?.what ?? plain("")}`);
      }
      return end;
    }
    if (end === at + 1 && tokens.kind(at) === "word")
      this.links.push({ name: "=", local: tokens.text(at), otherwise: plain(`${words} ${tokens.text(at)}`) });
    else this.exported.add("=", signature`${plain(words)} ${what}`);
    return end;
  }

  /** `Object.defineProperty(exports, "x", …)`. */
  private definedProperty(at: number): number | undefined {
    const { tokens } = this;
    if (tokens.text(at + 2) !== "defineProperty" || tokens.text(at + 4) !== "exports") return undefined;
    const name = tokens.text(at + 6).slice(1, -1);
    if (name !== "__esModule") this.exported.add(name, plain(`exports.${name}`));
    return tokens.behind(at + 3);
  }

  private put(name: string, what: Signature, { isExported, prefix, as }: Declaring): void {
    this.declared.add(prefix + name, what);
    if (isExported) this.exported.add(as ?? prefix + name, signature`export ${as === undefined ? "" : "default "}${what}`);
  }

  private declaration(from: number, around: Declaring): number | undefined {
    const { tokens } = this;
    let at = from;
    let isAmbient = around.exportsAll;
    while (/^(?:declare|abstract|async)$/.test(tokens.text(at)) && tokens.kind(at + 1) === "word") {
      if (tokens.text(at) === "declare") isAmbient = true;
      at++;
    }
    const words = tokens.text(from) === "async" ? "async " : "";
    switch (tokens.text(at)) {
      case "function": {
        const isGenerator = tokens.text(at + 1) === "*";
        const nameAt = at + (isGenerator ? 2 : 1);
        const isNamed = tokens.kind(nameAt) === "word";
        const name = isNamed ? tokens.text(nameAt) : "";
        const head = headFrom(tokens, isNamed ? nameAt + 1 : nameAt);
        if (head === undefined) return undefined;
        this.put(name, signature`${words}function${isGenerator ? "*" : ""} ${name}${head.what}`, around);
        return tokens.text(head.end) === "{" ? tokens.behind(head.end) : head.end;
      }
      case "class":
      case "interface":
        return this.classLike(at, { ...around, words: tokens.text(at - 1) === "abstract" ? "abstract " : "" });
      case "const":
      case "let":
      case "var":
        if (tokens.text(at + 1) !== "enum") return this.variables(at, around);
        return this.enumFrom(at + 1, around);
      case "enum":
        return this.enumFrom(at, around);
      case "type":
        return this.alias(at, around);
      case "namespace":
      case "module":
        return this.namespace(at, { ...around, exportsAll: isAmbient });
      case "global":
        return undefined;
      default:
        return undefined;
    }
  }

  private classLike(at: number, around: Declaring & { readonly words: string }): number | undefined {
    const { tokens } = this;
    const word = tokens.text(at);
    let open = at + 1;
    while (open < tokens.list.length && tokens.text(open) !== "{" && tokens.text(open) !== ";") open = tokens.after(open);
    if (tokens.text(open) !== "{") return undefined;
    const hasName = tokens.kind(at + 1) === "word" && !/^(?:extends|implements)$/.test(tokens.text(at + 1));
    const name = hasName ? tokens.text(at + 1) : "";
    this.put(name, plain(`${around.words}${word} ${tokens.render(at + 1, open)}`.trimEnd()), around);
    const end = tokens.behind(open);
    for (const member of membersIn(tokens, open + 1, end - 1)) {
      const whole = { ...around, ...(around.as !== undefined && { as: `${around.as}.${member.name}` }) };
      this.put(`${name}.${member.name}`, signature`${word} ${name} { ${member.what} }`, whole);
    }
    return end;
  }

  private enumFrom(at: number, around: Declaring): number {
    const { tokens } = this;
    const end = tokens.behind(at + 2);
    const members = tokens.split(at + 3, end - 1, [","]).map(([from, to]) => tokens.render(from, to));
    this.put(tokens.text(at + 1), plain(`enum ${tokens.text(at + 1)} { ${members.join(", ")} }`), around);
    return end;
  }

  private alias(at: number, around: Declaring): number | undefined {
    const { tokens } = this;
    if (tokens.kind(at + 1) !== "word") return undefined;
    const name = tokens.text(at + 1);
    const equals = tokens.after(at + 2, tokens.list.length);
    const from = tokens.text(at + 2) === "=" ? at + 2 : equals;
    if (tokens.text(from) !== "=") return undefined;
    const { what, end } = typeFrom(tokens, from + 1);
    this.put(name, signature`type ${name}${tokens.render(at + 2, from)} = ${what}`, around);
    return end;
  }

  private variables(at: number, around: Declaring): number {
    const { tokens } = this;
    const word = tokens.text(at);
    let next = at + 1;
    for (;;) {
      const nameEnd = tokens.after(next);
      const name = tokens.render(next, nameEnd);
      let end = nameEnd;
      let what = plain("");
      if (tokens.text(end) === "!") end++;
      if (tokens.text(end) === ":") {
        const type = typeFrom(tokens, end + 1);
        what = signature`: ${type.what}`;
        end = tokens.text(type.end) === "=" ? valueFrom(tokens, type.end + 1).end : type.end;
      } else if (tokens.text(end) === "=") {
        const value = valueFrom(tokens, end + 1);
        what = signature` = ${value.what}`;
        end = value.end;
      }
      this.put(name, signature`${word} ${name}${what}`, around);
      if (tokens.text(end) !== "," || end <= next) return end;
      next = end + 1;
    }
  }

  private namespace(at: number, around: Declaring): number | undefined {
    const { tokens } = this;
    let open = at + 1;
    while (tokens.kind(open) === "word" || tokens.kind(open) === "text" || tokens.text(open) === ".") open++;
    if (tokens.text(open) !== "{") return undefined;
    const name = tokens.render(at + 1, open);
    const end = tokens.behind(open);
    if (around.isExported || around.exportsAll) {
      this.put(name, plain(`namespace ${name}`), around);
      this.read(open + 1, end - 1, { prefix: `${around.prefix}${name}.`, exportsAll: around.exportsAll });
    }
    return end;
  }
}

interface Declaring extends Around {
  readonly isExported: boolean;
  /** Exported under this name. */
  readonly as?: string;
}

/** Brackets as a whole; one that is not closed is only a sign. */
function stepOver(tokens: Tokens, at: number): number {
  const text = tokens.text(at);
  return text === "{" || text === "(" || text === "[" ? tokens.behind(at) : at + 1;
}
