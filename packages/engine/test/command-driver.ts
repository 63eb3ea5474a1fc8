/** For tests: a session that runs one command of the simulated model and waits. Arguments: workspace, home, state home, address, prompt. */
import { openEngine } from "../src/engine.ts";

const [cwd = "", home = "", state = "", address = "", text = ""] = process.argv.slice(2);

async function main(): Promise<void> {
  const env = { HOME: home, XDG_STATE_HOME: state, TWOLANE_SIM_URL: address, PATH: process.env["PATH"] };
  const wishes = { scope: [], landing: "hunk" as const, dryRun: false, trust: true, asks: true };
  const opened = await openEngine({ ...wishes, cwd, env, model: "sim/scripted" });
  if (!opened.ok) throw new Error(opened.failure.message);
  const session = opened.value;
  session.subscribe((event) => {
    if (event.type === "command.held")
      setImmediate(() => session.send({ type: "command.answer", call: event.call, answer: "once" }));
  });
  session.send({ type: "prompt", text });
  await session.idle();
}

if (cwd !== "") await main();
