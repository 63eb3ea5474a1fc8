/** Which tests a change can reach, and by which way each was found. Pure, over what was read. What nothing reaches is said, not dropped. */
import type { ChoiceWay, ChosenTest, TestChoice } from "@twolane/protocol";
import type { TestPackage } from "./evidence.ts";
import type { ImportGraph } from "./graph.ts";
import { isScript } from "./imports/javascript.ts";
import { isGo, isRust } from "./imports/packages.ts";
import { folderOf, nameOf, upwards, within } from "./imports/paths.ts";
import { isPython } from "./imports/python.ts";

export interface ChoiceInput {
  readonly graph: ImportGraph;
  readonly packages: readonly TestPackage[];
  readonly changed: readonly string[];
}

/** Neither code nor read by code, as far as names tell. */
const document =
  /\.(?:md|mdx|rst|adoc|txt|png|jpe?g|gif|svg|ico|webp|pdf)$|^(?:docs?|\.github|\.vscode|\.idea|\.husky|\.changeset)\/|(?:^|\/)(?:LICEN[CS]E|NOTICE|AUTHORS|CODEOWNERS|\.gitignore|\.gitattributes|\.editorconfig|\.prettierrc\S*|\.eslintrc\S*|eslint\.config\.\w+|\.prettierignore|\.npmignore)$/i;
const testFolder = /(?:^|\/)(?:tests?|__tests__|specs?|fixtures?|__fixtures__|testdata|__snapshots__|__mocks__|e2e)\//;

export function chooseTests(input: ChoiceInput): Omit<TestChoice, "ms"> {
  const chooser = new Chooser(input);
  for (const path of input.changed) chooser.add(path);
  return chooser.choice();
}

class Chooser {
  private readonly input: ChoiceInput;
  private readonly chosen = new Map<string, ChosenTest>();
  /** Test → its package. */
  private readonly homes = new Map<string, TestPackage>();
  private readonly fallbacks: { path: string; reason: string }[] = [];
  private readonly untested: string[] = [];
  private readonly gone: string[] = [];

  constructor(input: ChoiceInput) {
    this.input = input;
    for (const package_ of input.packages) for (const test of package_.tests) this.homes.set(test, package_);
  }

  choice(): Omit<TestChoice, "ms"> {
    const { fallbacks, untested, gone } = this;
    const tests = [...this.chosen.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1));
    return { tests, of: this.homes.size, fallbacks, untested, gone };
  }

  add(path: string): void {
    if (this.homes.has(path)) {
      if (this.input.graph.isThere(path)) this.take(path, "itself", path);
      else this.gone.push(path);
    }
    const reached = this.input.graph.reaching([path]);
    const inSettings = this.settings(path, reached);
    let found = inSettings || this.chosen.has(path);
    for (const [file, via] of reached) {
      if (file === path || !this.homes.has(file)) continue;
      found = true;
      this.take(file, /\.(?:go|rs)$/.test(file) ? "package" : "imports", via);
    }
    if (found || this.homes.has(path)) return;
    if (this.beside(path) || this.byName(path)) return;
    if (document.test(path) && !testFolder.test(path)) return void this.untested.push(path);
    this.fallBack(path);
  }

  private take(test: string, way: ChoiceWay, via: string): void {
    const home = this.homes.get(test);
    const before = this.chosen.get(test);
    if (home === undefined || !this.input.graph.isThere(test) || (before !== undefined && rank[before.way] <= rank[way])) return;
    this.chosen.set(test, { path: test, way, via, runner: home.runner.name });
  }

  /** A configuration, or what one runs before the tests. */
  private settings(path: string, reached: ReadonlyMap<string, string>): boolean {
    let found = false;
    for (const { folder, runner } of this.input.packages) {
      const hit = runner.settings.find((name) => {
        const file = folder === "" ? name : `${folder}/${name}`;
        return reached.has(file) || [".ts", ".js", ".mjs", ".cjs"].some((ending) => reached.has(`${file}${ending}`));
      });
      if (hit === undefined) continue;
      found = true;
      for (const [test, home] of this.homes)
        if (within(folder, test) && home.runner.name === runner.name) this.take(test, "all", path);
    }
    return found;
  }

  /** Data: the snapshots of a test, the fixtures of a folder's tests, what lies among the code that reads it. */
  private beside(path: string): boolean {
    if (isCode(path)) return testFolder.test(path) && this.inFolder(path);
    const [, folder, test] = /^(.*?)__snapshots__\/(.+)\.snap$/.exec(path) ?? [];
    if (test !== undefined && this.homes.has(`${folder}${test}`)) {
      this.take(`${folder}${test}`, "beside", path);
      return true;
    }
    if (testFolder.test(path)) return this.inFolder(path);
    return !document.test(path) && this.amongCode(path);
  }

  private inFolder(path: string): boolean {
    for (const folder of upwards(folderOf(path))) {
      const tests = [...this.homes.keys()].filter((test) => within(folder, test));
      if (tests.length === 0) continue;
      for (const test of tests) this.take(test, "beside", path);
      return true;
    }
    return false;
  }

  private amongCode(path: string): boolean {
    for (const folder of upwards(folderOf(path))) {
      const code = this.input.graph.files
        .beginning(folder === "" ? "" : `${folder}/`)
        .filter((file) => folderOf(file) === folder && isCode(file));
      if (code.length === 0) continue;
      let found = false;
      for (const [file] of this.input.graph.reaching(code)) {
        if (!this.homes.has(file)) continue;
        found = true;
        this.take(file, "beside", path);
      }
      if (found) return true;
    }
    return false;
  }

  private byName(path: string): boolean {
    if (!isCode(path)) return false;
    const stem = stemOf(path);
    const tests = [...this.homes.keys()].filter((test) => stemOf(test) === stem);
    for (const test of tests) this.take(test, "name", path);
    return tests.length > 0;
  }

  private fallBack(path: string): void {
    const homes = this.input.packages.filter(({ folder }) => within(folder, path));
    const [inner] = homes.toSorted((one, other) => other.folder.length - one.folder.length);
    if (inner === undefined) return void this.untested.push(path);
    this.fallbacks.push({
      path,
      reason: isCode(path) ? "no test reaches it by imports or by name" : "it is not known who reads it",
    });
    for (const test of inner.tests) this.take(test, "all", path);
  }
}

const rank: Readonly<Record<ChoiceWay, number>> = { itself: 0, imports: 1, package: 2, beside: 3, name: 4, all: 5 };

const isCode = (path: string): boolean => isScript(path) || isPython(path) || isGo(path) || isRust(path);

/** `src/price.test.ts`, `tests/test_price.py` and `price_test.go` are called `price`. */
const stemOf = (path: string): string =>
  nameOf(path)
    .replace(/\..*$/, "")
    .replace(/^tests?[_-]|[_-](?:tests?|spec)$/g, "")
    .toLowerCase();
