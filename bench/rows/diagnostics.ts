/**
 * Rows of diagnostics: from a landed hunk that breaks its callers to what is said of it, in a project of 1,000 files, in a session with the
 * simulated model; and how long the outcome of its call waits for that.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "@twolane/engine";
import type { EventOf, EventType, Session, TwolaneEvent } from "@twolane/protocol";
import { startSim } from "@twolane/responses/sim";
import type { Row } from "../figures.ts";
import { brokenSignature, moduleAt, signature, writeTypedProject } from "../typed-project.ts";

const modules = 1000;
/** The language service compiles its ways in the first looks. */
const warmRounds = 6;
const longestMs = 300_000;

export async function* diagnosticsRows(_repository: string, samples: number): AsyncGenerator<Row> {
  const base = mkdtempSync(join(tmpdir(), "twolane-bench-"));
  const cwd = join(base, "work");
  writeTypedProject(cwd, modules);
  const sim = await startSim({ port: 0 });
  const env = {
    ...{ PATH: process.env["PATH"], HOME: base, TWOLANE_SIM_URL: sim.url },
    ...{ XDG_STATE_HOME: join(base, "state"), XDG_CONFIG_HOME: join(base, "config"), XDG_CACHE_HOME: join(base, "cache") },
  };
  const opened = await openEngine({ cwd, env, model: "sim/bench", scope: [], landing: "hunk", dryRun: false });
  if (!opened.ok) throw new Error(opened.failure.message);
  const session = opened.value;
  try {
    const [found, cleared, waited]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < samples + warmRounds; round++) {
      const index = 40 + ((round * 97) % (modules / 2));
      const broken = await change(session, { index, from: signature(index), to: brokenSignature(index) }, "diagnostics.found");
      const mended = await change(session, { index, from: brokenSignature(index), to: signature(index) }, "diagnostics.cleared");
      if (round < warmRounds) continue;
      found.push(broken.said);
      cleared.push(mended.said);
      waited.push(broken.waited, mended.waited);
    }
    yield { what: "a landed hunk → what it broke, 1,000 files", unit: "ms", ours: found, budget: 100 };
    yield { what: "a landed hunk → nothing is broken any more", unit: "ms", ours: cleared, budget: 100 };
    yield { what: "the outcome of its call waits for that", unit: "ms", ours: waited, budget: 31 };
  } finally {
    await session.close();
    await sim.close();
    rmSync(base, { recursive: true, force: true });
  }
}

interface Change {
  readonly index: number;
  readonly from: string;
  readonly to: string;
}

/** Milliseconds from the landed hunk until it is said, and until its call has its outcome. */
async function change(session: Session, { index, from, to }: Change, type: "diagnostics.found" | "diagnostics.cleared") {
  const [landed, said, ended] = [next(session, "hunk.landed"), next(session, type), next(session, "tool.ended")];
  const patch = `*** Begin Patch\n*** Update File: ${moduleAt(index)}\n@@\n-${from}\n+${to}\n*** End Patch`;
  session.send({ type: "prompt", text: `\`\`\`\n${patch}\n\`\`\`` });
  const { mono: start } = await landed;
  const times = { said: (await said).mono - start, waited: (await ended).mono - start };
  await session.idle();
  return times;
}

/** The next one of that type; what happened before does not count. */
function next<T extends EventType>(session: Session, type: T): Promise<EventOf<T>> {
  const isWanted = (event: TwolaneEvent): event is EventOf<T> => event.type === type;
  return new Promise((resolve, reject) => {
    let isNew = false;
    const late = setTimeout(() => reject(new Error(`no ${type} within ${longestMs} ms`)), longestMs);
    const unsubscribe = session.subscribe((event) => {
      if (!isNew || !isWanted(event)) return;
      clearTimeout(late);
      unsubscribe();
      resolve(event);
    });
    isNew = true;
  });
}
