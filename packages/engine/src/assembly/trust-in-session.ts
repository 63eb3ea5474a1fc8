/** What a running session does when its workspace may have become trusted, or not trusted any more. Gives no trust itself. */
import type { Command, EventBody } from "@twolane/protocol";
import type { SessionAudit } from "./auditing.ts";
import type { SessionCommands } from "./command-parts.ts";
import { noticeOf } from "./notice.ts";
import type { SessionParts } from "./session-parts.ts";
import type { SessionTests } from "./session-tests.ts";

interface Concerned {
  readonly parts: SessionParts;
  readonly audit: SessionAudit;
  readonly commands: SessionCommands;
  readonly emit: (event: EventBody) => void;
}

interface TrustLookDeps {
  readonly tests: SessionTests;
  readonly carryOut: (command: Command) => void;
}

/** What is said while it looks is kept back for these milliseconds: the policy of then decides whether a model may see it. */
export class TrustLook {
  private readonly live: Concerned;
  private readonly deps: TrustLookDeps;
  private looks: Promise<void> | undefined;
  private late: Command[] = [];

  constructor(live: Concerned, deps: TrustLookDeps) {
    this.live = live;
    this.deps = deps;
  }

  /** True: it is carried out when the look has ended. What comes behind such a command does not overtake it. */
  keepsBack(command: Command): boolean {
    const waits = this.looks !== undefined && ("text" in command || this.late.length > 0);
    if (waits) this.late.push(command);
    return waits;
  }

  look(): Promise<void> {
    const looks = (this.looks ?? Promise.resolve()).then(() => this.lookNow());
    this.looks = looks;
    return looks.finally(() => {
      if (this.looks !== looks) return;
      this.looks = undefined;
      for (const command of this.late.splice(0)) this.deps.carryOut(command);
    });
  }

  /** Nothing is kept back any more. */
  async idle(): Promise<void> {
    while (this.looks !== undefined) await this.looks.catch(() => undefined);
  }

  close(): void {
    this.late = [];
  }

  /** The policy first: what waits is judged by it. */
  private async lookNow(): Promise<void> {
    const { parts, audit, commands, emit } = this.live;
    // What was said before is kept as the policy of then has it.
    await audit.flush();
    const renewed = await parts.renewPolicy();
    if (!renewed.ok) emit(noticeOf(renewed.failure));
    commands.trustChanged();
    this.deps.tests.trustChanged();
  }
}
