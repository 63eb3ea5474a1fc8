/**
 * A scripted model over-reaches on a copy of the example project: what was asked for lands, the rest is held, the turn ends well.
 *
 *     node examples/over-reach.mjs               carry it out, and show what came of it and what the model was told
 *     node examples/over-reach.mjs --terminal    the same in the terminal, to say yes and no to what is held
 */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { addressOf, commitAll, git, say } from "./stage.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const twolane = join(here, "../packages/cli/bin/twolane.cjs");
const request = "make the quantity optional";
const isInTerminal = process.argv.includes("--terminal");

const place = mkdtempSync(join(tmpdir(), "twolane-over-reach-"));
const shop = join(place, "shop");
const sim = spawn(process.execPath, [twolane, "sim", "--port", "0", "--scenario", join(here, "scenarios/over-reach.json")]);
try {
  prepare();
  const env = { ...process.env, XDG_STATE_HOME: join(place, "state"), TWOLANE_SIM_URL: await addressOf(sim) };
  const args = isInTerminal ? ["-m", "sim/scripted"] : ["run", "-m", "sim/scripted", request];
  say(isInTerminal ? `Ask for: ${request}` : `$ twolane ${args.slice(0, -1).join(" ")} "${request}"`);
  const { status } = spawnSync(process.execPath, [twolane, ...args, "--cwd", shop], { env, stdio: "inherit" });
  say("", `Exit status ${status} (docs/exit-status.md). On disk, says git:`, "", git(shop, "status", "--short").trimEnd());
  say("", "What the model was told of its edits:", "", ...told().map((line) => `  ${line}`));
} finally {
  sim.kill();
  rmSync(place, { recursive: true, force: true });
}

function prepare() {
  cpSync(join(here, "shop"), shop, { recursive: true });
  mkdirSync(join(shop, ".twolane"));
  cpSync(join(here, "scenarios/over-reach.policy.yaml"), join(shop, ".twolane/policy.yaml"));
  commitAll(shop, "The shop");
}

/** The reports of the edit calls, from the session's own conversation. */
function told() {
  const state = join(place, "state/twolane/workspaces");
  const names = readdirSync(state, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith("conversation.jsonl"));
  const lines = names.flatMap((name) => readFileSync(join(state, name), "utf8").trim().split("\n"));
  const items = lines.map((line) => JSON.parse(line).item);
  return items.flatMap((item) => (item?.kind === "output" ? item.text.split("\n") : []));
}
