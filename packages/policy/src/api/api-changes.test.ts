/** What counts as a change of what a file exports, by language; what does not; and sources of real packages. */
import { describe, expect, it } from "vitest";
import { apiChanges, exportedDeclarations } from "./api-changes.ts";

const same = (path: string, before: string, after: string): void => expect(apiChanges(before, after, path)).toEqual([]);

describe("TypeScript and JavaScript", () => {
  it.each<[string, string, string, readonly string[]]>([
    [
      "a parameter's type",
      "export function f(a: string) { return a; }",
      "export function f(a: number) { return a; }",
      ["- export function f(a: string)", "+ export function f(a: number)"],
    ],
    [
      "one more parameter",
      "export const f = (a: string): void => {};",
      "export const f = (a: string, b: number): void => {};",
      ["- export const f = (a: string): void => …", "+ export const f = (a: string, b: number): void => …"],
    ],
    ["a name", "export const a = 1;\n", "export const b = 1;\n", ["- export const a = number", "+ export const b = number"]],
    [
      "a result",
      "export async function f(): Promise<string> { return g(); }",
      "export async function f(): Promise<void> { await g(); }",
      ["- export async function f(): Promise<string>", "+ export async function f(): Promise<void>"],
    ],
    ["export taken away", "export class A { b() {} }", "class A { b() {} }", ["- export class A", "- export class A { b() }"]],
    [
      "a public member",
      "export class A { b(): void {} private c() {} }",
      "export class A { b(x: number): void {} private d() {} }",
      ["- export class A { b(): void }", "+ export class A { b(x: number): void }"],
    ],
    [
      "a property of an interface",
      "export interface A { a: string; b?: number }",
      "export interface A { a: string; b: number }",
      ["- export interface A { b?: number }", "+ export interface A { b: number }"],
    ],
    [
      "a type",
      'export type A = "x" | "y";',
      'export type A = "x" | "z";',
      ['- export type A = "x" | "y"', '+ export type A = "x" | "z"'],
    ],
    [
      "an enum",
      "export enum E { A, B = 2 }",
      "export enum E { A, B = 3 }",
      ["- export enum E { A, B = 2 }", "+ export enum E { A, B = 3 }"],
    ],
    [
      "what is exported later",
      "function f(a: string) {}\nexport { f as g };",
      "function f(a: number) {}\nexport { f as g };",
      ["- export function f(a: string) as g", "+ export function f(a: number) as g"],
    ],
    [
      "a name from elsewhere",
      'export { a } from "./x";',
      'export { a } from "./y";',
      ['- export { a } from "./x"', '+ export { a } from "./y"'],
    ],
    ["all from elsewhere", 'export * from "./x";\nexport * from "./y";', 'export * from "./x";', ['- export * from "./y"']],
    [
      "the default",
      "export default function (a: string) {}",
      "export default function (a: string, b: string) {}",
      ["- export default function (a: string)", "+ export default function (a: string, b: string)"],
    ],
    [
      "a key of an object",
      "export const api = { get(a: string) {}, put: (b) => 1 };",
      "export const api = { get(a: string) {} };",
      ["- export const api = { get(a: string), put: (b) => … }", "+ export const api = { get(a: string) }"],
    ],
    ["one more name", "export const a = 1;\n", "export const a = 1;\nexport const b = 'x';\n", ["+ export const b = string"]],
    [
      "what is only declared",
      "export declare abstract class A { b(): void }\ndeclare module",
      "export declare abstract class A { c(): void }\nmodule",
      ["- export class A { b(): void }", "+ export class A { c(): void }"],
    ],
    [
      "CommonJS",
      "exports.f = function (a) {};\nmodule.exports.g = 1;",
      "exports.f = function (a, b) {};",
      ["- exports.f = (a) => …", "+ exports.f = (a, b) => …", "- exports.g = number"],
    ],
    [
      "module.exports",
      "function f(a) {}\nmodule.exports = { f, g: 1 };",
      "function f(a, b) {}\nmodule.exports = { f };",
      ["- exports.g = number", "- export function f(a)", "+ export function f(a, b)"],
    ],
    [
      "in a namespace",
      "export namespace N { export const a: string; const b = 1; }",
      "export namespace N { export const a: number; const b = 'x'; }",
      ["- export const a: string", "+ export const a: number"],
    ],
    ["the file", "export const a = 1;", "", ["- export const a = number"]],
  ])("%s", (_, before, after, expected) => expect(apiChanges(before, after, "src/a.ts")).toEqual(expected));

  it.each([
    [
      "a body",
      "export function f(a: string): { b: string } { return { b: a }; }",
      "export function f(a: string): { b: string } { const c = a;\n return { b: c }; }",
    ],
    ["the name of a parameter", "export function f(a: string) {}", "export function f(name: string) {}"],
    [
      "comments and blanks",
      "export function f( a: string ): void {\n}",
      "/** Docs. */\nexport function f(a: string /* x */): void { // y\n}",
    ],
    ["a value", "export const limit = 40;\nexport const name = 'a';", "export const limit = 41;\nexport const name = `b`;"],
    [
      "private members",
      "export class A { #x = 1; private y = 2; z() { return 1; } }",
      "export class A { #w = 1; private v = '2'; z() { return 2; } }",
    ],
    ["what is not exported", "const a = 1;\nexport const b = a;", "const a = 2; function c(x) {}\nexport const b = a;"],
    [
      "quotes, commas and semicolons",
      "export interface A { a: 'x',\n b: string }",
      'export interface A {\n  a: "x";\n  b: string;\n}',
    ],
    ["a bar in front", "export type A = 'x' | 'y'", "export type A =\n  | 'x'\n  | 'y';"],
    [
      "lines",
      "export const f = async (a: string, b = 3) => { await a; };",
      "export const f = async (\n  a: string,\n  b = 4,\n) => {\n  return a / b; // don't\n};",
    ],
    [
      "strings with signs",
      "export const a = '}'; export const b = /[/}]/g; function c() { return `${'`'}}`; }",
      "export const a = '{'; export const b = /[/{]/g; function c() { return `${`{`}`; }",
    ],
    ["order", "export const a = 1;\nexport const b = 2;", "export const b = 2;\nexport const a = 1;"],
  ])("%s does not count", (_, before, after) => same("src/a.ts", before, after));
});

