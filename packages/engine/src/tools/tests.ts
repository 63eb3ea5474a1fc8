/** Runs the tests and tells a model what they said. Which tests there are and how they run is decided behind it. */
import type { Evidence } from "@twolane/protocol";
import description from "./tests.md";
import { type Tool, parseArguments, refused } from "./tools.ts";

export type TestsAnswer = { readonly evidence: Evidence } | { readonly untested: string };

export function testsTool(run: (scope: "impacted" | "whole", signal: AbortSignal) => Promise<TestsAnswer>): Tool {
  return {
    definition: {
      name: "tests",
      description: description.trim(),
      freeform: false,
      parameters: { type: "object", properties: { scope: { type: "string", enum: ["impacted", "all"] } } },
    },
    describe: (input) => (isWhole(input) ? "all tests" : "the tests that the changes reach"),
    async run(input, signal) {
      const answer = await run(isWhole(input) ? "whole" : "impacted", signal);
      if ("untested" in answer) return refused(`No tests ran: ${answer.untested}.`);
      const text = evidenceText(answer.evidence);
      return { ok: answer.evidence.outcome === "passed", text, summary: text.split("\n", 1)[0] ?? "" };
    },
  };
}

function isWhole(input: string): boolean {
  const call = parseArguments(input);
  return typeof call !== "string" && call.text("scope") === "all";
}

function evidenceText({ counts, outcome, failure }: Evidence): string {
  const head = `${outcome}: ${counts.failed} failed, ${counts.passed} passed, ${counts.skipped} skipped`;
  if (failure === undefined) return head;
  const place = failure.line === undefined ? failure.path : `${failure.path}:${failure.line}`;
  return `${head}\nThe first: ${place} ${failure.name}\n${failure.message}`;
}
