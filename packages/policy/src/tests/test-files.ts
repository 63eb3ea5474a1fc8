/** Which files belong to the tests, by their names alone, whatever the language. What is in them, `languages.ts` and its readers know. */

const folder = /(?:^|\/)(?:tests?|__tests__|__snapshots__|__mocks__|specs?|e2e|testdata)\//i;
const name =
  /[._-](?:test|tests|spec|e2e)\.[\w.]+$|(?:^|\/)(?:test|spec)[-_.][^/]*$|_(?:test|spec)\.\w+$|(?:^|\/)conftest\.py$|[a-z\d](?:Tests?|Spec)\.(?:java|kt|cs|scala|swift|php|groovy)$|\.snap$/;

export const isTestFile = (path: string): boolean => folder.test(path) || name.test(path);

/** A Rust file without the module of its tests, which is another file in other languages. */
export function withoutTests(text: string, path: string): string {
  if (!path.endsWith(".rs")) return text;
  // By convention it is the last thing in its file.
  const at = text.search(/^#\[cfg\(test\)\]\s*(?:pub )?mod \w+\s*\{/m);
  return at < 0 ? text : text.slice(0, at).trimEnd();
}
