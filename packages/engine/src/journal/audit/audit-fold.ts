/**
 * Events of a session → records of the audit: who, which model, what was decided, by hashes. What is kept of texts the policy says. A fold:
 * what comes out depends on nothing but the events so far.
 */
import type { AuditContent } from "@twolane/policy";
import type { EventType, Hunk, HunkLine, TwolaneEvent } from "@twolane/protocol";
import { sha256 } from "../../std/hash.ts";
import type { AuditRecord } from "./chain.ts";

/** Whoever works: as git knows the person, and as the machine does. */
export interface AuditPerson {
  readonly name?: string;
  readonly email?: string;
  readonly user: string;
  readonly host: string;
}

export interface AuditRules {
  readonly content: () => AuditContent;
  /** What the class of a path allows. */
  readonly contentOf: (path: string) => AuditContent;
  readonly who: () => Promise<AuditPerson>;
}

export interface AuditFold {
  take(event: TwolaneEvent): Promise<readonly AuditRecord[]>;
}

const audited: ReadonlySet<EventType> = new Set<EventType>([
  ...(["session.started", "session.resumed", "session.recovered", "session.ended"] as const),
  ...(["turn.started", "turn.steered", "turn.ended", "turn.rewound", "stop.requested", "aside.asked", "aside.answered"] as const),
  ...(["text.finished", "model.changed", "mode.changed", "scope.changed", "step.started", "tool.ended"] as const),
  ...(["command.held", "command.answered", "command.started", "command.ended"] as const),
  ...(["hunk.closed", "hunk.landed", "hunk.held", "hunk.failed", "hunk.undone", "hunk.accepted", "hunk.rejected"] as const),
  ...(["hunk.allowed", "hunk.superseded", "commit.made", "tests.ended"] as const),
]);

export const isAudited = (type: EventType): boolean => audited.has(type);

interface KnownHunk {
  readonly path: string;
  readonly hash?: string;
}

/** Hashes of hunks that nobody has decided on are needed no longer than that many hunks later. */
const mostHunks = 20_000;

export function createAuditFold(rules: AuditRules): AuditFold {
  const hunks = new Map<string, KnownHunk>();
  const know = (hunk: Hunk, lines: readonly HunkLine[]): void => {
    if (hunks.size >= mostHunks) hunks.delete(hunks.keys().next().value ?? "");
    const isHidden = [hunk.path, hunk.movedTo].some((path) => path !== undefined && rules.contentOf(path) === "none");
    hunks.set(hunk.id, { path: hunk.path, ...(!isHidden && { hash: hashOfHunk(hunk, lines) }) });
  };
  const said = (text: string): object => {
    const content = rules.content();
    return content === "none" ? {} : { hash: sha256(text), ...(content === "full" && { text }) };
  };
  const of = (id: string): object => ({ hunk: id, ...hunks.get(id) });
  return {
    async take(event) {
      if (event.type === "hunk.closed") {
        know(event.hunk, event.lines);
        return [];
      }
      const isOpening = event.type === "session.started" || event.type === "session.resumed";
      const rest = isOpening
        ? { who: await rules.who(), ...plainFields(event) }
        : (hunkFields(event, of) ?? saidFields(event, said));
      const head = { type: event.type, at: new Date(event.at).toISOString(), session: event.session, lane: event.lane };
      return [Object.assign(head, rest)];
    },
  };
}

/** Undefined: it is about no hunk. */
function hunkFields(event: TwolaneEvent, of: (id: string) => object): object | undefined {
  const place = (hunk: Hunk): object => ({
    ...{ ...of(hunk.id), path: hunk.path, operation: hunk.operation, turn: hunk.turn },
    ...{ line: hunk.line, added: hunk.linesAdded, removed: hunk.linesRemoved, ...(hunk.movedTo && { movedTo: hunk.movedTo }) },
  });
  switch (event.type) {
    case "hunk.landed":
      return { ...place(event.hunk), dryRun: event.dryRun };
    case "hunk.held":
      return { ...place(event.hunk), verdict: event.verdict };
    case "hunk.failed":
      return { ...place(event.hunk), failure: event.failure.code };
    case "hunk.undone":
    case "hunk.superseded":
      return of(event.hunk);
    case "hunk.accepted":
      return { ...of(event.hunk), by: event.by };
    case "hunk.allowed":
      return { ...of(event.hunk), for: event.for, rules: event.rules };
    case "commit.made":
      return { commit: event.commit, hunks: event.hunks.map(of) };
    case "session.recovered":
      return { finished: event.finished.map(of), reverted: event.reverted.map(of) };
    default:
      return undefined;
  }
}

/** `said`: what is kept of a text. */
function saidFields(event: TwolaneEvent, said: (text: string) => object): object {
  switch (event.type) {
    case "turn.started":
      return { turn: event.turn, ...said(event.prompt) };
    case "turn.steered":
      return { turn: event.turn, ...said(event.text) };
    case "text.finished":
    case "aside.asked":
    case "aside.answered":
      return said(event.text);
    case "tool.ended":
      return { call: event.call, tool: event.tool, ok: event.ok, ...said(event.summary) };
    case "command.held":
      return { call: event.call, ...said(event.command), verdict: withoutReason(event.verdict), network: event.network };
    case "command.started":
      return { call: event.call, ...said(event.command), sandbox: event.sandbox, network: event.network, write: event.write };
    case "command.ended": {
      const { call, status, signal, ended, ms } = event;
      return { call, ms, ...(status !== undefined && { status }), ...(signal && { signal }), ...(ended && { ended }) };
    }
    case "hunk.rejected":
      return { hunk: event.hunk, path: event.path, ...(event.reason !== undefined && { reason: said(event.reason) }) };
    case "turn.ended":
      return { turn: event.turn, ending: event.ending, ...(event.failure && { failure: event.failure.code }) };
    case "tests.ended": {
      const { hash, outcome, counts, ms, failure } = event.evidence;
      return { evidence: { hash, outcome, counts, ms, ...(failure && { failed: failure.path }) } };
    }
    default:
      return plainFields(event);
  }
}

/** Reason and subject of a verdict on a command repeat the command. */
const withoutReason = ({ decision, rule, source }: Extract<TwolaneEvent, { type: "command.held" }>["verdict"]): object => ({
  ...{ decision, rule },
  ...(source !== undefined && { source }),
});

/** The same for the same lines at the same path, whoever computes it. */
export function hashOfHunk({ path, movedTo, operation }: Hunk, lines: readonly HunkLine[]): string {
  const changed = lines.filter(({ op }) => op !== "keep").map(({ op, text }) => `${op === "add" ? "+" : "-"}${text}`);
  return sha256([operation, path, movedTo ?? "", ...changed].join("\n"));
}

/** These carry names and numbers only. */
function plainFields(event: TwolaneEvent): object {
  const left = new Set(["type", "at", "mono", "lane", "session"]);
  return Object.fromEntries(Object.entries(event).filter(([name]) => !left.has(name)));
}
