/** The deep lane from a terminal: a brief that is handed over, the line that says where a job is, its page, its hunks. The model is scripted. */
import { afterEach, describe, expect, it } from "vitest";
import type { Screen } from "./pty.ts";
import { type WorkflowScreen, openWorkflowScreen, shows } from "./workflow-screen.ts";

const edit = (path: string, from: string, to: string) => ({
  call: {
    name: ["edit", "apply_patch"],
    input: `*** Begin Patch\n*** Update File: ${path}\n@@\n-${from}\n+${to}\n*** End Patch\n`,
  },
});

/** What a job is answered: a plan, its one step, its report. */
const job = (tokensPerSecond = 0) => [
  {
    when: { prompt: "answer with the plan alone" },
    reply: [{ text: "1. src/store.js — keep it in a map — risk: low, one file\n" }],
  },
  {
    when: { prompt: "Do step 1" },
    reply: [
      { repeat: 60, steps: [{ text: "thinking " }] },
      edit("src/store.js", "export const store = [];", "export const store = new Map();"),
      { text: "Done." },
    ],
    pace: { tokensPerSecond },
  },
  { when: { prompt: "Write the report" }, reply: [{ text: "It is a map now.\nLook first: src/store.js" }] },
];
const files = { "src/store.js": "export const store = [];\n", "src/other.js": "export const other = 1;\n" };
const understood = { reply: [{ text: "Understood." }] };

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

