/** The process that works on one job of the deep lane: started by `twolane deep` and by the terminal, never by a person. Not in the help. */
import path from "node:path";
import { exitStatus } from "@twolane/protocol";
import type { CommandIo } from "./command.ts";
import { refuse } from "./refuse.ts";

/** `argv`: the job's folder. */
export async function run([folder = ""]: readonly string[], io: CommandIo): Promise<number> {
  const [{ runJob }, { openEngine }] = await Promise.all([import("@twolane/engine/deep-worker"), import("@twolane/engine")]);
  const done = await runJob({ folder: { job: path.basename(folder), path: folder }, env: io.env, open: openEngine });
  return done.ok ? exitStatus.ok : refuse(done.failure, { io });
}
