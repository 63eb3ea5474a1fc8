/** What a hunk broke, in a real pty with a scripted model: printed at the hunk, shown in the review list, gone when it is mended. */
import { afterEach, expect, it } from "vitest";
import { type WorkflowScreen, openWorkflowScreen, shows } from "./workflow-screen.ts";

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

const change = (from: string, to: string) => ({
  call: { name: ["edit"], input: `*** Begin Patch\n*** Update File: src/price.ts\n@@\n-${from}\n+${to}\n*** End Patch\n` },
});
const good = "export const price = (name: string): string => name;";
const wrong = "export const price = (name: number): string => String(name);";

it("says what the change broke elsewhere, and that it is mended", async () => {
  const files = {
    "tsconfig.json": JSON.stringify({ compilerOptions: { strict: true, module: "nodenext", noEmit: true }, include: ["src"] }),
    "src/price.ts": `${good}\n`,
    "src/order.ts": 'import { price } from "./price.js";\nexport const order = price("tea");\n',
  };
  stage = await openWorkflowScreen(files, [
    { when: { prompt: "take a number" }, reply: [change(good, wrong), { text: "Done." }] },
    { when: { prompt: "take it back" }, reply: [change(wrong, good), { text: "Back." }] },
    { reply: [{ text: "Done." }] },
  ]);
  const screen = await stage.open();
  screen.write("let price take a number\r");
  await screen.until(shows("✗ h1 broke src/order.ts:2 TS2345"), { timeout: 40_000 });
  screen.press("tab");
  await screen.until("broke 1 place");
  await screen.until("t tell what it broke");
  screen.press("esc");
  await new Promise((resolve) => setTimeout(resolve, 350));
  screen.write("take it back\r");
  await screen.until(shows("h1: nothing is broken by it any more"), { timeout: 40_000 });
  expect(stage.changed()).toBe("");
}, 90_000);