describe("Python", () => {
  it.each<[string, string, string, readonly string[]]>([
    [
      "the name of a parameter",
      "def f(a, b=1):\n    return a\n",
      "def f(x, b=1):\n    return x\n",
      ["- def f(a, b=…)", "+ def f(x, b=…)"],
    ],
    [
      "a method",
      "class A(B):\n    def m(self, x: int) -> str:\n        pass\n",
      "class A(B):\n    def m(self, x: int, *, y=2) -> str:\n        pass\n",
      ["- def A.m(x: int) -> str", "+ def A.m(x: int, *, y=…) -> str"],
    ],
    ["a name", "LIMIT = 3\n", "LIMITS = 3\n", ["- LIMIT = …", "+ LIMITS = …"]],
    [
      "__all__",
      '__all__ = ["a"]\ndef a(): pass\ndef b(): pass\n',
      '__all__ = ["a", "b"]\ndef a(): pass\ndef b(): pass\n',
      ["+ def b()"],
    ],
    ["a base", "class A(B): pass\n", "class A(C): pass\n", ["- class A(B)", "+ class A(C)"]],
    [
      "a property",
      "class A:\n    @property\n    def x(self): ...\n",
      "class A:\n    def x(self): ...\n",
      ["- @property def A.x()", "+ def A.x()"],
    ],
  ])("%s", (_, before, after, expected) => expect(apiChanges(before, after, "pkg/a.py")).toEqual(expected));

  it.each([
    ["a body", 'def f(a):\n    """Says."""\n    return a\n', "def f(a):\n    # x (\n    b = a\n    return b\n"],
    [
      "what begins with an underscore",
      "def _f(a): pass\nclass A:\n    def _g(self): pass\n",
      "def _f(a, b): pass\nclass A:\n    def _h(self): pass\n",
    ],
    ["a default", "def f(a=1, b='('): pass\nX = 1\n", "def f(a=2, b=')'): pass\nX = [\n 1]\n"],
    [
      "lines",
      "def f(a, b: int = 1) -> str: pass\n",
      "async_ = 1\ndel async_\n\ndef f(\n    a,\n    b: int = 2,  # why\n) -> str:\n    pass\n".replace(
        "async_ = 1\ndel async_\n\n",
        "",
      ),
    ],
    ["what is defined inside", "def f():\n    def g(a): pass\n", "def f():\n    def h(b): pass\n"],
  ])("%s does not count", (_, before, after) => same("pkg/a.py", before, after));
});

describe("Go", () => {
  it.each<[string, string, string, readonly string[]]>([
    [
      "a type of a parameter",
      "package p\nfunc F(a, b int) error {\n\treturn nil\n}\n",
      "package p\nfunc F(a, b string) error {\n\treturn nil\n}\n",
      ["- func F(a, b int) error", "+ func F(a, b string) error"],
    ],
    [
      "a method",
      "func (t *T) Run(ctx context.Context) (int, error) {}\n",
      "func (t *T) Run() (int, error) {}\n",
      ["- func (*T) Run(ctx context.Context) (int, error)", "+ func (*T) Run() (int, error)"],
    ],
    [
      "a field",
      "type T struct {\n\tA int\n\tb string\n}\n",
      "type T struct {\n\tA string\n\tc string\n}\n",
      ["- type T struct { A int }", "+ type T struct { A string }"],
    ],
    [
      "a method of an interface",
      "type I interface {\n\tRead(p []byte) (n int, err error)\n}\n",
      "type I interface {\n\tRead(p []byte) error\n}\n",
      ["- type I interface { Read(p []byte) (n int, err error) }", "+ type I interface { Read(p []byte) error }"],
    ],
    ["a constant", "const (\n\tA = iota\n\tB\n)\n", "const (\n\tA = iota\n)\n", ["- const B"]],
  ])("%s", (_, before, after, expected) => expect(apiChanges(before, after, "p/a.go")).toEqual(expected));

  it.each([
    [
      "a body",
      "func F(a int) error {\n\treturn nil\n}\n",
      "// F does.\nfunc F(a int) error {\n\tif a > 0 { return errX }\n\treturn nil\n}\n",
    ],
    ["names of parameters", "func F(a int, b string) (n int) {}\n", "func F(x int, y string) (m int) {}\n"],
    [
      "small letters",
      "func f(a int) {}\ntype t struct { A int }\nfunc (x *t) Run() {}\n",
      "func f(b string) {}\ntype t struct { B int }\n",
    ],
    [
      "a value",
      'var A = map[string]int{\n\t"x": 1,\n}\nconst B = \'"\'\n',
      "var A = map[string]int{\n\t\"y\": 2,\n}\nconst B = '}'\n",
    ],
  ])("%s does not count", (_, before, after) => same("p/a.go", before, after));
});

