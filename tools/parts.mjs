/**
 * The command as a few files that are read one after the other, when something in them is needed: what every session starts with is not
 * half of it, and what is not read costs neither the reading nor the compiling from the cache (docs/decisions/0011-parts.md).
 *
 * esbuild splits ES modules only, at each delayed import, into some hundred chunks that import from one another. Here each becomes a
 * function, and the functions of one part a file.
 */
import vm from "node:vm";

/** What a chunk begins and ends with, as esbuild writes it. */
const importing = /^import(?:(?:([\w$]+),?)?(?:\{([^}]*)\}|\*as ([\w$]+))?from)?"([^"]+)";/;
const exporting = /export\{([^}]*)\};?\s*$/;

/**
 * @typedef {object} Chunk
 * @property {string} path as others import it
 * @property {string} text an ES module as esbuild writes it with `minifyWhitespace`, its own names unlike any other in it
 * @property {readonly string[]} needs paths of chunks that it imports from at once
 * @property {string | undefined} entry the source behind a delayed import of it
 */

/**
 * Gives the text of each part by its name. The first one is a function `(require, filename, dirname, readPart)` that runs the command;
 * `readPart` gives what a later one's text evaluates to. A chunk is in the first part whose entries need it at once, else in `rest`.
 * @param {readonly Chunk[]} chunks the first one is the command's entry
 * @param {{ entries: Readonly<Record<string, readonly string[]>>, rest: string, prelude: string }} options `prelude` is seen by every chunk
 * @returns {Map<string, string>}
 */
export function partsOf(chunks, { entries, rest, prelude }) {
  const byPath = new Map(chunks.map((chunk, id) => [chunk.path, { ...chunk, id }]));
  const names = [...Object.keys(entries), rest];
  const partOf = chunks.map(() => names.length - 1);
  // In a circle they would find each other half made, in whatever part they are.
  for (const chunk of chunks) neededBy(chunk, byPath);
  for (const [part, sources] of Object.values(entries).entries()) {
    for (const source of sources) {
      const entry = chunks.find((chunk) => chunk.entry?.endsWith(source));
      if (entry === undefined) throw new Error(`part ${names[part]}: no delayed import of ${source}`);
      for (const { id } of neededBy(entry, byPath)) partOf[id] = Math.min(partOf[id], part);
    }
  }
  const functions = chunks.map((chunk) => functionOf(chunk, byPath));
  const parameters = "require,$part,__filename,__dirname";
  const tableOf = (part) => `[${functions.map((text, id) => (partOf[id] === part ? text : "")).join(",\n")}]`;
  const texts = new Map();
  for (const [part, name] of names.entries()) {
    const table = `(function(${parameters}){${prelude}\nreturn ${tableOf(part)}})`;
    const text =
      part > 0
        ? `${table}\n`
        : `(function(require,__filename,__dirname,$readPart){
const $parts=${JSON.stringify(partOf.join(""))},$names=${JSON.stringify(names)},$tables=[],$made=[];
const $part=(id)=>{const part=$parts[id];if(part===undefined)return require(id);if($made[id])return $made[id];
const table=$tables[part]??=(part==="0"?${table}:$readPart($names[part]))(require,$part,__filename,__dirname);
table[id]($made[id]={});return $made[id]};
$part(0)})\n`;
    // What is left of an import or export is no script.
    new vm.Script(text, { filename: `${name}.cjs` });
    texts.set(name, text);
  }
  return texts;
}

/** The chunk and all that it imports from at once, however far away. Throws where they import one another. */
function neededBy(chunk, byPath) {
  const found = new Set();
  const visit = (path, above) => {
    if (above.includes(path)) throw new Error(`chunks import one another: ${[...above, path].join(" → ")}`);
    if (found.has(path)) return;
    for (const next of byPath.get(path).needs) visit(next, [...above, path]);
    found.add(path);
  };
  visit(chunk.path, []);
  return [...found].map((path) => byPath.get(path));
}

/** As a function of an object that takes its exports. Names are taken over once: nobody gives an exported name a second value. */
function functionOf({ path, text }, byPath) {
  const idOf = (name) => (byPath.has(name) ? byPath.get(name).id : JSON.stringify(name));
  let head = "";
  let body = text.trim();
  for (let found = importing.exec(body); found !== null; found = importing.exec(body)) {
    const [whole, standard, names, all, from] = found;
    const value = byPath.has(from) ? `$part(${idOf(from)})` : `require(${idOf(from)})`;
    if (standard !== undefined) head += `const ${standard}=${value};`;
    if (all !== undefined) head += `const ${all}=${value};`;
    if (names !== undefined) head += `const {${names.replaceAll(/([\w$]+) as ([\w$]+)/g, "$1:$2")}}=${value};`;
    if (standard === undefined && all === undefined && names === undefined) head += `${value};`;
    body = body.slice(whole.length).trimStart();
  }
  const exported = (exporting.exec(body)?.[1] ?? "").split(",").filter((each) => each !== "");
  body = body.replace(exporting, "");
  let tail = "";
  for (const each of exported) {
    const [, local, name = local] = /^([\w$]+)(?: as ([\w$]+))?$/.exec(each);
    if (assignments(local, body) > 1) throw new Error(`${path}: ${local} is exported and changes; keep it in an object`);
    tail += `$exports.${name}=${local};`;
  }
  body = body.replaceAll(/\bimport\("([^"]+)"\)/g, (whole, name) => `Promise.resolve().then(()=>$part(${idOf(name)}))`);
  return `function($exports){"use strict";${head}${body}\n${tail}}`;
}

/** How often a name is given a value, its declaration included. */
function assignments(name, text) {
  const escaped = name.replaceAll("$", "\\$");
  const given = new RegExp(
    `(?<![.\\w$])${escaped}(?:=(?![=>])|(?:[-+*/%&|^]|\\*\\*|<<|>>>?|&&|\\|\\||\\?\\?)=|\\+\\+|--)|(?<=[\\w;{}(),=&|?:!])(?:\\+\\+|--)${escaped}(?![\\w$])`,
    "g",
  );
  return [...text.matchAll(given)].length;
}
