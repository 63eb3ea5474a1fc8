/** Review from a diff to its report, with a scripted model and a real repository. */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import type { EventOf } from "@twolane/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { type StageOptions, type WorkflowStage, openWorkflowStage } from "./workflow-stage.ts";

const files = {
  "src/price.js": "export const total = (items) => items.length;\n",
  "src/gone.js": "export const x = 1;\n",
  "package-lock.json": "{}\n",
};

let stage: WorkflowStage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});
const open = async (answers: StageOptions["answers"], more: Partial<StageOptions> = {}): Promise<WorkflowStage> =>
  (stage = await openWorkflowStage({ files, answers, ...more }));

const git = ({ root }: WorkflowStage, ...args: readonly string[]): string =>
  execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.invalid", ...args], {
    cwd: root,
    encoding: "utf8",
  });
const write = ({ root }: WorkflowStage, name: string, text: string): void => {
  fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
  fs.writeFileSync(path.join(root, name), text);
};

const said = (text: string): StageOptions["answers"] => [{ reply: [{ text }] }];
const comments = ({ events }: WorkflowStage): readonly string[] =>
  events
    .filter((event): event is EventOf<"comment.made"> => event.type === "comment.made")
    .map(({ comment: { id, path: name, line, severity, text } }) => `${id} ${name}:${line} ${severity} ${text}`);
/** All that any request held. */
const asked = ({ sim }: WorkflowStage): string => JSON.stringify(sim.requests.map(({ body }) => body));

/** A branch on which files have changed since `main`. */
function branch(of: WorkflowStage): void {
  git(of, "checkout", "-qb", "work");
  write(
    of,
    "src/price.js",
    "export const total = (items) => {\n  let sum = 0;\n  for (const item of items) sum += item.price;\n  return sum;\n};\n",
  );
  write(of, "src/tax.js", "export const tax = (sum) => sum * 0.2;\n");
  write(of, "package-lock.json", '{ "lockfileVersion": 3 }\n');
  write(of, ".env.local", "NAME=word\n");
  fs.rmSync(path.join(of.root, "src/gone.js"));
  git(of, "add", "-Af");
  git(of, "commit", "-qm", "two");
}

const answer =
  "I looked at it.\n\n- `src/price.js:3` [must] a missing price makes NaN\nsrc/price.js:3 [must] A missing price makes NaN.\nsrc/tax.js:1 [should] the rate has no name\nsrc/tax.js:40 [note] no test\nother.js:1 [must] wrong\n";

const report = [
  "3 comments: 1 must, 1 should, 1 note",
  "read: 3 files",
  "left out (lock file): package-lock.json",
  "left out (the policy keeps it out of prompts): .env.local",
  "1 comment on files that are not in the diff: left out",
];
const made = [
  "c1 src/price.js:3 must a missing price makes NaN",
  "c2 src/tax.js:1 should the rate has no name",
  "c3 src/tax.js:0 note no test (said of line 40; the nearest change is at 1)",
];

