/** What the simulated model says in a course: one answer for each request that a person makes, and those of a job. Pure. */
import type { ScenarioInput } from "@twolane/responses/sim";
import { type Course, closingText } from "./course.ts";
import { bytesPerToken } from "./change.ts";

/** What is typed at the act of this number, or to the deep lane; the words only tell the model's answers apart. */
export const wordsFor = (act: number | "job"): string => `make the change that is wanted (${act})`;

type Answers = ScenarioInput["answers"];

const edits = (patch: string): Answers[number]["reply"] => [{ call: { name: "edit", input: patch } }, { text: closingText }];

export function scenarioOf({ acts }: Course): ScenarioInput {
  const ofSession = acts.flatMap((act, index): Answers => {
    if (!("stream" in act)) return [];
    const { answer, cutAt } = act.stream;
    const hold = cutAt !== undefined && { fault: { kind: "hold", atToken: cutAt } as const };
    return [{ when: { prompt: `\\(${index}\\)` }, reply: edits(answer.patch), ...hold }];
  });
  const ofJob = acts.flatMap((act): Answers => {
    if (act.act !== "hand") return [];
    const { plan, answer, mend, report } = act.job;
    return [
      { when: { prompt: "Goal: " }, reply: [{ text: plan }] },
      { when: { prompt: "Do step 1 of" }, reply: edits(answer.patch) },
      { when: { prompt: "Mend the cause" }, reply: mend === undefined ? [{ text: closingText }] : edits(mend.patch) },
      { when: { prompt: "Write the report" }, reply: [{ text: report }] },
    ];
  });
  // A brief repeats what was asked before, so a job's come first.
  const answers = [...ofJob, ...ofSession];
  return { defaults: { ttftMs: 0, tokensPerSecond: 0, chunk: { unit: "bytes", size: bytesPerToken } }, answers };
}
