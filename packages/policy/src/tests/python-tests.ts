/** Tests of Python: pytest and unittest, by indentation. */
import { Counter, masked, pythonMasking } from "./masked.ts";
import type { Leniency, TestItem, TestProfile } from "./profile.ts";

const head = /^([ \t]*)(?:async[ \t]+)?(def|class)[ \t]+(\w+)/;
const checks =
  /^[ \t]*assert\b|\bself\.(?:assert\w+|fail)\s*\(|\bpytest\.(?:raises|warns|fail|approx)\b|\bnp\.testing\.\w+|\bassert_\w+\s*\(|\.assert_\w+\s*\(/gm;
const trivial = /^[ \t]*assert\s+(?:True|1|not\s+False)\s*(?:,[^\n]*)?$|\bself\.assertTrue\s*\(\s*True\s*\)/gm;
const slight =
  /^[ \t]*assert\s+[\w.()[\]]+\s*$|^[ \t]*assert\s+[\w.]+\s+is\s+not\s+None\s*$|\bself\.assert(?:True|IsNotNone|Truthy)\s*\(/gm;
const swallowing = /\bexcept\b[^\n]*:\s*(?:\n[ \t]*)?(?:pass\b|return\b|continue\b|\.\.\.)|\bcontextlib\.suppress\s*\(/g;
const marks = /@(?:pytest\.mark\.)?((?:unittest\.)?(?:skip\w*|xfail|expectedFailure)|flaky)\b/;
const leaving = /\b(?:pytest|self)\.(skip|xfail|skipTest|importorskip)\s*\(/;

export function pythonTests(text: string): TestProfile {
  const code = masked(text, pythonMasking);
  const lines = code.split("\n");
  const counter = new Counter();
  const items: TestItem[] = [];
  const inTests = new Set<number>();
  for (const [at, line] of lines.entries()) {
    const [, indent = "", kind, name = ""] = head.exec(line) ?? [];
    const isTest = kind === "def" && name.startsWith("test");
    if (!isTest && !(kind === "class" && /^Test|Tests?$|TestCase\b/.test(line.trim().replace(/^class\s+/, "")))) continue;
    // A class is looked at for its name and what stands above it.
    const body = isTest ? bodyOf(lines, at, indent.length) : "";
    const above = decorators(lines, at);
    if (isTest) {
      const [first, rows] = [at - above.split("\n").length, body.split("\n").length];
      for (let row = above === "" ? at : first; row <= at + rows; row++) inTests.add(row);
    }
    items.push({
      ...itemOf({ isTest, name, body, above, counter }),
      leniencies: isTest ? lenienciesIn(`${above}\n${body}`) : [],
    });
  }
  return { items, leniencies: lenienciesIn(lines.filter((_, at) => !inTests.has(at)).join("\n")) };
}

/** What is indented further, blank lines and open brackets included, without the head. */
function bodyOf(lines: readonly string[], at: number, indent: number): string {
  let end = at + 1;
  for (; end < lines.length; end++) {
    const line = lines[end] ?? "";
    if (line.trim() !== "" && line.length - line.trimStart().length <= indent && !/^\s*[)\]}]/.test(line)) break;
  }
  return lines.slice(at + 1, end).join("\n");
}

/** The decorators over a definition. */
function decorators(lines: readonly string[], at: number): string {
  let from = at;
  while (from > 0 && at - from < 30 && /^\s*(?:@|[)\]},"']|[\w.]+\s*[=,(])/.test(lines[from - 1] ?? "")) from--;
  return lines.slice(from, at).join("\n");
}

interface Definition {
  readonly isTest: boolean;
  readonly name: string;
  readonly body: string;
  readonly above: string;
  readonly counter: Counter;
}

function itemOf({ isTest, name, body, above, counter }: Definition): TestItem {
  const mark = marks.exec(above)?.[1];
  const skipped = mark === "flaky" ? undefined : (mark ?? (isTest ? leaving.exec(body)?.[1] : undefined));
  const idle = counter.count(body, trivial);
  const found = Math.max(0, counter.count(body, checks) - idle);
  return {
    kind: isTest ? "test" : "group",
    name,
    ...(skipped !== undefined && { skipped }),
    only: false,
    checks: isTest ? found : 0,
    strength: isTest ? 3 * found - 2 * Math.max(0, counter.count(body, slight) - idle) : 0,
    swallowed: isTest ? counter.count(body, swallowing) : 0,
    empty: isTest && /^(?:pass|return|\.\.\.|"""\s*""")?$/.test(body.trim()),
  };
}

const settings: readonly { readonly what: Leniency["what"]; readonly form: RegExp; readonly sign: 1 | -1 }[] = [
  { what: "timeout", sign: 1, form: /\bpytest\.mark\.timeout\s*\(\s*(?:timeout\s*=\s*)?([\d_.]+)/g },
  { what: "tolerance", sign: 1, form: /\b(?:rel|abs|rtol|atol|delta|rel_tol|abs_tol|tolerance|eps|epsilon)\s*=\s*([\d.e-]+)/g },
  { what: "tolerance", sign: -1, form: /\b(?:places|decimal|significant)\s*=\s*(\d+)/g },
  { what: "retries", sign: 1, form: /\b(?:reruns|max_runs|retries)\s*=\s*(\d+)/g },
];

function lenienciesIn(code: string): readonly Leniency[] {
  return settings.flatMap(({ what, form, sign }) =>
    [...code.matchAll(form)].flatMap(([written, number = ""]) => {
      const value = Number(number.replaceAll("_", ""));
      return Number.isNaN(value) ? [] : [{ what, value: sign * value, written }];
    }),
  );
}
