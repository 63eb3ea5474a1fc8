import { describe, expect, test } from "vitest";
import { carryOut } from "../../../../test/instant-harness.ts";

const strict = JSON.stringify({
  compilerOptions: { strict: true, module: "esnext", target: "es2022", moduleResolution: "bundler", noEmit: true, types: [] },
});
const done = (text: string, prompt: string) => {
  const { tree, said } = carryOut({ "tsconfig.json": strict, "a.ts": text }, prompt);
  return { text: tree["a.ts"], said };
};

describe("extract", () => {
  const lines =
    "export function total(prices: number[], rate: number): number {\n" +
    "  let sum = 0;\n  for (const price of prices) sum += price * rate;\n  return sum;\n}\n";

  test.each([
    "extract a.ts:2-4 into function sumOf",
    "extract lines 2-4 of a.ts into a function named sumOf",
    "extract function sumOf from a.ts:2-4",
  ])("%s", (prompt) => {
    const { text, said } = done(lines, prompt);
    expect(said).toBe("Extracted the function sumOf.");
    expect(text).toBe(
      "export function total(prices: number[], rate: number): number {\n  return sumOf(prices, rate);\n}\n\n" +
        "function sumOf(prices: number[], rate: number) {\n  let sum = 0;\n" +
        "  for (const price of prices) sum += price * rate;\n  return sum;\n}\n",
    );
  });

  test("what needs its class becomes a method of it", () => {
    const text = "export class A {\n  n = 1;\n  up(): void {\n    this.n += 1;\n    this.n *= 2;\n  }\n}\n";
    const after = done(text, "extract a.ts:4-5 into function grow");
    expect(after.said).toBe("Extracted the function grow.");
    expect(after.text).toMatch(/up\(\): void \{\n {4}this\.grow\(\);\n {2}\}\n[^]* grow\(\) \{\n {4}this\.n \+= 1;/);
  });

  test("a constant of the expression on that line", () => {
    const { text, said } = done(
      "export const wait = (minutes: number): number => {\n  return minutes * (60 * 1000);\n};\n",
      "extract `60 * 1000` in a.ts:2 into constant minute",
    );
    expect(said).toBe("Extracted the constant minute.");
    expect(text).toContain("const minute = 60 * 1000;\n");
    expect(text).toContain("return minutes * (minute);");
  });

  test.each([
    ["export const a = 1;\nexport const b = [a, 2 + 1, 2 + 1];\n", "extract `2 + 1` in a.ts into constant three", /lines 2, 2/],
    ["export const a = 1;\n", "extract `2 + 1` in a.ts into constant three", /no expression 2 \+ 1/],
    ["export const a = 1 + 2;\n", "extract `1 + 2` in a.ts into constant a", /a is used in a\.ts already/],
    ['import "./a";\n', "extract a.ts:1 into function f", /No function can be made/],
    [
      "export const f = (o?: { p: { q: number } }) => o !== undefined && o.p.q;\n",
      "extract `o.p.q` in a.ts into constant q2",
      /evaluated where it is not now/,
    ],
    [
      "let n = 0;\nconst next = (): number => ++n;\nexport const f = (): number[] => [next(), n];\nexport const g = () => { return [next(), next() + 1]; };\n",
      "extract `next() + 1` in a.ts into constant later",
      /Something else happens before/,
    ],
  ])("%j: %s is refused", (text, prompt, why) => {
    const after = done(text, prompt);
    expect(after.said).toMatch(why);
    expect(after.text).toBe(text);
  });
});

describe("inline", () => {
  test("a constant, wherever it is used", () => {
    const { text, said } = done(
      "const rate = 1 + 2;\nexport const a = rate * 2;\nexport const f = () => rate;\n",
      "inline rate in a.ts",
    );
    expect(said).toBe("Inlined rate.");
    expect(text).toBe("export const a = (1 + 2) * 2;\nexport const f = () => (1 + 2);\n");
  });

  test("what is made once, into the statement that follows", () => {
    const { text } = done(
      "declare const read: () => number;\nexport function f() {\n  const one = read();\n  return one + 1;\n}\n",
      "inline the variable one in a.ts",
    );
    expect(text).toBe("declare const read: () => number;\nexport function f() {\n  return read() + 1;\n}\n");
  });

  const readers = "declare const read: () => number;\n";
  test.each([
    ["export function f() {\n  const one = read();\n  return one + one;\n}\n", /2 times/],
    ["export function f() {\n  const one = read();\n  read();\n  return one;\n}\n", /between its value and its use/],
    ["export function f() {\n  const one = read();\n  return () => one;\n}\n", /not be made always/],
    ["export function f() {\n  const one = read();\n  return read() + one;\n}\n", /something else would happen before/],
    [
      "export function f(o: { p: number }) {\n  const one = o.p;\n  o.p = 2;\n  return one;\n}\n",
      /between its value and its use/,
    ],
    ["export const one = 1;\n", /one stays/],
    ["let one = 1;\none = 2;\nexport const two = one;\n", /one stays/],
    ["export const two = 2;\n", /declares no variable one/],
  ])("%j is refused", (code, why) => {
    const after = done(readers + code, "inline one in a.ts");
    expect(after.said).toMatch(why);
    expect(after.text).toBe(readers + code);
  });
});

describe("fix all", () => {
  test("missing awaits, in every file", () => {
    const wrong = "export async function f(p: Promise<number>): Promise<number> {\n  return p + 1;\n}\n";
    const { tree, said } = carryOut({ "tsconfig.json": strict, "a.ts": wrong, "b.ts": wrong }, "fix all missing await errors");
    expect(said).toBe("Fixed missing await in 2 files.");
    for (const name of ["a.ts", "b.ts"]) expect(tree[name]).toBe(wrong.replace("p + 1", "await p + 1"));
  });

  test("unused names and overrides; nothing where nothing is wrong", () => {
    expect(done("export {};\nconst unused = 1;\n", "fix all unused names in a.ts").text).toBe("export {};\n");
    expect(done("export const a = 1;\n", "fix the spelling in a.ts").said).toBe("There is nothing to fix: spelling.");
  });

  test("refuses all of it when something would break", () => {
    const text = "export class A {\n  private only = 1;\n}\nexport const a = new A()['only'];\n";
    const after = done(text, "fix all unused names in a.ts");
    expect(after.text).toBe(text);
  });
});
