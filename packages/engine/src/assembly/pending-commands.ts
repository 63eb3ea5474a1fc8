/** Sessions whose command was under way when their process was killed: looked for at each start, and only where there is one more is loaded. */
import path from "node:path";
import { isThere } from "../host/user-files.ts";
import { commandMark, listSessions, ownership } from "../journal/state-folder.ts";
import type { Place } from "./place.ts";

/** Behind the recovery of what had landed. Gives how many hunks were found. */
export async function recoverCommands(place: Pick<Place, "workspace" | "state">, current?: string): Promise<number> {
  if (!isThere(path.join(place.state.path, "snapshots"))) return 0;
  const marked = listSessions(place.state).filter(
    (session) => session.id !== current && isThere(commandMark(session.path)) && ownership(session) !== "running",
  );
  if (marked.length === 0) return 0;
  const { recoverMarked } = await import("./recover-commands.ts");
  return recoverMarked(place, marked);
}
