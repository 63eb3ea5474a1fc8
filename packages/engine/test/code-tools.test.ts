/** Tools about code: off by themselves, on where the configuration names them, answered by a real language service. */
import { afterEach, expect, it, vi } from "vitest";
import { type WorkflowStage, openWorkflowStage } from "./workflow-stage.ts";

// A thread of low priority on a machine that does a lot else.
vi.setConfig({ testTimeout: 60_000 });

let stage: WorkflowStage;
afterEach(() => stage.close());

const files = {
  "tsconfig.json": JSON.stringify({
    compilerOptions: { strict: true, noEmit: true, module: "esnext", moduleResolution: "bundler" },
  }),
  "src/price.ts":
    "export interface Order {\n  amount: number;\n}\nexport const price = (order: Order): number => order.amount;\n",
  "src/page.ts": 'import { price } from "./price";\n// price of nothing\nexport const shown: string = price({ amount: 2 });\n',
};
const call = (name: string, args: Readonly<Record<string, string>>) => ({ name: [name], arguments: args });

async function open(codeTools?: readonly string[]) {
  const asking = [
    call("references", { path: "src/price.ts", name: "price" }),
    call("outline", { path: "src/price.ts" }),
    call("diagnostics", { path: "src/page.ts" }),
    call("outline", { path: "src/none.ts" }),
  ];
  stage = await openWorkflowStage({
    ...{ files, waitMs: 50_000 },
    answers: [{ reply: codeTools === undefined ? [{ text: "Done." }] : [{ parallel: asking }, { text: "Done." }] }],
    ...(codeTools && { config: { providers: { sim: { capabilities: { codeTools } } } } }),
  });
  stage.send({ type: "prompt", text: "look around" });
  await stage.event("turn.ended");
  return JSON.stringify(stage.sim.requests);
}

it("are not there by themselves", async () => {
  expect(await open()).not.toContain('"references"');
});

it("say where a symbol is meant, what a file declares and what is wrong in it", async () => {
  const said = await open(["outline", "references", "diagnostics"]);
  for (const line of [
    "src/price.ts:4 export const price = (order: Order): number => order.amount;",
    "src/page.ts:3 export const shown: string = price({ amount: 2 });",
    "src/price.ts:1 interface Order",
    "src/price.ts:2   property amount",
    "src/page.ts:3 TS2322 Type 'number' is not assignable to type 'string'.",
    "There is no file src/none.ts.",
  ])
    expect(said).toContain(line);
  expect(said).not.toContain("src/page.ts:2 ");
});
