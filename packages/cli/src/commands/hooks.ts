/** `twolane hooks install|remove|status`: the gate at commit. */
import { realpathSync } from "node:fs";
import { exitStatus, failure } from "@twolane/protocol";
import { hookLines } from "../views/hooks-view.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { refuse, refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "hooks",
  usage: "install | remove | status",
  summary: "Check what is staged before each commit, by a hook that leaves other hooks as they are.",
  options: [
    { form: "-C, --cwd FOLDER", text: "work there" },
    { form: "--json", text: "one object" },
  ],
  examples: ["twolane hooks install", "twolane hooks status", "twolane hooks remove"],
};

const actions = ["install", "remove", "status"] as const;

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = { cwd: { type: "string", short: "C" }, json: { type: "boolean" } } as const;
  const parsed = readWords("hooks", argv, { options, allowPositionals: true });
  if ("code" in parsed) return refuse(parsed, { io });
  const { json = false, cwd = io.cwd } = parsed.values;
  const refuseWith = refuser(io, "hooks", json);
  const action = actions.find((one) => one === parsed.positionals[0]);
  if (action === undefined || parsed.positionals.length > 1)
    return refuseWith(failure("USAGE", "Say install, remove or status.", "See `twolane help hooks`."));
  const { hookState, installHook, removeHook } = await import("@twolane/engine/hooks");
  const done =
    action === "install"
      ? await installHook({ cwd }, ownCommand())
      : action === "remove"
        ? await removeHook({ cwd })
        : await hookState({ cwd });
  if (!done.ok) return refuseWith(done.failure);
  const state = done.value;
  const style = styleOf(io);
  io.stdout.write(
    json ? `${JSON.stringify({ type: "hooks.finished", ...state })}\n` : `${hookLines(state, { action, style }).join("\n")}\n`,
  );
  const isOn = state.state === "on" || state.isIn === true;
  if (action === "remove") return isOn ? exitStatus.held : exitStatus.ok;
  return isOn ? exitStatus.ok : action === "install" ? exitStatus.held : exitStatus.failed;
}

/** Node and the file that it runs now, as the hook starts them again. */
const ownCommand = (): readonly string[] => [process.execPath, realpathSync(process.argv[1] ?? "")];
