/** A git repository of 2,000 TypeScript files, 500 of them tests, in ten packages that use each other: what impacted tests are found in. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const packages = 10;
/** In a package. */
const [sources, tests] = [150, 50];
/** Files of a folder. */
const perFolder = 15;
/** About as long as files of published projects are, 3 KB. */
const functions = 12;

/** Every source imports four others of its package and one of another; every test three. */
export function writeSourceRepository(path: string): void {
  write(
    path,
    "package.json",
    json({ name: "shop", private: true, type: "module", workspaces: ["packages/*"], scripts: { test: "vitest run" } }),
  );
  write(path, "tsconfig.json", json({ compilerOptions: { strict: true, paths: { "~/*": ["./packages/p0/src/*"] } } }));
  for (let at = 0; at < packages; at++) writePackage(path, at);
  execFileSync("git", ["init", "-q", path]);
  execFileSync("git", ["-C", path, "add", "-A"]);
  execFileSync("git", ["-C", path, "-c", "user.name=bench", "-c", "user.email=bench@example.invalid", "commit", "-qm", "All"]);
}

function writePackage(root: string, number: number): void {
  const folder = `packages/p${number}`;
  const manifest = {
    ...{ name: `@shop/p${number}`, type: "module", exports: { ".": "./dist/f0.js", "./*": "./dist/*.js" } },
    ...{ scripts: { test: "vitest run" }, devDependencies: { vitest: "4.0.0" } },
  };
  write(root, `${folder}/package.json`, json(manifest));
  write(root, `${folder}/tsconfig.json`, json({ extends: "../../tsconfig.json", include: ["src"] }));
  for (let at = 0; at < sources; at++) {
    // Only earlier ones: then a change reaches some of what follows, not everything.
    const near = [1, 2, 7, 19].filter((step) => step <= at).map((step) => relative(placeOf(at), placeOf(at - step)));
    const far = number === 0 ? [] : [at % 3 === 0 ? `@shop/p${number - 1}/${placeOf(at % 5)}` : `~/${placeOf(at % 7)}.js`];
    write(root, `${folder}/src/${placeOf(at)}.ts`, sourceText([...near.map((one) => `${one}.js`), ...far], at));
  }
  for (let at = 0; at < tests; at++)
    write(root, `${folder}/test/f${at}.test.ts`, testText([at, at * 2, at * 3].map((one) => `../src/${placeOf(one)}.js`)));
}

const placeOf = (at: number): string => (at < perFolder ? `f${at}` : `d${Math.floor(at / perFolder)}/f${at}`);

function relative(from: string, to: string): string {
  if (dirname(from) === dirname(to)) return `./${to.slice(to.lastIndexOf("/") + 1)}`;
  return from.includes("/") ? `../${to}` : `./${to}`;
}

function sourceText(imports: readonly string[], number: number): string {
  const head = imports.map(
    (from, at) => `import { make0 as other${at} } from "${from}";\nimport type { Kind0 as Kind${at}x } from "${from}";\n`,
  );
  const body = Array.from(
    { length: functions },
    (_, at) => `
/** What the shop says of article ${at} of shelf ${number}; it is not what the customer sees, which the view decides. */
export interface Kind${at} {
  readonly name: "article-${at}" | "shelf/${number}";
  readonly price: number;
}

export function make${at}(price: number): Kind${at} {
  if (price < ${at}) throw new RangeError(\`the price \${price} is too low\`);
  return { name: price > ${number} ? "article-${at}" : "shelf/${number}", price };
}
`,
  );
  return `/** Shelf ${number} of the shop. */\n${head.join("")}${body.join("")}`;
}

function testText(imports: readonly string[]): string {
  const head = imports.map((from, at) => `import { make0 as make${at}x } from "${from}";\n`);
  const body = imports.map(
    (_, at) => `\n  it("makes article ${at}", () => {\n    expect(make${at}x(100).price).toBe(100);\n  });\n`,
  );
  return `import { describe, expect, it } from "vitest";\n${head.join("")}\ndescribe("shelves", () => {${body.join("")}});\n`;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function write(root: string, name: string, text: string): void {
  const file = join(root, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
