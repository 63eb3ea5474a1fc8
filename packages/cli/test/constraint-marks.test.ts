/** Marks of what a prompt demands, in a real pty: they appear when nobody types, a key takes one off, and keys never wait for them. */
import { afterEach, expect, it } from "vitest";
import { type WorkflowScreen, openWorkflowScreen } from "./workflow-screen.ts";

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

it("shows marks below the prompt, takes the last one off with a key, and sends what is left", async () => {
  stage = await openWorkflowScreen({ "src/a.ts": "export const a = 1;\n" }, [{ reply: [{ text: "Understood." }] }]);
  const screen = await stage.open();
  screen.write("fix it, only src/a.ts, no new dependencies");
  await screen.until("[only src/a.ts] [no new dependencies]");
  const row = screen.lines().findIndex((line) => line.includes("› fix it"));
  expect(screen.lines()[row + 1]).toContain("[only src/a.ts]");
  expect(screen.cursor().row).toBe(row);
  screen.press("alt-m");
  await screen.until("[only src/a.ts] (1 taken off)");
  screen.press("enter");
  await screen.until("Understood.");
  expect(screen.lines().join("\n")).not.toContain("[only");
}, 30_000);
