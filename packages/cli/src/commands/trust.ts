/** `twolane trust`: a person says that what a workspace starts and allows may count, or takes it back. */
import { type Failure, exitStatus, failure } from "@twolane/protocol";
import { givenLines, trustLines } from "../views/trust-view.ts";
import type { CommandHelp, CommandIo } from "./command.ts";
import { refuse } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "trust",
  usage: "[options]",
  summary: "Trust this workspace: its commands and tests may run in the sandbox, and what its policy allows counts.",
  options: [
    { form: "--show", text: "only say whether it is trusted; the status is 3 when it is not" },
    { form: "--revoke", text: "trust it no longer" },
    { form: "-C, --cwd FOLDER", text: "the workspace there" },
    { form: "--json", text: "one object with what holds now" },
  ],
  examples: ["twolane trust", "twolane trust --show", "twolane trust --revoke"],
};

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv);
  if ("code" in options) return refuse(options, { io });
  const { openTrust } = await import("@twolane/engine/trust");
  const opened = openTrust({ cwd: options.cwd ?? io.cwd, env: io.env });
  if (!opened.ok) return refuse(opened.failure, { io });
  const { value: trust } = opened;
  const before = trust.read();
  if (options.action === "revoke") trust.revoke();
  if (options.action === "give") {
    const given = trust.give();
    if (!given.ok) return refuse(given.failure, { io });
  }
  const now = trust.read();
  const lines = options.action === "give" ? givenLines(before, trust) : trustLines(now, trust);
  io.stdout.write(options.json ? `${JSON.stringify({ type: "trust", root: trust.root, ...now })}\n` : `${lines.join("\n")}\n`);
  return options.action === "show" && now.kind !== "trusted" ? exitStatus.held : exitStatus.ok;
}

interface TrustOptions {
  readonly action: "give" | "show" | "revoke";
  readonly json: boolean;
  readonly cwd?: string;
}

function readOptions(argv: readonly string[]): TrustOptions | Failure {
  const parsed = readWords("trust", argv, {
    options: {
      show: { type: "boolean" },
      revoke: { type: "boolean" },
      cwd: { type: "string", short: "C" },
      json: { type: "boolean" },
    },
  });
  if ("code" in parsed) return parsed;
  const { show = false, revoke = false, json = false, cwd } = parsed.values;
  if (show && revoke) return failure("USAGE", "--show and --revoke exclude each other.", "Name one of them.");
  return { action: show ? "show" : revoke ? "revoke" : "give", json, ...(cwd !== undefined && { cwd }) };
}
