/** `twolane review`: of a branch, of what is staged, of a diff on standard input; what is printed, JSON for CI, the exit status. */
import { afterEach, describe, expect, it } from "vitest";
import { git } from "./command.ts";
import { type Answers, type WorkflowScreen, openWorkflowScreen } from "./workflow-screen.ts";

const files = { "src/price.js": "export const total = (items) => items.length;\n" };
const changed = "export const total = (items) => {\n  return items.map((item) => item.price);\n};\n";

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (text: string): Promise<WorkflowScreen> => {
  const answers: Answers = [{ reply: [{ text }] }];
  return (stage = await openWorkflowScreen(files, answers));
};
const model = ["-m", "sim/scripted"];
const must = "I looked at it.\n- **src/price.js:2** [must] gives a list, not a sum\nsrc/price.js:1 [note] no types\n";

describe("twolane review", () => {
  it("prints comments and the report, and has a status of its own where something must be mended", async () => {
    const { sandbox, env, changed: differs } = await open(must);
    git(sandbox.folder, "checkout", "-qb", "work");
    sandbox.write("src/price.js", changed);
    git(sandbox.folder, "commit", "-qam", "two");
    const base = git(sandbox.folder, "rev-parse", "HEAD~1").trim();
    const { status, stdout, stderr } = await sandbox.run(["review", base, ...model], { env });
    expect(stdout).toContain("must src/price.js:2  gives a list, not a sum\n");
    expect(stdout).toContain("✓ review done\n  2 comments: 1 must, 1 note\n  read: 1 file\n");
    // The comments stand there once, and without what was said around them.
    expect(stdout).not.toContain("I looked at it.");
    expect([status, stderr, differs()]).toEqual([7, "", ""]);
  }, 60_000);

  it("reads a diff on standard input, with one object a line for CI", async () => {
    const { sandbox, env } = await open(must);
    sandbox.write("src/price.js", changed);
    const input = git(sandbox.folder, "diff");
    const { status, stdout } = await sandbox.run(["review", "--json", ...model], { env, input });
    const events = stdout
      .trim()
      .split("\n")
      .map((line): Record<string, unknown> => JSON.parse(line));
    expect(events.filter(({ type }) => type === "comment.made").map(({ comment }) => comment)).toEqual([
      { id: "c1", path: "src/price.js", line: 2, severity: "must", text: "gives a list, not a sum" },
      { id: "c2", path: "src/price.js", line: 1, severity: "note", text: "no types" },
    ]);
    expect(events.find(({ type }) => type === "workflow.ended")).toMatchObject({ ending: "done" });
    expect(status).toBe(7);
  }, 60_000);

  it("of what is staged is well where nothing must be mended; changes are not made, whatever a model does", async () => {
    const edits: Answers = [
      {
        reply: [
          {
            call: {
              name: ["edit"],
              input:
                "*** Begin Patch\n*** Update File: src/price.js\n@@\n-  return items.map((item) => item.price);\n+  return 0;\n*** End Patch\n",
            },
          },
          { text: "src/price.js:1 [should] name it sum\n" },
        ],
      },
    ];
    stage = await openWorkflowScreen(files, edits);
    const { sandbox, env } = stage;
    sandbox.write("src/price.js", changed);
    git(sandbox.folder, "add", "-A");
    const { status, stdout } = await sandbox.run(["review", "--staged", ...model], { env });
    expect(status).toBe(0);
    expect(stdout).toContain("should src/price.js:1  name it sum");
    expect(sandbox.read("src/price.js")).toBe(changed);
  }, 60_000);

  it("has nothing to say of an empty diff, of what is no diff, and of a ref that is not there", async () => {
    const { sandbox, env } = await open("no comments");
    const empty = await sandbox.run(["review", ...model], { env, input: "" });
    expect([empty.status, empty.stdout]).toEqual([0, expect.stringContaining("the diff that was given is empty")]);
    const prose = await sandbox.run(["review", "-", ...model], { env, input: "hello\n" });
    expect([prose.status, prose.stdout]).toEqual([1, expect.stringContaining("holds no diff")]);
    const gone = await sandbox.run(["review", "nowhere", ...model], { env });
    expect([gone.status, gone.stdout]).toEqual([1, expect.stringContaining("There is no commit nowhere here.")]);
  }, 60_000);

  it("by a provider that refuses ends with its status", async () => {
    stage = await openWorkflowScreen(files, [{ fault: { kind: "status", status: 401 }, reply: [{ text: "" }] }]);
    const { sandbox, env } = stage;
    sandbox.write("src/price.js", changed);
    const { status, stdout } = await sandbox.run(["review", ...model], { env, input: git(sandbox.folder, "diff") });
    expect([status, stdout]).toEqual([4, expect.stringContaining("✗ review failed")]);
  }, 60_000);
});
