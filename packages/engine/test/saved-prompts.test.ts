/** A team's own prompts: listed, built into requests, and held to what they demand. */
import fs from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Answers, type WorkflowStage, lineEdit, openWorkflowStage } from "./workflow-stage.ts";

const files = {
  "src/api/a.js": "export const a = 1;\n",
  "src/b.js": "export const b = 1;\n",
  ".twolane/prompts/errors.md":
    "---\nobjective: One error type for all of the API\nconstraints: [only src/api/]\n---\nUse ApiError in $ARGUMENTS.\n",
  ".twolane/prompts/explain.md": "---\noutput: answer\n---\n# Explain it\n\nto somebody new\n",
  ".twolane/prompts/wrong.md": "---\nmodel: x\n---\nDo it.\n",
  ".twolane/prompts/Not A Name.md": "x",
  ".twolane/prompts/other.txt": "x",
};

let stage: WorkflowStage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (answers: Answers): Promise<WorkflowStage> =>
  (stage = await openWorkflowStage({ files, answers, trust: false }));
const edits: Answers = [
  {
    when: { prompt: "." },
    reply: [
      ...lineEdit("src/api/a.js", "export const a = 1;", "export const a = 2;"),
      ...lineEdit("src/b.js", "export const b = 1;", "export const b = 2;"),
    ],
  },
  { reply: [{ text: "Done." }] },
];

describe("saved prompts", () => {
  it("are listed without trust, with what is wrong with them", async () => {
    const { session } = await open(edits);
    expect(await session.prompts()).toEqual([
      { name: "errors", objective: "One error type for all of the API", takesText: true },
      { name: "explain", objective: "Explain it", takesText: false },
      {
        ...{ name: "wrong", objective: "", takesText: false },
        problem: ".twolane/prompts/wrong.md:2: `model` is no key of a prompt. Known here: objective, constraints, lane, output.",
      },
    ]);
  });

  it("become a request in one pattern, and hold what they demand", async () => {
    const { send, session, sim, event, events, text } = await open(edits);
    send({ type: "prompt.saved", name: "errors", text: "all handlers, no new dependencies" });
    await session.idle();
    const request = JSON.stringify(sim.requests);
    expect(request).toContain(
      "Objective: One error type for all of the API\\n\\nUse ApiError in all handlers, no new dependencies.\\n\\nConstraints: only src/api/; no new dependencies.\\n\\nOutput: a plan of at most three bullets, then the edits.",
    );
    expect((await event("turn.started")).prompt).toBe("/errors all handlers, no new dependencies");
    expect(text("src/api/a.js")).toContain("a = 2");
    expect(text("src/b.js")).toBe(files["src/b.js"]);
    expect(events.find((one) => one.type === "hunk.held")).toMatchObject({ verdict: { rule: "prompt:only" } });
  });

  it("that want an answer change nothing", async () => {
    const { send, session, text } = await open(edits);
    send({ type: "prompt.saved", name: "explain", text: "" });
    await session.idle();
    expect(text("src/api/a.js")).toBe(files["src/api/a.js"]);
  });

  it.each([
    ["wrong", "PROMPT_INVALID"],
    ["nothing", "PROMPT_MISSING"],
    ["../policy", "PROMPT_MISSING"],
  ])("that cannot be used are not sent: %s", async (name, code) => {
    const { send, session, event, events } = await open(edits);
    send({ type: "prompt.saved", name, text: "" });
    expect(await event("notice.given")).toMatchObject({ code });
    await session.idle();
    expect(events.some(({ type }) => type === "turn.started")).toBe(false);
    expect(await session.savedRequest(name, "")).toMatchObject({ ok: false, failure: { code } });
  });

  it("do not lead out of the workspace", async () => {
    const { session, root } = await open(edits);
    fs.writeFileSync(path.join(root, "../secret.md"), "secret");
    fs.symlinkSync("../../../secret.md", path.join(root, ".twolane/prompts/link.md"));
    expect(await session.savedRequest("link", "")).toMatchObject({ ok: false, failure: { code: "PATH_OUTSIDE" } });
  });
});
