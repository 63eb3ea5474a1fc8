/** What a prompt file says, and what is wrong with it: with its line and its cure. */
import { describe, expect, it } from "vitest";
import { readPrompt } from "./read-prompt.ts";

const wrong = (text: string): readonly string[] => {
  const read = readPrompt(text);
  return read.ok ? [] : read.problems.map(({ line, message }) => `${line}: ${message}`);
};

describe("a prompt file", () => {
  it("has keys and a text", () => {
    const text =
      "---\nobjective: One error type for all of the API\nconstraints:\n  - only src/api/\n  - no new dependencies\nlane: fast\noutput: edits\n---\n\nUse ApiError in $ARGUMENTS.\n";
    expect(readPrompt(text)).toEqual({
      ok: true,
      prompt: {
        objective: "One error type for all of the API",
        constraints: [{ kind: "only", paths: ["src/api/"] }, { kind: "no-dependencies" }],
        output: "edits",
        body: "Use ApiError in $ARGUMENTS.",
      },
    });
  });

  it("may be text alone, with any line endings, and a rule in it", () => {
    expect(readPrompt("Explain $ARGUMENTS.\r\n\r\n---\r\n")).toMatchObject({
      ok: true,
      prompt: { body: "Explain $ARGUMENTS.\n\n---" },
    });
    expect(readPrompt("---\r\noutput: answer\r\n---\r\nExplain it.")).toMatchObject({ ok: true, prompt: { output: "answer" } });
    expect(readPrompt("---\n---\nExplain it.")).toMatchObject({ ok: true, prompt: { output: "plan" } });
  });

  it("takes one demand without a list", () => {
    expect(readPrompt("---\nconstraints: tests unchanged\n---\nx")).toMatchObject({
      prompt: { constraints: [{ kind: "tests-unchanged" }] },
    });
  });

  it.each([
    ["", ["1: it is empty"]],
    ["---\noutput: plan\n", ["1: the keys do not end"]],
    ["---\noutput: plan\n---\n\n", ["4: there is no text"]],
    ["---\nmodel: x\ntools: y\n---\nx", ["2: `model` is no key of a prompt", "3: `tools` is no key of a prompt"]],
    ["---\nobjective: [a]\n---\nx", ["2: `objective` must be text"]],
    ["---\nlane: deep\n---\nx", ["2: `lane` is none of fast"]],
    ["---\noutput: poem\n---\nx", ["2: `output` is none of plan, edits, answer"]],
    ["---\nconstraints:\n  - only src/\n  - be nice\n---\nx", ["4: `be nice` is no demand that can be held to"]],
    ["---\nconstraints: 3\n---\nx", ["2: `3` is no demand that can be held to"]],
    ["---\noutput: plan\noutput: edits\n---\nx", ["3: the same key stands here twice"]],
    ["---\n- a\n---\nx", ["2: these are no keys"]],
    [`x${" ".repeat(70_000)}`, ["1: it is longer than 64 KB"]],
  ])("%j is refused", (text, problems) => expect(wrong(text)).toEqual(problems));
});
