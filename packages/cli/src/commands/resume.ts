/** `twolane resume`: the earlier sessions of this folder; with an id, one of them goes on. */
import { type SessionSummary, exitStatus, failure } from "@twolane/protocol";
import { sessionLines } from "../views/sessions-view.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { refuse } from "./refuse.ts";
import { openSession } from "./session.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "resume",
  usage: "[ID | NUMBER] [options]",
  summary: "List the earlier sessions of this folder, or go on with one.",
  options: [
    { form: "--plain", text: "line by line without a live region" },
    { form: "--json", text: "the list as JSON" },
    { form: "-C, --cwd FOLDER", text: "look there" },
  ],
  examples: ["twolane resume", "twolane resume 2", "twolane --continue"],
};

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = { plain: { type: "boolean" }, json: { type: "boolean" }, cwd: { type: "string", short: "C" } } as const;
  const parsed = readWords("resume", argv, { allowPositionals: true, options });
  if ("code" in parsed) return refuse(parsed, { io });
  const { values, positionals } = parsed;
  const cwd = values.cwd ?? io.cwd;
  const { listSessions } = await import("@twolane/engine");
  const sessions = listSessions({ cwd, env: io.env });
  if (!sessions.ok) return refuse(sessions.failure, { io });
  if (values.json === true) {
    io.stdout.write(`${JSON.stringify(sessions.value)}\n`);
    return exitStatus.ok;
  }
  const [wanted] = positionals;
  if (wanted === undefined) {
    const style = styleOf(io);
    io.stdout.write(`${sessionLines(sessions.value, { style, now: Date.now() }).join("\n")}\n`);
    return exitStatus.ok;
  }
  const chosen = choose(sessions.value, wanted);
  if (chosen === undefined) return refuse(failure("SESSION_MISSING", `There is no session ${wanted} in this folder.`), { io });
  return openSession(
    { prompt: "", resume: chosen.id, scope: [], mode: "flow", plain: values.plain ?? false, trust: false, cwd },
    io,
  );
}

/** By its number in the list, or by its id or the beginning of it. */
function choose(sessions: readonly SessionSummary[], wanted: string): SessionSummary | undefined {
  if (/^\d{1,3}$/.test(wanted)) return sessions[Number(wanted) - 1];
  return sessions.find(({ id }) => id === wanted) ?? sessions.find(({ id }) => id.startsWith(wanted));
}