describe("Rust", () => {
  it.each<[string, string, string, readonly string[]]>([
    [
      "a parameter",
      "pub fn f(a: &str) -> u8 { 1 }",
      "pub fn f(a: &str, b: u8) -> u8 { b }",
      ["- pub fn f(a: &str) -> u8", "+ pub fn f(a: &str, b: u8) -> u8"],
    ],
    [
      "a method",
      "impl A { pub fn m(&self) -> u8 { 1 } fn n() {} }",
      "impl A { pub fn m(&mut self) -> u8 { 1 } fn o() {} }",
      ["- pub fn A::m(&self) -> u8", "+ pub fn A::m(&mut self) -> u8"],
    ],
    [
      "a field",
      "pub struct A { pub a: u8, b: u8 }",
      "pub struct A { pub a: u16, c: u8 }",
      ["- pub struct A { pub a: u8 }", "+ pub struct A { pub a: u16 }"],
    ],
    ["what is seen", "pub fn f() {}", "pub(crate) fn f() {}", ["- pub fn f()"]],
    ["a trait", "pub trait T { fn a(&self); }", "pub trait T { fn a(&self); fn b(&self) {} }", ["+ pub fn T::b(&self)"]],
    ["an enum", "pub enum E { A, B(u8) }", "pub enum E { A }", ["- pub enum E { A, B(u8) }", "+ pub enum E { A }"]],
  ])("%s", (_, before, after, expected) => expect(apiChanges(before, after, "src/a.rs")).toEqual(expected));

  it.each([
    [
      "a body",
      "pub fn f<'a>(a: &'a str) -> &'a str { a }",
      "/// Gives.\n#[inline]\npub fn f<'a>(b: &'a str) -> &'a str { let c = '\"'; b }",
    ],
    [
      "tests",
      "pub fn f() {}\n#[cfg(test)]\nmod tests {\n  pub fn x() {}\n}\n",
      "pub fn f() {}\n#[cfg(test)]\nmod tests {\n  pub fn y() {}\n}\n",
    ],
    ["a constant's value", "pub const A: u8 = 1;", "pub const A: u8 = 2;"],
  ])("%s does not count", (_, before, after) => same("src/a.rs", before, after));
});

describe("any file", () => {
  it("says nothing of tests, of other languages, and of files that come into being", () => {
    same("test/a.test.ts", "export const a = 1;", "");
    same("a.md", "export const a = 1;", "");
    expect(apiChanges(undefined, "export const a = 1;", "src/a.ts")).toEqual([]);
    expect(apiChanges("export const a = 1;", undefined, "src/a.ts")).toEqual(["- export const a = number"]);
  });

  it("is read however it is cut", () => {
    const texts: readonly (readonly [string, string])[] = [
      [
        "a.tsx",
        "export class A<T extends { a: `x${string}` }> { @d() static b?: (c: T) => void = async <U,>(x) => { /[`]/ } }\nexport default { ...a, 'b-c': [1] } as const;\nexport const [d, { e }] = f;",
      ],
      [
        "a.py",
        "__all__ = ['A']\nclass A(B[\"x\"]):\n    '''d'''\n    @property\n    def m(self, *a: 'T', b=(1, 2), **k) -> Dict[str, int]: # c\n        pass\n",
      ],
      [
        "a.go",
        'package p\n\ntype T[K comparable] struct {\n\tA, B map[K]func(int) (string, error) `json:"a"`\n}\n\nfunc (t *T[K]) F(a, b int, c ...string) (x int, err error) { return }\n',
      ],
      [
        "a.rs",
        "#![x]\npub struct A<'a, T: B>(pub &'a T);\nimpl<'a, T> C for A<'a, T> where T: B { fn f(&self) -> Vec<Vec<u8>> { r#\"}\"# } }\npub use a::{b, c as d};",
      ],
    ];
    for (const [path, text] of texts) {
      for (let at = 0; at <= text.length; at++) expect(() => exportedDeclarations(text.slice(0, at), path)).not.toThrow();
      for (let at = 0; at <= text.length; at++) expect(() => exportedDeclarations(text.slice(at), path)).not.toThrow();
    }
  });
});
