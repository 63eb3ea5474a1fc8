/**
 * What a person said yes to in the loop, kept for the gate at commit, so that it is not asked again for the same bytes. In the state
 * folder, outside of the repository: nothing that a change brings can say yes to itself. CI knows nothing of it.
 *
 * A yes is to a rule and what it was about, at a path, for these lines; each is kept as a hash. One changed byte in one of them, and it
 * is asked again.
 */
import path from "node:path";
import type { HunkFacts, Refusal } from "@twolane/policy";
import { appendTextNow, readTextNow, writeTextNow } from "../../host/user-files.ts";
import { sha256 } from "../../std/hash.ts";

/** What it was said to. */
export interface YesTo {
  readonly refusal: Pick<Refusal, "rule" | "subject">;
  readonly hunk: Pick<HunkFacts, "operation" | "path" | "movedTo" | "added" | "removed">;
}

export interface LocalYeses {
  /** `subject` and all lines of the hunk were said yes to under this rule. */
  cover(yes: YesTo): boolean;
}

interface YesLine {
  readonly at: number;
  readonly rule: string;
  readonly subject: string;
  readonly path: string;
  readonly lines: readonly string[];
}

/** Asked with it, whatever the rule was about counts; no subject has a control character in it. */
export const anySubject = "\0any";

const fileName = "yeses.jsonl";
/** Bytes; then the older half goes. */
const fileLimit = 4 * 1024 * 1024;
const keptMs = 30 * 24 * 3600 * 1000;

/** Throws system errors. `folder`: the workspace's state folder; `at`: ms since 1970. */
export function recordYes(folder: string, { refusal, hunk }: YesTo, at: number): void {
  const file = path.join(folder, fileName);
  const old = readTextNow(file);
  if (old !== undefined && old.length > fileLimit) writeTextNow(file, old.slice(old.indexOf("\n", old.length / 2) + 1));
  const line: YesLine = { at, ...nameOf({ refusal, hunk }), lines: hashesOf(hunk) };
  appendTextNow(file, `${JSON.stringify(line)}\n`);
}

export function readYeses(folder: string, now: number): LocalYeses {
  const known = new Map<string, Set<string>>();
  for (const yes of (readTextNow(path.join(folder, fileName)) ?? "").split("\n").flatMap(parse)) {
    if (now - yes.at > keptMs) continue;
    for (const key of [keyOf(yes), keyOf({ ...yes, subject: anySubject })]) {
      const lines = known.get(key) ?? new Set();
      known.set(key, lines);
      for (const line of yes.lines) lines.add(line);
    }
  }
  return {
    cover(yes) {
      const lines = known.get(keyOf(nameOf(yes)));
      return lines !== undefined && hashesOf(yes.hunk).every((line) => lines.has(line));
    },
  };
}

export const noYeses: LocalYeses = { cover: () => false };

const nameOf = ({ refusal, hunk }: YesTo): Pick<YesLine, "rule" | "subject" | "path"> => ({
  rule: refusal.rule,
  subject: refusal.subject ?? hunk.movedTo ?? hunk.path,
  path: hunk.movedTo ?? hunk.path,
});

const keyOf = ({ rule, subject, path: name }: Pick<YesLine, "rule" | "subject" | "path">): string =>
  JSON.stringify([rule, subject, name]);

/** Without lines it is the file as a whole that comes, goes or moves. */
function hashesOf({ operation, path: name, movedTo = name, added, removed }: YesTo["hunk"]): readonly string[] {
  const lines = [...added.map((line) => `+${line}`), ...removed.map((line) => `-${line}`)];
  const said = lines.length > 0 ? new Set(lines) : [`=${operation} ${name} ${movedTo}`];
  return [...said].map((line) => sha256(line).slice(0, 24));
}

/** Damaged lines count for nothing. */
function parse(line: string): YesLine[] {
  try {
    const value: Partial<YesLine> | null = JSON.parse(line);
    const { at, rule, subject, path: name, lines } = value ?? {};
    if (typeof at !== "number" || typeof rule !== "string" || typeof subject !== "string") return [];
    if (typeof name !== "string" || !Array.isArray(lines)) return [];
    return [{ at, rule, subject, path: name, lines: lines.filter((each) => typeof each === "string") }];
  } catch {
    return [];
  }
}
