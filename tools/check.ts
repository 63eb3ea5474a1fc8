/**
 * Every check of this repository: the gates side by side, then the tests. `--gates` leaves the tests out, `--lower` takes
 * the counts of the ratchet down to what they are now.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { type Findings, type Gate, passed } from "./gates/gate.ts";
import { order } from "./gates/order.ts";
import { deadCode, format, lint, types } from "./gates/programs.ts";
import { lowerRatchet, tidy } from "./gates/tidy.ts";

const root = path.join(import.meta.dirname, "..");
const gates: readonly Gate[] = [format, lint, types, order, deadCode, tidy];
const shownFaults = 40;

/** Prints the gate's line, and its faults with the cure. */
function report({ name, cure }: Gate, findings: Findings): void {
  const { seen, faults } = findings;
  const verdict = passed(findings) ? "ok" : seen === 0 ? "failed: saw no file" : `failed: ${faults.length} faults`;
  console.log(`${name.padEnd(10)} ${verdict} (${seen} files)`);
  for (const fault of faults.slice(0, shownFaults)) console.log(`  ${fault}`);
  if (faults.length > shownFaults) console.log(`  and ${faults.length - shownFaults} more`);
  if (!passed(findings)) console.log(`  → ${cure}`);
}

async function runGates(): Promise<string[]> {
  const running = gates.map((gate) => ({ gate, findings: gate.run(root) }));
  const failed: string[] = [];
  for (const { gate, findings } of running) {
    report(gate, await findings);
    if (!passed(await findings)) failed.push(gate.name);
  }
  return failed;
}

/** Runs a program to its end, or to the limit: a test that loops without a pause stops vitest's own clock as well. */
function runNode(args: readonly string[], limitMinutes: number): Promise<boolean> {
  // A group of its own, so that the limit and Ctrl-C reach what it has started too.
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit", detached: true });
  const kill = (): void => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  const limit = setTimeout(() => {
    console.log(`stopped: ${args.join(" ")} did not end within ${limitMinutes} minutes`);
    kill();
  }, limitMinutes * 60_000);
  const interrupt = (): void => {
    kill();
    process.exit(130);
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(limit);
      process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
      resolve(status === 0);
    });
  });
}

if (process.argv.includes("--lower")) {
  console.log(lowerRatchet(root));
} else {
  const failed = await runGates();
  if (!process.argv.includes("--gates")) {
    // Tests run the command itself, so it is built from what is being tested.
    const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
    const tested =
      (await runNode(["tools/build.mjs"], 1)) && (await runNode(["node_modules/vitest/vitest.mjs", "run"], 45 * scale));
    if (!tested) failed.push("tests");
  }
  if (failed.length > 0) {
    console.log(`failed: ${failed.join(", ")}`);
    process.exitCode = 1;
  }
}
