/**
 * A scripted job of the deep lane on a copy of a small project: it begins from a tree with uncommitted work, the person goes on in the
 * same files meanwhile, and takes its hunks into what the tree has become.
 *
 *     node examples/deep.mjs               carry it out, and show what came of it
 *     node examples/deep.mjs --terminal    the same in the terminal: /deep, /jobs, /take
 */
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addressOf, commitAll, git, say } from "./stage.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const twolane = join(here, "../packages/cli/bin/twolane.cjs");
const goal = "one place for the discount, and two digits on the receipt";
const isInTerminal = process.argv.includes("--terminal");

const place = mkdtempSync(join(tmpdir(), "twolane-deep-"));
const till = join(place, "till");
const sim = spawn(process.execPath, [twolane, "sim", "--port", "0", "--scenario", join(here, "scenarios/deep.json")]);
try {
  cpSync(join(here, "till"), till, { recursive: true });
  commitAll(till, "The till");
  // What is not committed goes with the job.
  appendFileSync(
    join(till, "src/cart.js"),
    "\n/** Pieces of all lines. */\nexport const pieces = (lines) => lines.reduce((sum, { quantity }) => sum + quantity, 0);\n",
  );
  const env = { ...process.env, XDG_STATE_HOME: join(place, "state"), TWOLANE_SIM_URL: await addressOf(sim) };
  const run = (...args) => spawnSync(process.execPath, [twolane, ...args, "--cwd", till], { env, stdio: "inherit" }).status;
  const shown = (...args) => {
    say("", `$ twolane ${args.map((word) => (word.includes(" ") ? `"${word}"` : word)).join(" ")}`);
    return run(...args);
  };
  spawnSync(process.execPath, [twolane, "trust", "--cwd", till], { env });
  if (isInTerminal) {
    say(`Type: /deep ${goal}`);
    run("-m", "sim/scripted");
  } else {
    const before = gitState();
    shown("deep", "-m", "sim/scripted", "--wait", goal);
    say("", "Meanwhile the person has changed a line that the job has changed too, and one that it has not:");
    edit("src/receipt.js", "export function receipt(lines) {", "export function receipt(lines, currency) {");
    edit("src/price.js", ">= 10", ">= 12");
    say("", git(till, "diff", "--stat").trimEnd());
    const status = shown("deep", "take", "--all");
    say("", `Exit status ${status} (docs/exit-status.md). On disk, says git:`, "", git(till, "diff", "--stat").trimEnd());
    say("", `Refs, index and objects of the repository are ${gitState() === before ? "as they were" : "NOT as they were"}.`);
  }
} finally {
  sim.kill();
  rmSync(place, { recursive: true, force: true });
}

function edit(file, from, to) {
  const path = join(till, file);
  writeFileSync(path, readFileSync(path, "utf8").replace(from, to));
}

function gitState() {
  return [git(till, "for-each-ref"), git(till, "ls-files", "-s"), git(till, "count-objects", "-v")].join("\n");
}
