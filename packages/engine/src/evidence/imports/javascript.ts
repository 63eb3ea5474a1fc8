/**
 * What a JavaScript or TypeScript file names: imports, requires, mocks, and paths in strings. Reads text line by line of a regular expression,
 * compiles nothing. It would rather name too much than too little: a word in a comment costs a test that need not have run. Only descriptions are
 * left out, since their examples import the package itself, which is all of it.
 */

export const isScript = (path: string): boolean => /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/.test(path);

/**
 * Marks a name: nothing: a module. `'`: a path in a string, which may be none. `*` at its end: only its beginning is known, and everything
 * that begins so is meant.
 */
export type NamedModule = string;

// A keyword or a call that takes a module, comments in between allowed, then the string.
const modules =
  /(?:\bfrom|\bimport|\brequire(?:\.resolve|\.cache)?|\b(?:jest|vi|vitest|mock|td|sinon|proxyquire)(?:\.\w+)?(?:<[^>\n]*>)?|\bURL|\bWorker|\bfork|\bglob)\s*\(?\s*(?:\/\*[^*]*\*\/\s*)?(?:'([^'\n]+)'|"([^"\n]+)"|`([^`\n]+)`)/g;
// Calls whose module only shows at run time.
const unknownModule = /\b(?:require|import)\s*\(\s*(?!['"`)]|\/\*)[\w$[({]/;
// Paths with a folder, or a file with an extension.
const paths = /(['"`])((?:\.{1,2}\/|[\w@-][\w@.-]*\/)[^'"`\n\s$]{1,200}|[\w@-][\w@.-]*\.[a-zA-Z]\w{0,5})\1/g;

// `/** … */` that begins a line.
const descriptions = /^[ \t]*\/\*\*(?!\/)[\s\S]*?\*\//gm;

export function scanScript(whole: string): readonly NamedModule[] {
  const text = whole.replace(descriptions, "");
  const found = new Set<NamedModule>();
  for (const [, single, double, template] of text.matchAll(modules)) {
    const written = single ?? double ?? template ?? "";
    const hole = template === undefined ? -1 : written.indexOf("${");
    if (hole >= 0) found.add(`${written.slice(0, hole)}*`);
    else if (written.includes("*")) found.add(`${written.slice(0, written.indexOf("*"))}*`);
    else found.add(written);
  }
  if (unknownModule.test(text)) found.add("./*");
  for (const [, , path] of text.matchAll(paths)) if (path !== undefined && !found.has(path)) found.add(`'${path}`);
  return [...found];
}
