/** The example scenarios. The slow edit answers whatever a person does with it: it is cut off anywhere, goes on, and its edit ends up whole, once. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { type Sim, parseScenario, startSim } from "@twolane/responses/sim";
import { describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Sandbox, exampleShop, openSandbox } from "./command.ts";

const hasSandbox = needs("bwrap", { for: "examples of workflows", get: "apt-get install bubblewrap" });
const file = fileURLToPath(new URL("../../../examples/scenarios/slow-edit.json", import.meta.url));

/** Slow enough to be stopped behind any hunk but the last, however loaded the machine is. */
const tokensPerSecond = 100;

it.concurrent.each([0, 1, 2, 3])("goes on after a stop behind %i of its hunks, and says what it cannot", async (count) => {
  const read = parseScenario(readFileSync(file, "utf8"));
  if (!read.ok) throw new Error(read.message);
  const { defaults } = read.value;
  const sim = await startSim({ port: 0, scenario: { ...read.value, defaults: { ...defaults, tokensPerSecond } } });
  const sandbox = openSandbox(exampleShop);
  try {
    await stopAndGoOn(sandbox, sim, count);
  } finally {
    sandbox.remove();
    await sim.close();
  }
});

async function stopAndGoOn(sandbox: Sandbox, sim: Sim, hunks: number): Promise<void> {
  const running = sandbox.start(["run", "-m", "sim/scripted", "--json", "--input", "jsonl"], {
    env: { TWOLANE_SIM_URL: sim.url },
  });
  const say = (command: object): void => running.say(JSON.stringify(command));
  say({ type: "prompt", text: "make the quantity optional" });
  if (hunks === 0) await running.until("hunk.streaming");
  else await running.until(`"type":"hunk.landed","hunk":{"id":"h${hunks}"`);
  say({ type: "stop" });
  await running.until("turn.ended");
  say({ type: "continue" });
  await running.until('"turn":"t2","ending":"completed"');
  say({ type: "prompt", text: "and the receipt?" });
  await running.until('"turn":"t3","ending":"completed"');
  running.process.stdin?.end();
  const { stdout } = await running.done;
  expect(stdout).not.toContain("No answer of the scenario");
  expect(stdout).not.toMatch(/"type":"hunk\.failed"(?![^\n]*STOPPED)/);
  const count = (file: string, edit: RegExp): number => sandbox.read(file).match(edit)?.length ?? 0;
  expect(count("src/price.ts", /quantity = 1/g), stdout).toBe(1);
  expect(count("src/cart.ts", /quantity\?|quantity = 1/g), stdout).toBe(2);
  expect(count("src/receipt.ts", /quantity = 1/g), stdout).toBe(1);
}

it("over-reaches by one command: what was asked for lands, the rest is held, the model is told, and nothing is left behind", async () => {
  const stdout = await printed("over-reach.mjs");
  expect(stdout.match(/^● \S+|^◌ .*(?=  h\d)|^\d+ hunks.*blocked/gm)).toEqual([
    "● src/price.ts:4",
    expect.stringMatching(/^◌ held: tsconfig\.json is outside of src/),
    expect.stringMatching(/^◌ held: package\.json adds left-pad 1\.3\.0/),
    "◌ held: src/token.ts, line 1, adds a secret (github)",
    expect.stringMatching(/^◌ held src\/rates\.ts: the turn would change 82 lines; 60 are allowed/),
    expect.stringMatching(/^◌ blocked: \.twolane\/policy\.yaml may not be changed/),
    "● src/cart.ts:6",
    "● src/cart.ts:10",
    "● src/receipt.ts:5",
    expect.stringMatching(/^◌ held: tsconfig\.json/),
    "4 hunks landed in 3 files · 5 held · 1 blocked",
  ]);
  expect(stdout).toContain("Exit status 3 ");
  expect(stdout.match(/^ M .*$/gm)).toEqual([" M src/cart.ts", " M src/price.ts", " M src/receipt.ts"]);
  expect(stdout).toMatch(/^ {2}held src\/rates\.ts:1 by rule size: .*It waits for the user; go on with the rest\.$/m);
  expect(stdout).toMatch(/^ {2}held again tsconfig\.json:3 by rule task: the same change\./m);
});

it.runIf(hasSandbox)(
  "hands a job to the deep lane, goes on in the same files, and takes its hunks; git is as it was",
  async () => {
    const stdout = await printed("deep.mjs");
    expect(stdout).toContain("copied 5 files");
    expect(stdout.match(/^· step \d of 3/gm)).toHaveLength(3);
    expect(stdout).toContain("tests passed: 4 passed, 0 failed\n· writing its report");
    expect(stdout.match(/^(?:✓|⇄) h\d .*?(?= {2}(?:accepted|conflict))/gm)).toHaveLength(4);
    expect(stdout).toMatch(/^ {4}yours {2}│ {3}const discount = quantity >= 12/m);
    expect(stdout).toMatch(/^ {4}theirs │ {3}return Math\.round\(cents \* quantity \* discountOf\(quantity\)\);/m);
    expect(stdout).toContain("3 of 4 hunks of d1 taken, 3 files · 1 in conflict.");
    expect(stdout).toContain("Exit status 3 ");
    expect(stdout).toContain("Refs, index and objects of the repository are as they were.");
  },
);

/** What an example prints, in a home and a temporary folder of its own, which it leaves empty. */
async function printed(script: string, ...args: readonly string[]): Promise<string> {
  const file = fileURLToPath(new URL(`../../../examples/${script}`, import.meta.url));
  const folder = mkdtempSync(path.join(tmpdir(), "twolane-example-"));
  const place = path.join(folder, "tmp");
  mkdirSync(place);
  try {
    const env = { PATH: process.env["PATH"], HOME: folder, TMPDIR: place };
    const { stdout } = await promisify(execFile)(process.execPath, [file, ...args], { env });
    expect(readdirSync(place)).toEqual([]);
    return stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(!hasSandbox)("the workflows by one command", () => {
  it("refactors by a plan, each change with its tests", async () => {
    const stdout = await printed("workflows.mjs");
    expect(stdout.match(/^ {2}refactor .*|^● \S+|^✓ refactor.*|^ {2}step .*|^ {2}exported .*/gm)).toEqual([
      "  refactor · plan · making a plan",
      "  refactor 1/2 · change · total asks priceOf for each line",
      ...["● src/cart.js:1", "● src/cart.js:5"],
      "  refactor 2/2 · change · a row is written by a function of its own",
      ...["● src/receipt.js:4", "● src/receipt.js:8"],
      "✓ refactor done",
      "  step 1: total asks priceOf for each line · tests: 3 passed",
      "  step 2: a row is written by a function of its own · tests: 3 passed",
      "  exported declarations: unchanged",
    ]);
    expect(stdout).toContain("Exit status 0 ");
  });

  it("finds why a test fails: a check refutes one cause, the change for the other is proved", async () => {
    const stdout = await printed("workflows.mjs", "debug");
    const report = stdout.slice(stdout.indexOf("✓ debug done"));
    expect(report).toContain("check of cause 1: refuted, exit status 0");
    expect(report).toContain("proved by tests: 4 passed");
    expect(report).toContain("Exit status 0 ");
    expect(report.match(/^ src\/.* \|/gm)).toEqual([" src/receipt.js |"]);
  });
});