describe("review", () => {
  it("of a branch makes comments as they are written, and says what it left out", async () => {
    const of = await open(said(answer));
    branch(of);
    of.send({ type: "workflow.start", workflow: "review", text: "main" });
    const ended = await of.event("workflow.ended");
    expect(ended.report.toSorted()).toEqual(report.toSorted());
    expect(ended.ending).toBe("done");
    expect(comments(of)).toEqual(made);
    // They come while the answer goes on.
    const types = of.events.map(({ type }) => type);
    expect(types.indexOf("comment.made")).toBeLessThan(types.indexOf("text.finished"));
    const sent = asked(of);
    expect(sent).toContain("    3 +  for (const item of items) sum += item.price;");
    expect(sent).toContain("=== src/gone.js (deleted)");
    expect(sent).not.toContain("lockfileVersion");
    expect(sent).not.toContain("NAME=word");
    expect((await of.event("turn.started")).prompt).toBe("/review main");
  });

  it("of a diff as text has the same comments", async () => {
    const of = await open(said(answer));
    branch(of);
    const input = git(of, "diff", "main...");
    git(of, "checkout", "-q", "main");
    of.send({ type: "workflow.start", workflow: "review", text: "", input });
    expect((await of.event("workflow.ended")).report.toSorted()).toEqual(report.toSorted());
    expect(comments(of)).toEqual(made);
  });

  it("of another branch needs no checkout", async () => {
    const of = await open(said(answer));
    branch(of);
    git(of, "checkout", "-q", "main");
    of.send({ type: "workflow.start", workflow: "review", text: "main...work" });
    expect((await of.event("workflow.ended")).report.toSorted()).toEqual(report.toSorted());
    expect(comments(of)).toEqual(made);
  });

  it("of what is staged, and of all that is not committed", async () => {
    const of = await open([
      { when: { prompt: "src/staged.js" }, reply: [{ text: "src/staged.js:1 [note] one\nsrc/loose.js:1 [note] two\n" }] },
      { reply: [{ text: "no comments" }] },
    ]);
    write(of, "src/staged.js", "1;\n");
    git(of, "add", "src/staged.js");
    write(of, "src/loose.js", "2;\n");
    of.send({ type: "workflow.start", workflow: "review", text: "--staged" });
    const first = await of.event("workflow.ended");
    expect(first.report).toContain("1 comment on files that are not in the diff: left out");
    expect(comments(of)).toEqual(["c1 src/staged.js:1 note one"]);
    of.send({ type: "workflow.start", workflow: "review", text: "" });
    await of.event("workflow.ended", 2);
    // Names of comments go on in the session.
    expect(comments(of).slice(1)).toEqual(["c2 src/staged.js:1 note one", "c3 src/loose.js:1 note two"]);
  });

  it("of words that are no ref looks for them in what is not committed", async () => {
    const of = await open(said("no comments"));
    write(of, "src/price.js", "export const total = () => 0;\n");
    of.send({ type: "workflow.start", workflow: "review", text: "errors that are swallowed" });
    expect(await of.event("workflow.ended")).toMatchObject({ ending: "done", report: ["no comments", "read: 1 file"] });
    expect(asked(of)).toContain("Look for this above all: errors that are swallowed");
  });

  it("reads a large diff in pieces, one turn each, and says what is beyond", async () => {
    const of = await open([
      { when: { prompt: "piece 1 of" }, reply: [{ text: "src/file0.js:1 [must] first" }] },
      { reply: [{ text: "no comments" }] },
    ]);
    for (let file = 0; file < 30; file++)
      write(
        of,
        `src/file${file}.js`,
        Array.from({ length: 200 }, (_, line) => `export const name${line} = "some text of it";\n`).join(""),
      );
    of.send({ type: "workflow.start", workflow: "review", text: "" });
    const { report: lines, ending } = await of.event("workflow.ended");
    expect(ending).toBe("done");
    expect(lines[0]).toBe("1 comment: 1 must");
    expect(lines[1]).toMatch(/^read: \d+ files in 12 pieces$/);
    expect(lines[2]).toMatch(/^left out \(too large/);
    const turns = of.events.filter((event): event is EventOf<"turn.started"> => event.type === "turn.started");
    expect(turns).toHaveLength(12);
    expect(turns[1]?.prompt).toBe("/review 2/12");
  });

  it("of nothing, of no diff and of no such ref says so without a turn", async () => {
    const of = await open(said("no comments"));
    of.send({ type: "workflow.start", workflow: "review", text: "" });
    expect(await of.event("workflow.ended")).toMatchObject({
      ...{ ending: "done", report: ["There is nothing to review: nothing differs from the last commit."] },
    });
    of.send({ type: "workflow.start", workflow: "review", text: "", input: "hello\n" });
    expect((await of.event("workflow.ended", 2)).report[0]).toContain("holds no diff");
    of.send({ type: "workflow.start", workflow: "review", text: "nowhere" });
    expect(await of.event("workflow.ended", 3)).toMatchObject({ ending: "failed" });
    expect(of.events.some(({ type }) => type === "turn.started")).toBe(false);
  });

  it("shows a model no key, though marks of a diff stand between its lines", async () => {
    const of = await open(said("no comments"));
    const body = Array.from({ length: 12 }, (_, row) =>
      Buffer.from(`row ${row} of a made up key, long enough to be one`).toString("base64").slice(0, 64),
    );
    const key = `-----BEGIN PRIVATE KEY-----\n${body.join("\n")}\n-----END PRIVATE KEY-----\n`;
    write(of, "src/notes.txt", `before\n${key}behind\n`);
    of.send({ type: "workflow.start", workflow: "review", text: "" });
    await of.event("workflow.ended");
    const sent = asked(of);
    expect(sent).toContain("BEGIN PRIVATE KEY");
    expect(sent).toContain(`   ${body.length + 4} +behind`);
    for (const row of body) expect(sent).not.toContain(row);
  });

  it("leaves a file out that holds a secret, where the policy lets none near a model", async () => {
    const policy = { ".twolane/policy.yaml": "version: 1\nsecrets: { prompts: block }\n" };
    const of = await open(said("no comments"), { files: { ...files, ...policy } });
    const token = ["ghp", "R7qLm2Zx9Kd4Tn8Vb3Wc6Yf1Hs5Jg0PaQeUi"].join("_");
    const input = [
      ...[
        "diff --git a/src/a.js b/src/a.js",
        "--- a/src/a.js",
        "+++ b/src/a.js",
        "@@ -1 +1 @@",
        "-1;",
        `+const token = "${token}";`,
      ],
      ...["diff --git a/src/b.js b/src/b.js", "--- a/src/b.js", "+++ b/src/b.js", "@@ -1 +1 @@", "-1;", "+2;", ""],
    ].join("\n");
    of.send({ type: "workflow.start", workflow: "review", text: "", input });
    const { report: lines, ending } = await of.event("workflow.ended");
    expect([ending, lines]).toEqual(["done", ["no comments", "read: 1 file", "left out (holds a secret): src/a.js"]]);
    expect(asked(of)).not.toContain(token);
    expect(asked(of)).toContain("=== src/b.js");
  });

  it("needs a model, and says so", async () => {
    const of = await open(said("no comments"));
    of.send({ type: "model.set", model: "instant" });
    write(of, "src/price.js", "export const total = () => 0;\n");
    of.send({ type: "workflow.start", workflow: "review", text: "" });
    expect(await of.event("workflow.ended")).toMatchObject({
      ...{ ending: "failed", report: ["A review needs a model: -m, or /model in the terminal, takes one."] },
    });
  });

  it("stopped in the middle keeps the comments that were made, and the disk", async () => {
    const of = await open([
      { reply: [{ text: "src/price.js:1 [must] first\n" }, { pause: 20_000 }, { text: "src/price.js:1 [must] second\n" }] },
    ]);
    write(of, "src/price.js", "export const total = () => 0;\n");
    of.send({ type: "workflow.start", workflow: "review", text: "" });
    await of.event("comment.made");
    of.send({ type: "workflow.end" });
    expect(await of.event("workflow.ended")).toMatchObject({ ending: "stopped" });
    await of.session.idle();
    expect(comments(of)).toEqual(["c1 src/price.js:1 must first"]);
    expect(of.text("src/price.js")).toBe("export const total = () => 0;\n");
  });
});
