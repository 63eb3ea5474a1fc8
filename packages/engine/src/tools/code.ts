/** Asks about code that a checker can read: outline, references, problems. Off unless the configuration names them; one tool a question. */
import type { CodeToolName } from "@twolane/protocol";
import type { CodeAnswer, CodeQuestion } from "../code/diagnostics/questions.ts";
import { cutToBytes } from "../std/text.ts";
import diagnostics from "./diagnostics.md";
import outline from "./outline.md";
import references from "./references.md";
import { type CallArguments, type Tool, parseArguments, refused } from "./tools.ts";

export interface CodeReader {
  /** Undefined: nothing here can say it. */
  readonly ask: (question: CodeQuestion) => Promise<CodeAnswer | undefined>;
  /** Whether what stands in a file may go to the model. */
  readonly mayTell: (path: string) => boolean;
}

const lineLimit = 200;
const byteLimit = 32 * 1024;

interface Words {
  readonly description: string;
  readonly needsName: boolean;
  readonly question: (path: string, call: CallArguments) => CodeQuestion;
  readonly none: string;
}

const words: Readonly<Record<CodeToolName, Words>> = {
  outline: {
    description: outline,
    needsName: false,
    question: (path) => ({ ask: "outline", path }),
    none: "It declares nothing.",
  },
  diagnostics: {
    description: diagnostics,
    needsName: false,
    question: (path) => ({ ask: "problems", path }),
    none: "No problems.",
  },
  references: {
    description: references,
    needsName: true,
    question: (path, call) => {
      const line = call.number("line");
      return { ask: "references", path, name: call.text("name") ?? "", ...(line !== undefined && { line }) };
    },
    none: "Nothing refers to it.",
  },
};

export function codeTool(name: CodeToolName, { ask, mayTell }: CodeReader): Tool {
  const { description, needsName, question, none } = words[name];
  const named = needsName ? { name: { type: "string" }, line: { type: "integer" } } : {};
  return {
    definition: {
      name,
      description: description.trim(),
      freeform: false,
      parameters: {
        type: "object",
        properties: { path: { type: "string" }, ...named },
        required: needsName ? ["path", "name"] : ["path"],
      },
    },
    describe(input) {
      const call = parseArguments(input);
      if (typeof call === "string") return name;
      return [name, ...(needsName ? [call.text("name") ?? "?", "in"] : []), call.text("path") ?? "?"].join(" ");
    },
    async run(input) {
      const call = parseArguments(input);
      if (typeof call === "string") return refused(call);
      const path = call.text("path")?.replace(/^\.\//, "");
      if (path === undefined || path === "") return refused("`path` is missing.");
      if (needsName && (call.text("name") ?? "") === "") return refused("`name` is missing.");
      if (!mayTell(path)) return refused(`${path} may not be read.`);
      const answer = await ask(question(path, call));
      if (answer === undefined) return refused("Nothing here can say that; use search and read.");
      if (typeof answer === "string") return refused(answer);
      const told = answer.filter((one) => mayTell(one.path));
      if (told.length === 0) return { ok: true, text: none, summary: none };
      const all = told.slice(0, lineLimit).map((one) => `${one.path}:${one.line} ${one.text}`);
      const kept = cutToBytes(all.join("\n"), byteLimit);
      const isCut = told.length > lineLimit || kept !== all.join("\n");
      return { ok: true, text: isCut ? `${kept}\n[cut; ${told.length} lines in all]` : kept, summary: `${told.length} lines` };
    },
  };
}
