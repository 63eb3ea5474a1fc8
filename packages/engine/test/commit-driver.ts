/** For tests: a session that lands a patch, accepts its hunks and commits, unless it is killed. Arguments: workspace, state home, patch. */
import { openPatch } from "../src/engine.ts";

const [cwd = "", state = "", text = ""] = process.argv.slice(2);

async function main(): Promise<void> {
  const opened = await openPatch({ cwd, env: { XDG_STATE_HOME: state }, scope: [], landing: "hunk", dryRun: false, text });
  if (!opened.ok) throw new Error(opened.failure.message);
  const session = opened.value;
  session.send({ type: "prompt", text: "make it better" });
  await session.idle();
  session.send({ type: "hunk.accept", hunks: ["h1"] });
  await session.idle();
  await session.commit("Make it better");
}

if (cwd !== "") await main();
