/** What is decided of a request before it runs: by the policy, by what it asks for beyond the sandbox. Pure. */
import type { Verdict } from "@twolane/protocol";
import type { CommandVerdict } from "@twolane/policy";
import type { SandboxState } from "../../host/sandbox/find-sandbox.ts";

export type Refusal = Extract<Verdict, { reason: string }>;

export interface Asked {
  readonly text: string;
  readonly network: boolean;
  /** Named, and their real paths. */
  readonly write: readonly { readonly named: string; readonly real: string }[];
}

export interface Circumstances {
  readonly judged: CommandVerdict;
  /** Real paths that the policy's rules grant with it. */
  readonly granted: readonly string[];
  readonly sandbox: SandboxState;
}

/** Undefined: it runs. A block cannot be answered, a hold can. */
export function refusalOf(asked: Asked, { judged, granted, sandbox }: Circumstances): Refusal | undefined {
  const { verdict } = judged;
  if (verdict.decision === "block") return verdict;
  if ("missing" in sandbox) return unconfined(asked.text, sandbox);
  if (verdict.decision === "hold") return verdict;
  const more = asked.write.filter(({ real }) => !granted.includes(real)).map(({ named }) => named);
  const network = asked.network && !judged.network;
  return more.length > 0 || network ? beyond(asked.text, { network, more }) : undefined;
}

/** `decision`: a hold where a person can be asked. */
export const untrusted = (subject: string, decision: Refusal["decision"]): Refusal => ({
  decision,
  rule: "trust",
  reason: "This workspace is not trusted, so nothing of it is run",
  wayOut: "The person may trust it: /trust, or `twolane trust`. Do without commands until then.",
  subject,
});

const unconfined = (subject: string, { missing, cure }: Extract<SandboxState, { missing: string }>): Refusal => ({
  decision: "hold",
  rule: "sandbox",
  reason: `It would run without a sandbox: ${missing}`,
  wayOut: `The person may run it all the same. ${cure}`,
  subject,
});

function beyond(subject: string, { network, more }: { readonly network: boolean; readonly more: readonly string[] }): Refusal {
  const wishes = [...(network ? ["use the network"] : []), ...(more.length > 0 ? [`write ${more.join(", ")}`] : [])];
  return {
    decision: "hold",
    rule: network ? "network" : "write",
    reason: `It wants to ${wishes.join(" and ")}`,
    wayOut: "The person may grant it, or a rule of the policy: `commands: - allow: […]` with `network` or `write`.",
    subject,
  };
}

/** For the model, in one line. */
export function refusalLine({ decision, rule, reason, wayOut }: Refusal, said: "held" | "no" = "held"): string {
  const what = said === "no" ? "The person said no" : decision === "block" ? "Not run, blocked" : "Not run, held for a person";
  return `${what} by rule \`${rule}\`: ${reason.replace(/\.$/, "")}. ${wayOut}`;
}
