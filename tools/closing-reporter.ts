/** The last lines of a test run: the plain count, and what could not run on this machine. */
import type { Reporter, TestModule } from "vitest/node";
import { missingNeeds } from "./needs.ts";

export default class ClosingReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++;
      // A file that broke before its tests were known counts as one failure.
      if (module.state() === "failed" && module.errors().length > 0) count.failed++;
    }
    // vitest prints its own summary in the same moment; ours stands after it.
    setImmediate(() => {
      console.log(`${count.passed} passed, ${count.failed + count.pending} failed, ${count.skipped} skipped`);
      for (const line of missingNeeds()) console.log(line);
    });
  }
}
