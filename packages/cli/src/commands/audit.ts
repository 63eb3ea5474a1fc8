/** `twolane audit`: is the record of what happened whole, what does it say, and what of it is old. */
import type { AuditDesk } from "@twolane/engine";
import { type Failure, exitStatus, failure, failureKinds } from "@twolane/protocol";
import { auditCheckLines, auditLines, prunedLine } from "../views/audit-view.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { type Moment, momentCure, momentFrom } from "./moment.ts";
import { refuse, refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "audit",
  usage: "show | verify | export | prune [options]",
  summary: "The record of who did what with which model: look at it, check that nobody changed it, hand it on.",
  options: [
    { form: "show", text: "what happened, a line each" },
    { form: "verify", text: "find a line that was changed, taken out, put in or cut off; status 1 when there is one" },
    { form: "export", text: "the lines as they stand, as JSON Lines" },
    { form: "prune", text: "take out what is older than the policy keeps (`audit.keep`); the rest can still be verified" },
    { form: "--since DATE", text: "with show and export: of that day and later, e.g. 2026-11-01" },
    { form: "-C, --cwd FOLDER", text: "the workspace there" },
    { form: "--json", text: "one object; with show the lines as they stand" },
  ],
  examples: ["twolane audit verify", "twolane audit show --since 2026-11-01", "twolane audit export > audit.jsonl"],
};

const actions = ["show", "verify", "export", "prune"] as const;
type Action = (typeof actions)[number];

interface Options {
  readonly action: Action;
  readonly json: boolean;
  readonly since?: Moment;
  readonly cwd?: string;
}

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv);
  if ("code" in options) return refuse(options, { io });
  const refuseWith = refuser(io, "audit", options.json);
  const { openAuditDesk } = await import("@twolane/engine");
  const opened = await openAuditDesk({ cwd: options.cwd ?? io.cwd, env: io.env });
  if (!opened.ok) return refuseWith(opened.failure);
  switch (options.action) {
    case "verify":
      return verify(opened.value, options, io);
    case "prune": {
      const pruned = await opened.value.prune();
      if (!pruned.ok) return refuseWith(pruned.failure);
      const { keep } = opened.value;
      const text = options.json
        ? JSON.stringify({ type: "audit.pruned", removed: pruned.value, keep })
        : prunedLine(pruned.value, keep);
      io.stdout.write(`${text}\n`);
      return exitStatus.ok;
    }
    case "show":
    case "export": {
      const { since } = options;
      const lines = opened.value.lines(since && new Date(since.at));
      const isForPeople = options.action === "show" && !options.json;
      const shown = isForPeople ? auditLines(lines, { style: styleOf(io), ...(since && { since: since.day }) }) : lines;
      if (shown.length > 0) io.stdout.write(`${shown.join("\n")}\n`);
      return exitStatus.ok;
    }
  }
}

function verify(desk: AuditDesk, { json }: Options, io: CommandIo): number {
  const check = desk.check();
  const isWhole = check.faults.length === 0;
  if (json) io.stdout.write(`${JSON.stringify({ type: "audit.verified", ok: isWhole, ...check })}\n`);
  else io.stdout.write(`${auditCheckLines(check, desk.path, styleOf(io)).join("\n")}\n`);
  if (isWhole || json) return isWhole ? exitStatus.ok : exitStatus[failureKinds.AUDIT_BROKEN.exit];
  return refuse(failure("AUDIT_BROKEN", `${desk.path} is not as it was written.`), { io });
}

function readOptions(argv: readonly string[]): Options | Failure {
  const parsed = readWords("audit", argv, {
    allowPositionals: true,
    options: { since: { type: "string" }, cwd: { type: "string", short: "C" }, json: { type: "boolean" } },
  });
  if ("code" in parsed) return parsed;
  const { since, cwd, json = false } = parsed.values;
  const [word, ...more] = parsed.positionals;
  const action = actions.find((one) => one === word);
  const see = "See `twolane help audit`.";
  if (action === undefined || more.length > 0) {
    const message = word === undefined ? "Say what to do." : `There is no \`audit ${parsed.positionals.join(" ")}\`.`;
    return failure("USAGE", message, see);
  }
  if (since !== undefined && (action === "verify" || action === "prune"))
    return failure("USAGE", `\`audit ${action}\` looks at the whole record, so it takes no --since.`, see);
  const moment = since === undefined ? undefined : momentFrom(since);
  if (since !== undefined && moment === undefined) return failure("USAGE", `\`--since ${since}\` is no date.`, momentCure);
  return { action, json, ...(moment && { since: moment }), ...(cwd !== undefined && { cwd }) };
}
