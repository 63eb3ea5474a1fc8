import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import ts from "typescript6";
import { afterEach, describe, expect, it } from "vitest";
import { documentsOf } from "../instant/planner.ts";
import { Examiner } from "./examiner.ts";

/** The language's library is read once for all of them. */
const documents = documentsOf(ts);
const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

const strict = JSON.stringify({ compilerOptions: { strict: true, noEmit: true, module: "esnext", moduleResolution: "bundler" } });

/** A workspace, a change of it on disk, and what that comes to: `file:line code`, and where nothing is wrong the file alone. */
function openWorkspace(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(path.join(tmpdir(), "twolane-examiner-"));
  roots.push(root);
  const write = (name: string, text: string | undefined): void => {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    if (text === undefined) rmSync(file);
    else writeFileSync(file, text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  const token = { isCancellationRequested: () => false, throwIfCancellationRequested: () => undefined };
  const examiner = new Examiner(ts, root, { token, documents });
  examiner.begin(new Map());
  return {
    examiner,
    write,
    change(changes: Readonly<Record<string, string | undefined>>, { isExpected = true } = {}) {
      const names = Object.keys(changes);
      if (isExpected) for (const name of names) ended(examiner.expect(name));
      for (const [name, text] of Object.entries(changes)) write(name, text);
      const moved = examiner.take(names);
      return [...ended(examiner.near(names, moved)), ...ended(examiner.far(names))]
        .flatMap(({ path: file, problems }) =>
          problems.length === 0 ? [file] : problems.map(({ line, code }) => `${file}:${line} ${code}`),
        )
        .sort();
    },
  };
}

function ended<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

describe("what a change broke", () => {
  const files = {
    "tsconfig.json": strict,
    "src/price.ts": "export function price(amount: number): number {\n  return amount * 2;\n}\n",
    "src/order.ts": 'import { price } from "./price";\n\nexport const total = price(3);\n',
    "src/page.ts": 'import { total } from "./order";\n\nexport const shown: number = total;\n',
    "src/other.ts": "export const wrong: number = 'already';\n",
  };

  it.each([{ isExpected: true }, { isExpected: false }])("is in the file, in its importers, and in theirs (%j)", (how) => {
    const { change } = openWorkspace(files);
    expect(change({ "src/price.ts": "export function price(amount: string): string {\n  return amount;\n}\n" }, how)).toEqual([
      "src/order.ts:3 TS2345",
      "src/page.ts:3 TS2322",
      "src/price.ts",
    ]);
    expect(
      change({ "src/order.ts": 'import { price } from "./price";\n\nexport const total = price("3").length;\n' }, how),
    ).toEqual(["src/order.ts", "src/page.ts"]);
  });

  it("is not what was wrong before, wherever that stands now", () => {
    const { change } = openWorkspace(files);
    expect(change({ "src/other.ts": "\n\nexport const wrong: number = 'already';\n" })).toEqual(["src/other.ts"]);
    expect(change({ "src/other.ts": "\nexport const wrong: number = 'again';\nexport const more: string = 1;\n" })).toEqual([
      "src/other.ts:3 TS2322",
    ]);
  });

  it("is only that it cannot be parsed, while that is so", () => {
    const { change } = openWorkspace(files);
    expect(change({ "src/order.ts": 'import { price } from "./price";\n\nexport const total = price("3";\n' })).toContain(
      "src/order.ts:3 TS1005",
    );
  });

  it("is seen where a file comes, goes or moves", () => {
    const { change } = openWorkspace(files);
    expect(change({ "src/price.ts": undefined })).toContain("src/order.ts:1 TS2307");
    expect(change({ "src/price.ts": files["src/price.ts"] })).toEqual(["src/order.ts", "src/page.ts", "src/price.ts"]);
    expect(change({ "src/new.ts": 'import { gone } from "./gone";\nexport const it = gone;\n' })).toEqual([
      "src/new.ts:1 TS2307",
    ]);
    expect(change({ "src/gone.ts": "export const gone = 1;\n" })).toEqual(["src/gone.ts", "src/new.ts"]);
  });

  it("is compared with what a person left behind", () => {
    const { change, write, examiner } = openWorkspace(files);
    expect(change({ "src/price.ts": `${files["src/price.ts"]}\n` })).toEqual(["src/order.ts", "src/page.ts", "src/price.ts"]);
    write("src/order.ts", 'import { price } from "./price";\n\nexport const total = price("mine");\n');
    examiner.refresh(Date.now() + 1000);
    expect(
      change({ "src/order.ts": 'import { price } from "./price";\n// theirs\nexport const total = price("mine");\n' }),
    ).toEqual(["src/order.ts", "src/page.ts"]);
  });
});

it("a change that lands before the workspace is read again is still one", () => {
  const files = {
    "tsconfig.json": strict,
    "a.ts": "export const a = 1;\n",
    "b.ts": 'import { a } from "./a";\nexport const b: number = a;\n',
  };
  const { change, write, examiner } = openWorkspace(files);
  expect(change({ "b.ts": `${files["b.ts"]}\n` })).toEqual(["b.ts"]);
  const asked = Date.now() - 1000;
  write("a.ts", "export const a = 'one';\n");
  examiner.refresh(asked);
  expect(change({ "a.ts": "export const a = 'one';\n" }, { isExpected: false })).toEqual(["a.ts", "b.ts:2 TS2322"]);
});

describe("JavaScript without types", () => {
  const files = {
    "package.json": JSON.stringify({ type: "module" }),
    "src/price.js": "export function price(amount) {\n  return amount * rate;\n}\n",
    "src/order.js":
      'import { price } from "./price.js";\nimport pad from "left-pad";\n\nexport const total = pad(price("3").nothing);\n',
  };

  it("has no other problems than what is certain", () => {
    const { change } = openWorkspace(files);
    const changed = "export function cost(amount) {\n  return amount * globalRate + process.argv.length;\n}\n";
    expect(change({ "src/price.js": changed })).toEqual(["src/order.js:1 TS2305", "src/price.js"]);
    expect(change({ "src/order.js": 'import pad from "left-pad";\n\nexport const total = pad(price("3").nothing);\n' })).toEqual([
      "src/order.js:3 TS2304",
    ]);
    expect(change({ "src/order.js": 'import { price } from "./prices.js";\nexport const total = price(2);\n' })).toEqual([
      "src/order.js:1 TS2307",
    ]);
    expect(change({ "src/order.js": "export const total = (;\n" })).toEqual(["src/order.js:1 TS1109"]);
  });

  it("has all of them where a configuration or the file wants it", () => {
    const config = JSON.stringify({ compilerOptions: { checkJs: true, allowJs: true, strict: true, noEmit: true } });
    const checked = openWorkspace({ "jsconfig.json": config, "a.js": "export const a = 1;\n" });
    expect(checked.change({ "a.js": "export const a = 1;\na.length;\n" })).toEqual(["a.js:2 TS2339"]);
    const asked = openWorkspace({ "a.js": "// @ts-check\nexport const a = 1;\n" });
    expect(asked.change({ "a.js": "// @ts-check\nexport const a = 1;\na.length;\n" })).toEqual(["a.js:3 TS2339"]);
  });
});
