/**
 * A scripted model refactors a copy of examples/till by a plan, or finds why a test of it fails; tests run in the sandbox.
 *
 *     node examples/workflows.mjs                       refactor, from the plan to the report
 *     node examples/workflows.mjs debug                 a failing test: its output is piped in, the change that mends it is proved
 *     node examples/workflows.mjs [debug] --terminal    the same in the terminal: what to type or to paste there is said first
 */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addressOf, commitAll, git, say } from "./stage.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const twolane = join(here, "../packages/cli/bin/twolane.cjs");
const wish = "one place for the discount";
const behaviour = "/test an empty cart says so";
const isInTerminal = process.argv.includes("--terminal");
const [what = "refactor"] = process.argv.slice(2).filter((word) => word !== "--terminal");
const ways = { refactor, debug };

if (!Object.hasOwn(ways, what)) {
  process.stderr.write(`Unknown: ${what}. One of: ${Object.keys(ways).join(", ")}.\n`);
  process.exit(2);
}

const place = mkdtempSync(join(tmpdir(), "twolane-workflows-"));
const till = join(place, "till");
const sim = spawn(process.execPath, [twolane, "sim", "--port", "0", "--scenario", join(here, "scenarios/workflows.json")]);
try {
  prepare();
  const env = { ...process.env, XDG_STATE_HOME: join(place, "state"), TWOLANE_SIM_URL: await addressOf(sim) };
  (isInTerminal ? inTerminal : ways[what])(env);
  say("", "What differs from the commit at the beginning, says git:", "", git(till, "diff", "HEAD", "--stat").trimEnd());
} finally {
  sim.kill();
  rmSync(place, { recursive: true, force: true });
}

function refactor(env) {
  say(`$ twolane refactor -m sim/scripted --trust "${wish}"`);
  run(["refactor", "-m", "sim/scripted", "--trust", wish], { env, stdio: "inherit" });
}

function debug(env) {
  say("$ npm test 2>&1 | twolane debug -m sim/scripted --trust");
  run(["debug", "-m", "sim/scripted", "--trust"], { env, stdio: ["pipe", "inherit", "inherit"], input: failing() });
}

function inTerminal(env) {
  if (what === "debug")
    say("Type /debug and a blank in the terminal that opens now, and paste this behind it:", "", failing().trim());
  else
    say(
      "Type one of these in the terminal that opens now:",
      "",
      `  /refactor ${wish}`,
      "  /scaffold amounts as text",
      `  ${behaviour}`,
    );
  say("", "Ctrl-D leaves it.", "");
  run(["-m", "sim/scripted", "--trust"], { env, stdio: "inherit" });
}

function run(args, options) {
  const { status } = spawnSync(process.execPath, [twolane, ...args, "--cwd", till], options);
  say("", `Exit status ${status} (docs/exit-status.md).`);
}

function prepare() {
  cpSync(join(here, "till"), till, { recursive: true });
  // In the copy only: the tests of the project itself pass.
  if (what === "debug") cpSync(join(here, "scenarios/workflows.failing.test.js"), join(till, "test/digits.test.js"));
  mkdirSync(join(till, ".twolane"));
  cpSync(join(here, "scenarios/workflows.policy.yaml"), join(till, ".twolane/policy.yaml"));
  commitAll(till, "The till");
}

/** What `npm test` says of the copy. */
function failing() {
  const { stdout } = spawnSync("npm", ["test"], { cwd: till, encoding: "utf8", shell: process.platform === "win32" });
  return stdout;
}
