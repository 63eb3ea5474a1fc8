/** Tests of Go and Rust: functions with a body in braces. */
import { Counter, type Masking, brackets, goMasking, masked, rustMasking } from "./masked.ts";
import type { TestItem, TestProfile } from "./profile.ts";

interface Language {
  readonly masking: Masking;
  /** The head of a function, with its name. */
  readonly heads: RegExp;
  /** By what stands in the lines above it. */
  readonly isTest: (above: string) => boolean;
  readonly checks: RegExp;
  readonly trivial: RegExp;
  readonly slight: RegExp;
  readonly skipped: RegExp;
  readonly swallowed: RegExp;
}

const go: Language = {
  masking: goMasking,
  heads: /^func[ \t]+((?:Test|Fuzz|Example)\w*)[ \t]*\([^)\n]*\)[^{\n]*(?=\{)/gm,
  isTest: () => true,
  checks: /\bt\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\s*\(|\b(?:assert|require|is|qt|cmp)\.\w+\s*\(/g,
  trivial: /\b(?:assert|require)\.True\s*\(\s*t\s*,\s*true\s*[,)]/g,
  slight: /\b(?:assert|require)\.(?:True|NotNil|NotEmpty|NoError)\s*\(/g,
  skipped: /\b[tb]\.(Skip\w*)\s*\(/,
  swallowed: /\brecover\s*\(\s*\)/g,
};

const rust: Language = {
  masking: rustMasking,
  heads: /^[ \t]*(?:pub[ \t]+)?(?:async[ \t]+)?fn[ \t]+(\w+)[^{;\n]*(?=\{)/gm,
  isTest: (above) => /#\[(?:\w+::)*(?:test|rstest)\b/.test(above),
  checks: /\b(?:debug_)?assert(?:_\w+)?!\s*\(|\bpanic!\s*\(|\.unwrap_err\s*\(/g,
  trivial: /\bassert!\s*\(\s*true\s*[,)]/g,
  slight: /\bassert!\s*\(\s*\w[\w.]*\.is_(?:some|ok|err|none)\s*\(\s*\)/g,
  skipped: /#\[(ignore)\b/,
  swallowed: /\bcatch_unwind\b/g,
};

export const goTests = (text: string): TestProfile => profile(text, go);
export const rustTests = (text: string): TestProfile => profile(text, rust);

function profile(text: string, language: Language): TestProfile {
  const code = masked(text, language.masking);
  const behind = brackets(code);
  const counter = new Counter();
  const items: TestItem[] = [];
  for (const head of code.matchAll(language.heads)) {
    const [whole, name = ""] = head;
    const above = attributes(code, head.index);
    if (!language.isTest(above)) continue;
    const open = head.index + whole.length;
    const body = code.slice(open, behind(open));
    const idle = counter.count(body, language.trivial);
    const found = counter.count(body, language.checks) - idle;
    const skipped = (language.skipped.exec(above) ?? language.skipped.exec(body))?.[1];
    items.push({
      ...{ kind: "test", name, only: false, checks: found, swallowed: counter.count(body, language.swallowed) },
      ...(skipped !== undefined && { skipped }),
      strength: 3 * found - 2 * Math.max(0, counter.count(body, language.slight) - idle),
      empty: /^\{\s*\}$/.test(body),
    });
  }
  return { items, leniencies: [] };
}

/** The lines right above that begin with `#[`, a dozen at most. */
function attributes(code: string, at: number): string {
  let from = at;
  for (let line = 0; line < 12 && from > 0; line++) {
    const begin = code.lastIndexOf("\n", from - 2) + 1;
    if (!/^\s*#\[/.test(code.slice(begin, from))) break;
    from = begin;
  }
  return code.slice(from, at);
}
