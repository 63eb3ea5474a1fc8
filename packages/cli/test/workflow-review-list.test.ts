/** Review in a real pty with a scripted model: remarks in the list of hunks, a fix by a key, and stopped while it reads. */
import { afterEach, describe, expect, it } from "vitest";
import { type Answers, type WorkflowScreen, answer, openWorkflowScreen, shows } from "./workflow-screen.ts";

const files = { "src/price.js": "export const total = (items) => items.length;\n" };
const changedText = "export const total = (items) => items.map((item) => item.price);\n";
const remarks = "src/price.js:1 [must] gives a list, not a sum\nsrc/price.js:1 [note] no types\n";
const fix: Answers[number] = {
  when: { prompt: "^A reviewer says of src/price.js, line 1: gives a list" },
  reply: [
    {
      call: {
        name: ["edit"],
        input: `*** Begin Patch\n*** Update File: src/price.js\n@@\n-${changedText}+export const total = (items) => items.reduce((sum, item) => sum + item.price, 0);\n*** End Patch\n`,
      },
    },
    { text: "It is a sum now." },
  ],
};

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

describe("review on the screen", () => {
  it("puts remarks into the list, mends one by a key and puts the other away", async () => {
    stage = await openWorkflowScreen(files, [fix, { reply: [{ text: remarks }] }]);
    const { sandbox } = stage;
    sandbox.write("src/price.js", changedText);
    const screen = await stage.open();
    screen.write("/review all\r");
    await screen.until(shows("✓ review done"), { timeout: 20_000 });
    expect(screen.scrollback().join("\n")).toContain("must src/price.js:1  gives a list, not a sum");
    expect(
      screen
        .scrollback()
        .join("\n")
        .match(/gives a list, not a sum/g),
    ).toHaveLength(1);
    screen.press("tab");
    await screen.until("2 remarks");
    await answer(screen, "f");
    await screen.until(() => sandbox.read("src/price.js").includes("reduce"), { timeout: 20_000 });
    await screen.until("a fix was asked for");
    expect(stage.changed()).toBe("M src/price.js");
    await screen.until("It is a sum now.");
    screen.press("j");
    await answer(screen, "n");
    await screen.until("1 remark");
  }, 60_000);

  it("changes nothing where it is stopped while it reads, whatever the model does", async () => {
    const reading = [{ text: remarks }, { repeat: 400, steps: [{ text: "word " }] }];
    stage = await openWorkflowScreen(files, [{ reply: reading, pace: { tokensPerSecond: 100 } }]);
    stage.sandbox.write("src/price.js", changedText);
    const screen = await stage.open();
    screen.write("/review all\r");
    await screen.until("word word", { timeout: 20_000 });
    screen.press("ctrl-c");
    await screen.until(shows("■ review stopped"), { timeout: 20_000 });
    expect(stage.sandbox.read("src/price.js")).toBe(changedText);
    screen.press("tab");
    await screen.until("2 remarks");
  }, 60_000);
});
