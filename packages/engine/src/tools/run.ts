/** Runs a command in the sandbox. What may run, and how, is decided behind it (`guard/commands`). */
import type { CommandDesk, CommandOutcome } from "../guard/commands/command-desk.ts";
import { type CommandRequest, commandText } from "../guard/commands/command-request.ts";
import { refusalLine } from "../guard/commands/command-verdict.ts";
import description from "./run.md";
import { type CallArguments, type Tool, type ToolResult, parseArguments, refused } from "./tools.ts";

const defaultTimeout = 120;
const longestTimeout = 1800;
const lineLimit = 32 * 1024;

export function runTool(desk: CommandDesk): Tool {
  return {
    definition: {
      name: "run",
      description: description.trim(),
      freeform: false,
      parameters: {
        type: "object",
        properties: {
          command: { type: "string" },
          argv: { type: "array", items: { type: "string" } },
          cwd: { type: "string" },
          timeout: { type: "integer" },
          network: { type: "boolean" },
          write: { type: "array", items: { type: "string" } },
        },
      },
    },
    describe(input) {
      const request = readRequest(input);
      return typeof request === "string" ? "run" : `run ${commandText(request.facts)}`;
    },
    async run(input, signal, call) {
      const request = readRequest(input);
      if (typeof request === "string") return refused(request);
      return runResult(request, await desk.run(request, { ...call, signal }));
    },
  };
}

/** The request, or a sentence for the model why there is none. */
function readRequest(input: string): CommandRequest | string {
  const call = parseArguments(input);
  if (typeof call === "string") return call;
  const facts = factsOf(call);
  if (typeof facts === "string") return facts;
  const timeout = Math.min(Math.max(call.number("timeout") ?? defaultTimeout, 1), longestTimeout);
  const cwd = call.text("cwd");
  return { facts, timeout, network: call.flag("network"), write: call.list("write") ?? [], ...(cwd !== undefined && { cwd }) };
}

function factsOf(call: CallArguments): CommandRequest["facts"] | string {
  const [line, argv] = [call.text("command"), call.list("argv") ?? call.list("command")];
  if (line !== undefined && line.length > lineLimit) return "The command is too long.";
  if (line !== undefined && line.trim() !== "") return { line };
  return argv !== undefined && argv[0] !== undefined && argv[0] !== "" ? { argv } : "`command` or `argv` is missing.";
}

/** What the model reads of it. */
export function runResult({ timeout }: CommandRequest, outcome: CommandOutcome): ToolResult {
  if (outcome.kind === "impossible") return refused(outcome.why);
  if (outcome.kind === "refused") {
    const { refusal, said } = outcome;
    const summary = said === "no" ? "refused by you" : `${refusal.decision === "block" ? "blocked" : "held"}: ${refusal.reason}`;
    return { ok: false, text: refusalLine(refusal, said), summary };
  }
  const { end, output, ms, changed } = outcome;
  const how =
    end.fault !== undefined
      ? `It could not be started: ${end.fault}`
      : end.ended === "timeout"
        ? `It was ended after ${timeout} s`
        : end.ended === "flood"
          ? "It was ended because it said more than 64 MB"
          : end.ended === "stopped"
            ? "It was stopped"
            : end.signal !== undefined
              ? `It was killed by ${end.signal}`
              : `exit status ${end.status}`;
  const text = [`[${how}, ${(ms / 1000).toFixed(1)} s]`, output.trimEnd(), ...changed].filter((part) => part !== "").join("\n");
  return { ok: end.status === 0 && end.ended === undefined, text, summary: how };
}
