/** A workflow with a model of its own, and what a change of the model costs, on a real session with a scripted model. */
import fs from "node:fs";
import path from "node:path";
import type { EventOf } from "@twolane/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { type StageOptions, type WorkflowStage, openWorkflowStage } from "./workflow-stage.ts";

let stage: WorkflowStage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
async function open(config: object): Promise<WorkflowStage> {
  stage = await openWorkflowStage({
    files: { "src/price.js": "export const total = (items) => items.length;\n" },
    answers: [{ reply: [{ text: "src/price.js:1 [note] fine\n" }] }] satisfies StageOptions["answers"],
    config,
  });
  fs.writeFileSync(path.join(stage.root, "src/price.js"), "export const total = (items) => items.size;\n");
  return stage;
}
const modelsAsked = ({ sim }: WorkflowStage): readonly unknown[] =>
  sim.requests
    .filter(({ body }) => body?.["generate"] !== false && body?.["input"] !== undefined)
    .map(({ body }) => body?.["model"]);
const notices = ({ events }: WorkflowStage, code: string): readonly string[] =>
  events.flatMap((event) => (event.type === "notice.given" && event.code === code ? [event.message] : []));
const changes = ({ events }: WorkflowStage): readonly string[] =>
  events.filter((event): event is EventOf<"model.changed"> => event.type === "model.changed").map(({ model }) => model);

describe("a workflow with a model of its own", () => {
  it("begins with it, and the session goes back behind it; each change says what it costs", async () => {
    const of = await open({ workflows: { review: { model: "sim/reviewer" } } });
    of.send({ type: "prompt", text: "hello" });
    await of.event("turn.ended");
    of.send({ type: "workflow.start", workflow: "review", text: "" });
    await of.event("workflow.ended");
    await of.event("model.changed", 3);
    await of.session.idle();
    of.send({ type: "prompt", text: "hello again" });
    await of.event("turn.ended", 3);
    expect(modelsAsked(of)).toEqual(["scripted", "reviewer", "scripted"]);
    expect(changes(of)).toEqual(["sim/scripted", "sim/reviewer", "sim/scripted"]);
    const said = notices(of, "MODEL_SWITCHED");
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(
      /^What sim\/scripted had cached is left behind: about [\dk]+ tokens go anew to sim\/reviewer, \d+ % of its window/,
    );
  });

  it("goes on with the model that is there where its own cannot be opened", async () => {
    const of = await open({ workflows: { review: { model: "groq/none" } } });
    of.send({ type: "workflow.start", workflow: "review", text: "" });
    await of.event("workflow.ended");
    expect(modelsAsked(of)).toEqual(["scripted"]);
    expect(notices(of, "KEY_MISSING")).toHaveLength(1);
    expect(notices(of, "MODEL_SWITCHED")).toEqual([]);
  });
});
