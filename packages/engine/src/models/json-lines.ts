/**
 * JSON with the line of every key, so that a mistake in a file that a person wrote can be shown where it stands. Strict
 * JSON; a key that stands twice in one object is a mistake. What the keys mean is the reader's business.
 */

export type JsonPath = readonly (string | number)[];

export interface LocatedJson {
  readonly value: unknown;
  /** 1-based line of the key or element at `path`; of the nearest one above it where there is none. */
  lineOf(path: JsonPath): number;
}

export class JsonMistake extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

const token =
  /[ \t\r\n]*(?:([{}[\]:,])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])|$)/y;
const nestingLimit = 64;

interface Reader {
  readonly text: string;
  position: number;
  line: number;
  readonly lines: Map<string, number>;
}

/** Reads `text`; throws a JsonMistake at the first place that is not JSON. */
export function parseWithLines(text: string): LocatedJson {
  const reader: Reader = { text: text.replace(/^\uFEFF/, ""), position: 0, line: 1, lines: new Map() };
  const value = readValue(reader, next(reader), []);
  const rest = next(reader);
  if (rest !== "") throw new JsonMistake(`${rest} stands behind the end`, reader.line);
  const { lines } = reader;
  return {
    value,
    lineOf(path) {
      for (let length = path.length; length > 0; length--) {
        const line = lines.get(JSON.stringify(path.slice(0, length)));
        if (line !== undefined) return line;
      }
      return 1;
    },
  };
}

/** The next token; an empty string at the end. */
function next(reader: Reader): string {
  token.lastIndex = reader.position;
  const match = token.exec(reader.text);
  if (match === null) {
    const blank = /[ \t\r\n]*/y;
    blank.lastIndex = reader.position;
    const skipped = blank.exec(reader.text)?.[0] ?? "";
    reader.line += skipped.split("\n").length - 1;
    const excerpt = reader.text.slice(reader.position + skipped.length).split("\n", 1)[0] ?? "";
    throw new JsonMistake(`${excerpt.slice(0, 20)} is not JSON`, reader.line);
  }
  reader.position = token.lastIndex;
  reader.line += match[0].split("\n").length - 1;
  return match[1] ?? match[2] ?? match[3] ?? "";
}

function readValue(reader: Reader, first: string, path: JsonPath): unknown {
  if (path.length > nestingLimit) throw new JsonMistake("it is nested too deeply", reader.line);
  if (first === "{") return readObject(reader, path);
  if (first === "[") return readArray(reader, path);
  if (first === "") throw new JsonMistake("it ends too early", reader.line);
  if (/^[}\]:,]$/.test(first)) throw new JsonMistake(`${first} stands where a value belongs`, reader.line);
  return JSON.parse(first);
}

function readObject(reader: Reader, path: JsonPath): Record<string, unknown> {
  const entries = new Map<string, unknown>();
  let key = next(reader);
  while (key !== "}" || entries.size > 0) {
    if (!key.startsWith('"')) throw new JsonMistake(`${key === "" ? "the end" : key} stands where a key belongs`, reader.line);
    const name: string = JSON.parse(key);
    const place = [...path, name];
    if (entries.has(name)) throw new JsonMistake(`"${name}" stands twice`, reader.line);
    reader.lines.set(JSON.stringify(place), reader.line);
    expect(reader, next(reader), [":"]);
    entries.set(name, readValue(reader, next(reader), place));
    if (expect(reader, next(reader), [",", "}"]) === "}") break;
    key = next(reader);
  }
  return Object.fromEntries(entries);
}

function readArray(reader: Reader, path: JsonPath): unknown[] {
  const items: unknown[] = [];
  let first = next(reader);
  while (first !== "]" || items.length > 0) {
    const place = [...path, items.length];
    reader.lines.set(JSON.stringify(place), reader.line);
    items.push(readValue(reader, first, place));
    if (expect(reader, next(reader), [",", "]"]) === "]") break;
    first = next(reader);
  }
  return items;
}

function expect(reader: Reader, found: string, wanted: readonly string[]): string {
  if (wanted.includes(found)) return found;
  throw new JsonMistake(`${found === "" ? "the end" : found} stands where ${wanted.join(" or ")} belongs`, reader.line);
}
