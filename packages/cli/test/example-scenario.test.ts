/** The example scenario answers whatever a person does with it: it is cut off anywhere, goes on, and its edit ends up whole, once. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Sim, parseScenario, startSim } from "@twolane/responses/sim";
import { expect, it } from "vitest";
import { type Sandbox, exampleShop, openSandbox } from "./command.ts";

const file = fileURLToPath(new URL("../../../examples/scenarios/slow-edit.json", import.meta.url));

/** Slow enough to be stopped behind any hunk but the last, however loaded the machine is. */
const tokensPerSecond = 200;

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

async function stopAndGoOn(sandbox: Sandbox, sim: Sim, count: number): Promise<void> {
  const running = sandbox.start(["run", "-m", "sim/scripted", "--json", "--input", "jsonl"], {
    env: { TWOLANE_SIM_URL: sim.url },
  });
  const say = (command: object): void => running.say(JSON.stringify(command));
  say({ type: "prompt", text: "make the quantity optional" });
  if (count === 0) await running.until("hunk.streaming");
  else await running.until(`"type":"hunk.landed","hunk":{"id":"h${count}"`);
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
  expect(sandbox.read("src/price.ts").match(/quantity = 1/g)).toHaveLength(1);
  expect(sandbox.read("src/cart.ts").match(/quantity\?|quantity = 1/g)).toHaveLength(2);
  expect(sandbox.read("src/receipt.ts").match(/quantity = 1/g)).toHaveLength(1);
}
