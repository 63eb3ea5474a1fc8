/** A team's own prompt: a text with a few keys in front of it → what it asks for, or everything that is wrong with it, with line and cure. */
import type { Constraint } from "@twolane/protocol";
import { LineCounter, type Pair, isMap, isScalar, isSeq, parseDocument } from "yaml";
import { constraintsIn } from "../constraints/constraints-in.ts";
import { type PolicyProblem, textProblem } from "./problems.ts";

/** `plan`: a plan of at most three bullets, then edits. `answer`: words, no edits. */
export const promptOutputs = ["plan", "edits", "answer"] as const;

export interface PromptFile {
  /** One sentence; may be empty. */
  readonly objective: string;
  readonly constraints: readonly Constraint[];
  readonly output: (typeof promptOutputs)[number];
  /** With `$ARGUMENTS` where what is typed behind its name goes. */
  readonly body: string;
}

export type ReadPrompt =
  | { readonly ok: true; readonly prompt: PromptFile }
  /** In the order of the lines; at least one. */
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

const longest = 64 * 1024;
const keys = ["objective", "constraints", "lane", "output"] as const;
/** Those that this version has. */
const lanes: readonly string[] = ["fast"];

export function readPrompt(text: string): ReadPrompt {
  if (text.length > longest) return refused([{ line: 1, message: "it is longer than 64 KB", cure: "Shorten it." }]);
  const plain = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  if (!/^---[ \t]*\n/.test(plain)) return bodyAlone(plain);
  const head = plain.slice(plain.indexOf("\n") + 1);
  const end = /^---[ \t]*(?:\n|$)/m.exec(head);
  if (end === null) return refused([{ line: 1, message: "the keys do not end", cure: "Close them with a line of `---`." }]);
  const body = head.slice(end.index + end[0].length).trim();
  const problems: PolicyProblem[] = [];
  const found = readKeys(head.slice(0, end.index), problems);
  const bodyLine = plain.slice(0, plain.length - head.length + end.index).split("\n").length + 1;
  if (body === "") problems.push({ line: bodyLine, message: "there is no text", cure: "Write the prompt below the keys." });
  return problems.length > 0 ? refused(problems) : { ok: true, prompt: { ...found, body } };
}

function bodyAlone(text: string): ReadPrompt {
  const body = text.trim();
  if (body === "") return refused([{ line: 1, message: "it is empty", cure: "Write the prompt into it." }]);
  return { ok: true, prompt: { objective: "", constraints: [], output: "plan", body } };
}

const refused = (problems: readonly PolicyProblem[]): ReadPrompt => ({
  ok: false,
  problems: problems.toSorted((a, b) => a.line - b.line),
});

type Keys = Omit<PromptFile, "body">;

function readKeys(text: string, problems: PolicyProblem[]): Keys {
  const none: Keys = { objective: "", constraints: [], output: "plan" };
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: true, stringKeys: true });
  // The first line is the one that opens the keys.
  const faults = [...document.errors, ...document.warnings].map(textProblem).map((one) => ({ ...one, line: one.line + 1 }));
  if (faults.length > 0) {
    problems.push(...faults);
    return none;
  }
  const { contents } = document;
  if (contents === null) return none;
  if (!isMap(contents)) {
    problems.push({ line: 2, message: "these are no keys", cure: `Known here: ${keys.join(", ")}.` });
    return none;
  }
  const lineOf = (node: unknown): number => {
    const offset = isScalar(node) || isMap(node) || isSeq(node) ? (node.range?.[0] ?? 0) : 0;
    return counter.linePos(offset).line + 1;
  };
  return contents.items.reduce((read, pair) => ({ ...read, ...valueOf(pair, { lineOf, problems }) }), none);
}

interface Place {
  readonly lineOf: (node: unknown) => number;
  readonly problems: PolicyProblem[];
}

function valueOf({ key, value }: Pair, { lineOf, problems }: Place): Partial<Keys> {
  const name = isScalar(key) ? String(key.value) : "";
  const line = lineOf(key);
  const wrong = (message: string, cure: string, at = line): Partial<Keys> => {
    problems.push({ line: at, message, cure });
    return {};
  };
  const word = isScalar(value) && typeof value.value === "string" ? value.value.trim() : undefined;
  switch (name) {
    case "objective":
      return word === undefined
        ? wrong("`objective` must be text", "Say in one sentence what is to be reached.")
        : { objective: word };
    case "lane":
      return word !== undefined && lanes.includes(word)
        ? {}
        : wrong(`\`lane\` is none of ${lanes.join(", ")}`, "Write one of them, or leave it out.");
    case "output": {
      const output = promptOutputs.find((one) => one === word);
      return output === undefined ? wrong(`\`output\` is none of ${promptOutputs.join(", ")}`, "Write one of them.") : { output };
    }
    case "constraints": {
      const items = isSeq(value) ? value.items : [value];
      const found = items.flatMap((item) => {
        const said = isScalar(item) && typeof item.value === "string" ? constraintsIn(item.value) : [];
        if (said.length === 0)
          wrong(
            isScalar(item)
              ? `\`${String(item.value)}\` is no demand that can be held to`
              : "`constraints` must be a list of texts",
            "Say it plainly, e.g. `only src/api/`, `no new dependencies`, `tests unchanged`, `at most 40 lines`.",
            lineOf(item),
          );
        return said;
      });
      return { constraints: found };
    }
    default:
      return wrong(`\`${name}\` is no key of a prompt`, `Known here: ${keys.join(", ")}.`);
  }
}
