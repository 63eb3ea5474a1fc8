/**
 * Whether a call of an MCP tool may run: what the policy says of it as the command `mcp SERVER TOOL`, and what holds where it says nothing. Pure.
 */
import type { CommandFacts, CommandVerdict } from "@twolane/policy";
import type { Refusal } from "../guard/commands/command-verdict.ts";
import type { ListedTool } from "./thread-messages.ts";

export interface JudgedCall {
  readonly server: string;
  readonly tool: Pick<ListedTool, "name" | "readOnly">;
  /** Arguments, as a person sees them. */
  readonly input: string;
}

export interface CallRules {
  readonly command: (facts: CommandFacts) => CommandVerdict;
  /** Nothing may change now, as in plan mode. */
  readonly onlyLooks: boolean;
}

export const callWords = (server: string, tool: string): readonly string[] => ["mcp", server, tool];

/** Whole: nobody should say yes to what they cannot see. */
export const callLine = ({ server, tool, input }: JudgedCall): string => `mcp ${server} ${tool.name} ${input}`;

/** Undefined: it runs. */
export function callRefusal(call: JudgedCall, { command, onlyLooks }: CallRules): Refusal | undefined {
  const { server, tool } = call;
  const { verdict } = command({ argv: callWords(server, tool.name) });
  // A rule that somebody wrote has a source; that no rule allows it is what the policy says of every unknown command.
  const isRule = verdict.decision !== "allow" && (verdict.source !== undefined || verdict.rule !== "commands");
  if (isRule) return { ...verdict, subject: callLine(call) };
  if (onlyLooks && !tool.readOnly) {
    return {
      ...{ decision: "block", rule: "plan", subject: callLine(call) },
      reason: "Nothing is changed now, and this tool does not say of itself that it changes nothing",
      wayOut: "Do without it until the plan is taken.",
    };
  }
  if (tool.readOnly || (verdict.decision === "allow" && !allowsAnything(command, call))) return undefined;
  return {
    ...{ decision: "hold", rule: "mcp", subject: callLine(call) },
    reason: `${tool.name} of ${server} does not say of itself that it changes nothing`,
    wayOut: `The person may say yes, or a rule of the policy: \`commands: - allow: ["mcp ${server} ${tool.name}"]\`.`,
  };
}

/** A rule for every program is about what runs in the sandbox, and a server runs outside of it. */
const allowsAnything = (command: CallRules["command"], { server, tool }: JudgedCall): boolean =>
  command({ argv: ["any-program", server, tool.name] }).verdict.decision === "allow";
