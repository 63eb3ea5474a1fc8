/** What a running session does when its workspace may have become trusted, or not trusted any more. Gives no trust itself. */
import type { EventBody } from "@twolane/protocol";
import type { SessionCommands } from "./commands.ts";
import type { SessionParts } from "./session-parts.ts";
import type { SessionTests } from "./session-tests.ts";

interface Concerned {
  readonly parts: SessionParts;
  readonly commands: SessionCommands;
  readonly emit: (event: EventBody) => void;
}

/** The policy first: what waits is judged by it. */
export async function lookAtTrust({ parts, commands, emit }: Concerned, tests: SessionTests): Promise<void> {
  const renewed = await parts.renewPolicy();
  if (!renewed.ok) {
    const { code, message, cure } = renewed.failure;
    emit({ type: "notice.given", code, message: `${message} ${cure}` });
  }
  commands.trustChanged();
  tests.trustChanged();
}
