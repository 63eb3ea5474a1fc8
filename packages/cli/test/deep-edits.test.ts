/** Edits of a job that were not made are told where it happened and in its report; what it was told is shown; who only reads is offered no edits. */
import { startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, openSandbox } from "./command.ts";

const patch = (body: string) => ({ call: { name: "edit", input: `*** Begin Patch\n${body}*** End Patch\n` } });
const lost = "*** Update File: a.txt\n@@\n-nowhere\n+gone\n";
const held = "*** Add File: .vscode/tasks.json\n+{}\n";
const scenario = {
  answers: [
    { when: { prompt: "Goal: wait" }, reply: [{ pause: 30_000 }, { text: "late" }] },
    { when: { prompt: "You can only read" }, reply: [{ text: "It is said in a.txt:1." }] },
    { when: { prompt: "Goal: " }, reply: [{ text: "1. a.txt — translate — risk: low\n2. b.txt — add — risk: low" }] },
    { when: { prompt: "Do step 1 of" }, reply: [patch(lost + held), { text: "Done." }] },
    {
      when: { prompt: "Do step 2 of" },
      reply: [patch(lost.replace("a.txt", "c.txt")), patch("*** Update File: c.txt\n@@\n-three\n+drei\n"), { text: "Done." }],
    },
    { when: { prompt: "Write the report" }, reply: [{ text: "Translated." }] },
  ],
};

let sandbox: Sandbox;
let sim: Awaited<ReturnType<typeof startSim>>;
beforeEach(async () => {
  sandbox = openSandbox();
  sim = await startSim({ port: 0, scenario });
  sandbox.write("a.txt", "one\ntwo\n");
  sandbox.write("c.txt", "three\n");
});
afterEach(async () => {
  await sim.close();
  sandbox.remove();
});
const twolane = (...args: readonly string[]) => sandbox.run(args, { env: { TWOLANE_SIM_URL: sim.url } });
const prompts = (): string => JSON.stringify(sim.requests.map(({ body }) => body));

test("an edit that was not made is told in tail, list, page and report, and the model is asked to say it", async () => {
  const { status, stdout } = await twolane("deep", "-m", "sim/scripted", "--wait", "translate it");
  expect(status).toBe(0);
  const lines = [/^! a\.txt was not changed, in step 1: /m, /^! \.vscode\/tasks\.json:\d+ was not changed, in step 1: /m];
  for (const line of lines) expect(stdout).toMatch(line);
  expect(stdout).toContain("c.txt is made good");
  expect(prompts()).toContain("say what that leaves undone");
  const shown = (await twolane("deep", "show")).stdout;
  expect(shown).toContain("  ! 1. translate\n  ✓ 2. add\n");
  expect(shown).toMatch(/Edits that were not made \(counted by twolane\):\n {2}- a\.txt .*\n {2}- \.vscode\/tasks\.json:/);
  expect((await twolane("deep", "list")).stdout).toContain("2 edits not made");
  // Of the past nothing is missing.
  const tail = (await twolane("deep", "tail")).stdout;
  for (const line of [...lines, /^ {2}c\.txt:1 \+1 -1$/m]) expect(tail).toMatch(line);
});

test("what a job was told is on its page and in what it did", async () => {
  await twolane("deep", "-m", "sim/scripted", "wait");
  expect((await twolane("deep", "steer", "be brief")).status).toBe(0);
  expect((await twolane("deep", "stop")).status).toBe(0);
  await expect.poll(async () => (await twolane("deep", "list")).stdout, { timeout: 10_000 }).toContain("· stopped");
  expect((await twolane("deep", "show")).stdout).toMatch(/Told meanwhile:\n {2}- be brief$/m);
  expect((await twolane("deep", "tail")).stdout).toMatch(/^told: be brief$/m);
});

test("who only reads is offered no edits", async () => {
  expect(await twolane("deep", "-m", "sim/scripted", "--research", "--wait", "where?")).toMatchObject({ status: 0 });
  const names = sim.requests.flatMap(({ body }) => toolsOf(body));
  expect(names).toContain("read");
  expect(names).not.toContain("edit");
});

function toolsOf(body: unknown): readonly unknown[] {
  const tools = typeof body === "object" && body !== null && "tools" in body ? body.tools : undefined;
  return Array.isArray(tools) ? tools.map((tool: { readonly name?: unknown }) => tool.name) : [];
}
