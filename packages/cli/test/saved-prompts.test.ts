/** `twolane run --prompt NAME`: what is sent, what is on disk, the exit status. */
import { afterEach, describe, expect, it } from "vitest";
import { type Answers, type WorkflowScreen, openWorkflowScreen } from "./workflow-screen.ts";

const files = {
  "src/add.js": "export const twice = (a) => a + a;\n",
  ".twolane/prompts/double.md":
    "---\nobjective: Doubling multiplies\nconstraints: [only src/]\noutput: edits\n---\nMultiply in $ARGUMENTS.\n",
  ".twolane/prompts/wrong.md": "---\nlane: slow\n---\nx\n",
};
const answers: Answers = [
  {
    when: {
      prompt:
        "^Objective: Doubling multiplies\\n\\nMultiply in src/add.js\\.\\n\\nConstraints: only src/\\.\\n\\nOutput: the edits",
    },
    reply: [
      {
        call: {
          name: ["edit"],
          input:
            "*** Begin Patch\n*** Update File: src/add.js\n@@\n-export const twice = (a) => a + a;\n+export const twice = (a) => a * 2;\n*** End Patch\n",
        },
      },
      { text: "Done." },
    ],
  },
  { reply: [{ text: "I do not know that." }] },
];

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

describe("twolane run --prompt", () => {
  it("sends the team's prompt with the words in their place", async () => {
    stage = await openWorkflowScreen(files, answers);
    const { sandbox, env, changed } = stage;
    const { status } = await sandbox.run(["run", "-m", "sim/scripted", "--prompt", "double", "src/add.js"], { env });
    expect([status, changed()]).toEqual([0, "M src/add.js"]);
  }, 60_000);

  it.each([
    ["wrong", ".twolane/prompts/wrong.md:2: `lane` is none of fast."],
    ["nothing", 'There is no prompt "nothing"'],
  ])(
    "refuses %s in one line, with a status of its own",
    async (name, said) => {
      stage = await openWorkflowScreen(files, answers);
      const { sandbox, env } = stage;
      const { status, stderr } = await sandbox.run(["run", "-m", "sim/scripted", "--prompt", name], { env });
      expect(stderr).toContain(said);
      expect(status).toBe(2);
    },
    60_000,
  );
});

describe("a prompt of the team in the terminal", () => {
  it("is offered behind the slash, sent by its name, and said to be missing where it is", async () => {
    stage = await openWorkflowScreen(files, answers);
    const { sandbox } = stage;
    const screen = await stage.open();
    screen.write("/dou");
    await screen.until("/double  what: Doubling multiplies");
    screen.write("ble src/add.js\r");
    await screen.until(() => sandbox.read("src/add.js").includes("a * 2"), { timeout: 20_000 });
    screen.write("/trouble\r");
    await screen.until("There is no command /trouble.");
  }, 40_000);
});
