/** `twolane agent-hooks`: a person's commands for events of a session, and their yes or no to those of a workspace. Git's are `hooks.ts`. */
import { exitStatus, failure } from "@twolane/protocol";
import { hookFileLines } from "../state/hooks-lines.ts";
import type { CommandHelp, CommandIo } from "./command.ts";
import { refuse, refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "agent-hooks",
  usage: "list | approve FILE | deny FILE",
  summary: "Your commands for events of a session, as Claude Code's hooks are written, and your yes or no to a repository's.",
  options: [
    { form: "-C, --cwd FOLDER", text: "the workspace there" },
    { form: "--json", text: "one object" },
  ],
  examples: ["twolane agent-hooks list", "twolane agent-hooks approve .twolane/hooks.json"],
};

const actions = ["list", "approve", "deny"] as const;

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = { cwd: { type: "string", short: "C" }, json: { type: "boolean" } } as const;
  const parsed = readWords("agent-hooks", argv, { options, allowPositionals: true });
  if ("code" in parsed) return refuse(parsed, { io });
  const { json = false, cwd = io.cwd } = parsed.values;
  const refuseWith = refuser(io, "agent-hooks", json);
  const [word = "list", name = "", ...more] = parsed.positionals;
  const action = actions.find((one) => one === word);
  if (action === undefined || more.length > 0 || (action === "list") !== (name === ""))
    return refuseWith(failure("USAGE", "Say list, approve FILE or deny FILE.", "See `twolane help agent-hooks`."));
  const { openAgentHooks } = await import("@twolane/engine/agent-hooks");
  const opened = openAgentHooks({ cwd, env: io.env });
  if (!opened.ok) return refuseWith(opened.failure);
  const answered = action === "list" ? undefined : opened.value.answer(name, action);
  if (answered?.ok === false) return refuseWith(answered.failure);
  const files = answered === undefined ? opened.value.list() : [answered.value];
  io.stdout.write(json ? `${JSON.stringify({ type: "agent-hooks.files", files })}\n` : `${hookFileLines(files).join("\n")}\n`);
  if (action === "deny") return exitStatus.ok;
  return files.some(({ stage }) => stage === "waits" || (action === "approve" && stage !== "runs"))
    ? exitStatus.held
    : exitStatus.ok;
}
