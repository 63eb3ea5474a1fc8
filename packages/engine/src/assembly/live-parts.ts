/** What a running session is put together from, as its parts know each other. */
import type { EventBody, TurnId, TwolaneEvent } from "@twolane/protocol";
import type { AheadDesk } from "../ahead/ahead-desk.ts";
import type { Reviewer } from "../edits/review/reviewer.ts";
import type { SecretScreen } from "../guard/secret-screen.ts";
import type { ConversationLog } from "../journal/conversation-log.ts";
import type { EventHub } from "../journal/event-hub.ts";
import type { Journal } from "../journal/journal.ts";
import type { Loop, ModelKit } from "../loop/loop.ts";
import type { ToolShelf } from "../tools/tool-shelf.ts";
import type { ConversationItem } from "../models/models.ts";
import type { SessionTracing } from "../telemetry/tracing.ts";
import type { SessionAudit } from "./auditing.ts";
import type { SessionCommands } from "./command-parts.ts";
import type { SessionCompanion } from "./companion.ts";
import type { HookGate } from "./hook-gate.ts";
import type { RestoredSession } from "./restore.ts";
import type { SessionParts } from "./session-parts.ts";
import type { OpenedSource } from "./sources.ts";

interface Telemetry extends SessionTracing {
  /** From here on it hears what happens. */
  join(live: LiveParts): SessionCompanion;
}

export interface LiveParts {
  readonly parts: SessionParts;
  readonly hub: EventHub;
  readonly journal: Journal;
  readonly log: ConversationLog<ConversationItem>;
  readonly audit: SessionAudit;
  readonly screen: SecretScreen;
  readonly loop: Loop;
  readonly reviewer: Reviewer;
  /** From here on `test-first` holds nothing of this turn. */
  readonly sawTestFail: (turn: TurnId) => void;
  readonly commands: SessionCommands;
  /** Whether what stands in a file may go to the model that answers now. */
  readonly mayTell: (file: string) => boolean;
  readonly ahead: AheadDesk;
  /** Absent: no file names any. */
  readonly hooks?: HookGate | undefined;
  /** Tools that come to the model from elsewhere. */
  readonly shelf: ToolShelf;
  /** Absent: it is off. */
  readonly telemetry?: Telemetry | undefined;
  readonly emit: (event: EventBody) => void;
  readonly kitOf: (source: OpenedSource) => ModelKit;
  readonly pinnedOf: (source: OpenedSource) => Promise<readonly string[]>;
  readonly history?: readonly TwolaneEvent[];
  readonly restored?: RestoredSession;
}