/** Nobody types as soon as the first frame stands. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 400));
const rowOf = (screen: Screen, text: string): number => screen.lines().findIndex((line) => line.includes(text));

describe("/deep", () => {
  it("shows the brief, starts the job when it is sent, says where it is and that it is ready, and brings its hunks", async () => {
    stage = await openWorkflowScreen(files, [...job(40), understood]);
    const screen = await stage.open();
    screen.write("/deep move the store in src/store.js to a map\r");
    await screen.until("Brief for the deep lane", { timeout: 20_000 });
    expect(screen.lines().join("\n")).toContain("# Goal");
    // The cursor is where a person adds what has to be true.
    screen.write("- no array is left");
    screen.write("\r");
    await screen.until("works in the background", { timeout: 20_000 });
    await screen.until(/d1 step 1\/1 · /, { timeout: 20_000 });
    screen.write("half a ");
    await screen.until("half a");
    const row = rowOf(screen, "half a");
    // What is typed is seen at once, and nothing of the job moves it.
    for (const word of ["thought ", "while ", "it ", "works"]) {
      screen.write(word);
      await screen.until(word.trim(), { timeout: 2000 });
    }
    await screen.until(/d1 is ready: 1 hunk in 1 file, no tests ran · \/take d1/, { timeout: 30_000 });
    expect(rowOf(screen, "half a thought while it works")).toBe(row);
    screen.press("ctrl-c");
    screen.write("/jobs d1\r");
    await screen.until(shows("no array is left"), { timeout: 20_000 });
    expect(screen.scrollback().join("\n")).toContain("✓ 1. keep it in a map");
    screen.write("/take d1\r");
    await screen.until(shows("Look first at src/store.js"), { timeout: 20_000 });
    expect(stage.sandbox.read("src/store.js")).toContain("[]");
    screen.write("/accept h1\r");
    await screen.until(() => stage?.sandbox.read("src/store.js").includes("new Map()") === true, { timeout: 20_000 });
    expect(rowOf(screen, "is ready")).toBe(-1);
  }, 120_000);
});

describe("/jobs", () => {
  it("stops, resumes and follows a job from its menu", async () => {
    stage = await openWorkflowScreen(files, [...job(25), understood]);
    const screen = await stage.open();
    const choose = async (action: string, seen: string): Promise<void> => {
      screen.write("/jobs\r");
      await screen.until("The deep lane: Enter shows what can be done", { timeout: 10_000 });
      screen.press("enter");
      await screen.until("d1: move the store", { timeout: 10_000 });
      for (let moves = 0; moves < 6 && !screen.lines().some((line) => line.trimStart().startsWith(`› ${action}`)); moves++) {
        screen.press("down");
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      screen.press("enter");
      await screen.until(shows(seen), { timeout: 20_000 });
    };
    screen.write("/deep move the store in src/store.js to a map\r");
    await screen.until("Brief for the deep lane", { timeout: 20_000 });
    screen.write("\r");
    await screen.until(/d1 step 1\/1/, { timeout: 20_000 });
    await choose("stop", "d1 ended before it was done (a person stopped it)");
    await choose("resume", "d1 step 1/1");
    await screen.until(/d1 step 1\/1/, { timeout: 20_000 });
    await choose("tail", "d1 src/store.js:1 +1 -1");
    await screen.until("d1 is ready", { timeout: 30_000 });
  }, 90_000);
});

describe("a suggestion of the deep lane", () => {
  const request = "migrate the session store from files to SQLite";

  it("comes once between Enter and the request, with its reason; Enter sends it here", async () => {
    stage = await openWorkflowScreen(files, [understood]);
    const screen = await stage.open();
    screen.write(`${request}\r`);
    await screen.until("For the deep lane: a migration is many changes that hold only together");
    expect(screen.lines().join("\n")).toContain("Alt-L: to the deep lane");
    screen.write("\r");
    await screen.until("Understood.", { timeout: 20_000 });
    screen.write("port the build from make to esbuild\r");
    const count = (): number => screen.scrollback().join("\n").split("Understood.").length - 1;
    await screen.until(() => count() === 2, { timeout: 20_000 });
  }, 60_000);

  it("is taken with a key: the brief opens, and the line is free when the job begins", async () => {
    stage = await openWorkflowScreen(files, [...job(), understood]);
    const screen = await stage.open();
    screen.write(`${request}\r`);
    await screen.until("For the deep lane");
    screen.press("alt-l");
    await screen.until("Brief for the deep lane", { timeout: 20_000 });
    screen.write("\r");
    await screen.until("d1 works in the background", { timeout: 20_000 });
    await screen.until(/d1 is ready/, { timeout: 30_000 });
    expect(rowOf(screen, request)).toBe(-1);
  }, 60_000);

  it("of two parts sends the first here and hands over the second", async () => {
    stage = await openWorkflowScreen(files, [
      { when: { prompt: "^Rename other to more" }, reply: [{ text: "Renamed." }] },
      ...job(),
      understood,
    ]);
    const screen = await stage.open();
    screen.write("Rename other to more in src/other.js, then migrate the whole project to the new API\r");
    await screen.until("Part of it is for the deep lane");
    screen.press("alt-l");
    await screen.until(shows("Renamed."), { timeout: 20_000 });
    await screen.until("Brief for the deep lane", { timeout: 20_000 });
    expect(screen.lines().join("\n")).toContain("  migrate the whole project to the new API");
  }, 60_000);

  it("of a rule opens the brief at once, with the rule; Esc and Enter send it here all the same", async () => {
    const policy =
      "version: 1\nlanes:\n  - lane: deep\n    name: schema\n    paths: [db/**]\n    reason: Migrations want a plan.\n";
    stage = await openWorkflowScreen({ ...files, ".twolane/policy.yaml": policy }, [understood]);
    const screen = await stage.open();
    await pause();
    screen.write("add a column in db/users.sql\r");
    await screen.until(shows("To the deep lane: the rule schema (.twolane/policy.yaml:3) says so: Migrations want a plan."), {
      timeout: 20_000,
    });
    await screen.until("Brief for the deep lane", { timeout: 20_000 });
    screen.press("esc");
    await screen.until((now) => !now.lines().join("\n").includes("Brief for"));
    expect(screen.lines().join("\n")).toContain("add a column in db/users.sql");
    screen.write("\r");
    await screen.until("Understood.", { timeout: 20_000 });
  }, 60_000);

  it("is not made where nobody wants it, and the numbers are one's own", async () => {
    stage = await openWorkflowScreen(files, [understood]);
    const screen = await stage.open();
    screen.write("/lanes never\r");
    await screen.until(shows("No suggestions in this workspace"), { timeout: 20_000 });
    screen.write(`${request}\r`);
    await screen.until("Understood.", { timeout: 20_000 });
    screen.write("/lanes\r");
    await screen.until(shows("migrate: 1 request, on average 1.0 answers and 0.0 files; 0 stopped or steered"), {
      timeout: 20_000,
    });
  }, 60_000);
});
