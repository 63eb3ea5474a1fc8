/** The workflow that runs, as the screen knows it: where it stands and what it asks. A fold, and the words of its questions. */
import type { EventOf, TwolaneEvent, WorkflowChoice, WorkflowDetail, WorkflowName } from "@twolane/protocol";

export type WorkflowQuestion = Pick<EventOf<"workflow.asked">, "question" | "detail" | "choices">;

export interface WorkflowInSight {
  readonly name: WorkflowName;
  /** Empty before its first one. */
  readonly stage: string;
  readonly step?: number;
  readonly of?: number;
  readonly testing: boolean;
  /** It waits for a person. */
  readonly asked?: WorkflowQuestion;
}

/** The same object where nothing changes. */
export function reduceWorkflow(before: WorkflowInSight | undefined, event: TwolaneEvent): WorkflowInSight | undefined {
  switch (event.type) {
    case "workflow.started":
      return { name: event.workflow, stage: "", testing: false };
    case "workflow.moved": {
      const { workflow, stage, step, of } = event;
      return { name: workflow, stage, testing: false, ...(step !== undefined && { step }), ...(of !== undefined && { of }) };
    }
    case "workflow.asked": {
      const { workflow, question, detail, choices } = event;
      return { stage: "", ...before, name: workflow, testing: false, asked: { question, detail, choices } };
    }
    case "workflow.answered": {
      if (before?.asked === undefined) return before;
      const { asked: _, ...rest } = before;
      return rest;
    }
    case "tests.started":
    case "tests.ended":
    case "tests.stopped": {
      const testing = event.type === "tests.started";
      return before === undefined || before.testing === testing ? before : { ...before, testing };
    }
    case "workflow.ended":
    case "session.started":
    case "session.resumed":
      return undefined;
    default:
      return before;
  }
}

/** `refactor 2/3 · tests` */
export function placeText({ name, stage, step, of, testing, asked }: WorkflowInSight): string {
  const count = step === undefined ? "" : ` ${step}${of === undefined ? "" : `/${of}`}`;
  const where = asked !== undefined ? "asks you" : testing ? "tests" : stage;
  return `${name}${count}${where === "" ? "" : asked === undefined ? ` · ${where}` : ` ${where}`}`;
}

/** The key of each choice: its answer where that is one character, else the first of its letters that no other one has, else its number. */
export function choiceKeys(choices: readonly WorkflowChoice[]): readonly string[] {
  const taken = new Set(choices.map(({ answer }) => answer).filter((answer) => answer.length === 1));
  return choices.map(({ answer }, index) => {
    if (answer.length === 1) return answer;
    const key = (answer.toLowerCase().match(/[a-z]/g) ?? []).find((letter) => !taken.has(letter)) ?? String(index + 1);
    taken.add(key);
    return key;
  });
}

/** By its key, its whole answer, or its number where that is no key. */
export function choiceFor({ choices }: WorkflowQuestion, typed: string): WorkflowChoice | undefined {
  const wanted = typed.toLowerCase();
  const keys = choiceKeys(choices);
  const found = choices.findIndex(({ answer }, index) => keys[index] === wanted || answer.toLowerCase() === wanted);
  return choices[found] ?? (/^[1-9]$/.test(wanted) ? choices[Number(wanted) - 1] : undefined);
}

/** What a question is about, as text that can be changed and is understood again; empty where the words are the person's own. */
export function editableText(detail: WorkflowDetail): string {
  switch (detail.kind) {
    case "plan":
      return detail.steps
        .map(({ title, files, risk }, index) => {
          const parts = [...(files.length > 0 ? [files.join(", ")] : []), title, ...(risk === "" ? [] : [`risk: ${risk}`])];
          return `${index + 1}. ${parts.join(" — ")}`;
        })
        .join("\n");
    case "tree":
      return detail.files.map(({ path, purpose }) => (purpose === "" ? path : `${path} — ${purpose}`)).join("\n");
    case "causes":
    case "text":
      return "";
  }
}
