/** The audit of a session, and what a surface may do with that of a workspace: check it, show it, take out what is old. */
import os from "node:os";
import { type EventBody, type Result, succeed } from "@twolane/protocol";
import { withTrailer } from "../commit/message.ts";
import { systemFailure } from "../host/errors.ts";
import { openGit } from "../host/git.ts";
import { systemProcesses } from "../host/process.ts";
import { type AuditFile, openAuditFile } from "../journal/audit/audit-file.ts";
import { type AuditPerson, createAuditFold } from "../journal/audit/audit-fold.ts";
import { type AuditWriter, createAuditWriter } from "../journal/audit/audit-writer.ts";
import type { AuditCheck } from "../journal/audit/chain.ts";
import type { EventHub } from "../journal/event-hub.ts";
import { type LandingPlace, type PlaceOptions, openLandingPlace } from "./place.ts";
import { readable } from "../std/text.ts";

export interface SessionAudit extends AuditWriter {
  /** With the audit's end as a trailer, where the policy says so: what was written before a commit cannot be changed any more unseen. */
  messageWith(message: string): Promise<string>;
}

export function openAudit(
  { workspace, state, policy }: Pick<LandingPlace, "workspace" | "state" | "policy">,
  hub: EventHub,
): SessionAudit {
  const onTrouble = (error: unknown): void => {
    const refused = systemFailure(error, state.path, "write");
    const message = refused.ok ? "" : `${refused.failure.message} ${refused.failure.cure}`;
    const notice: EventBody = { type: "notice.given", code: "AUDIT", message: `The audit is not written. ${message}`.trim() };
    hub.emit(notice);
  };
  let person: Promise<AuditPerson> | undefined;
  const who = (): Promise<AuditPerson> => (person ??= whoWorks(workspace.root));
  let lull: NodeJS.Timeout | undefined;
  const fold = createAuditFold({
    // Asked each time: the policy is renewed when the workspace becomes trusted.
    content: () => policy.audit.content,
    contentOf: (path) => policy.auditContent(path),
    who,
  });
  const writer = createAuditWriter({ file: openAuditFile(state), fold, onTrouble });
  return {
    ...writer,
    observe(event) {
      writer.observe(event);
      clearTimeout(lull);
      // While the model is waited for: to start a process takes some milliseconds, in which no hunk would land.
      if (event.type === "step.started" && person === undefined) lull = setTimeout(() => void who(), lullMs).unref();
    },
    async messageWith(message) {
      const link = policy.audit.trailer ? await writer.flush() : undefined;
      return link === undefined ? message : withTrailer(message, `Twolane-Audit: ${link.hash}`);
    },
  };
}

/** A model that has said nothing for so long will not speak in the next milliseconds. */
const lullMs = 20;

/** As git would write it into a commit. */
async function whoWorks(root: string): Promise<AuditPerson> {
  const machine = { user: userName(), host: os.hostname() };
  const answer = await openGit(root, systemProcesses).ask({ args: ["var", "GIT_AUTHOR_IDENT"] });
  const text = answer.ok && answer.value.status === 0 ? readable(answer.value.stdout) : "";
  const [, name, email] = /^(.*) <([^>]*)> \d+ [+-]\d+/.exec(text) ?? [];
  return name === undefined || email === undefined ? machine : { name, email, ...machine };
}

function userName(): string {
  try {
    return os.userInfo().username;
  } catch {
    // A user without a line in the system's table.
    return `${process.getuid?.() ?? "unknown"}`;
  }
}

export interface AuditDesk {
  /** Where it is. */
  readonly path: string;
  /** Days that the policy keeps; 0: for ever. */
  readonly keep: number;
  check(): AuditCheck;
  /** Lines as they stand, of that day and later. */
  lines(since?: Date): readonly string[];
  /** Takes out what is older than the policy keeps. Gives how many lines went. */
  prune(): Promise<Result<number>>;
}

export async function openAuditDesk(options: PlaceOptions): Promise<Result<AuditDesk>> {
  const place = await openLandingPlace({ ...options, scope: [], landing: "hunk", dryRun: false });
  if (!place.ok) return place;
  const { state, policy } = place.value;
  const file = openAuditFile(state);
  const { keep } = policy.audit;
  return succeed({
    ...{ path: file.path, keep, check: () => file.check() },
    lines: (since) => (since === undefined ? file.lines() : file.lines().filter((line) => dateOf(line) >= since.getTime())),
    prune: () => prune(file, keep),
  });
}

async function prune(file: AuditFile, keep: number): Promise<Result<number>> {
  if (keep === 0) return succeed(0);
  try {
    return succeed(await file.prune(new Date(Date.now() - keep * 24 * 60 * 60 * 1000)));
  } catch (error) {
    return systemFailure(error, file.path, "write");
  }
}

/** What is no line of ours any more is shown, not passed over. */
function dateOf(line: string): number {
  const [, at = ""] = /"at":"([^"]+)"/.exec(line) ?? [];
  const time = Date.parse(at);
  return Number.isNaN(time) ? Infinity : time;
}
