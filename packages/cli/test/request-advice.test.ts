/** The word of advice in a terminal: nothing is sent before Enter says so a second time. */
import { afterEach, describe, expect, it } from "vitest";
import { type WorkflowScreen, openWorkflowScreen } from "./workflow-screen.ts";

let stage: WorkflowScreen | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

describe("a request with two objectives", () => {
  it("is answered with one line, then sent by Enter; the next one is sent at once", async () => {
    stage = await openWorkflowScreen({ "src/add.js": "export const one = 1;\n" }, [{ reply: [{ text: "Understood." }] }]);
    const screen = await stage.open();
    screen.write("Fix the login redirect. Add dark mode to the settings page.\r");
    await screen.until("Two things at once: “Fix the login redirect”");
    expect(screen.lines().join("\n")).not.toContain("Understood.");
    screen.write("\r");
    await screen.until("Understood.", { timeout: 20_000 });
    screen.write("Fix the time zone bug. Translate the footer to German.\r");
    await screen.until(
      () =>
        (
          screen
            .scrollback()
            .join("\n")
            .match(/Understood\./g) ?? []
        ).length === 2,
      { timeout: 20_000 },
    );
  }, 60_000);
});
