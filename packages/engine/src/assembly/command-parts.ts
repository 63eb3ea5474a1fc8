/** What the commands of a session are put together from, and what they look like to it. */
import type { EventBody, ReviewMode } from "@twolane/protocol";
import type { Lander } from "../edits/landing/lander.ts";
import type { CommandDesk } from "../guard/commands/command-desk.ts";
import type { Journal } from "../journal/journal.ts";
import type { SessionTracing } from "../telemetry/tracing.ts";
import type { LandingGuard } from "./landing.ts";
import type { LandingOptions, LandingPlace } from "./place.ts";

export interface CommandParts extends Pick<LandingPlace, "workspace" | "state" | "isTrusted" | "policy"> {
  readonly options: LandingOptions;
  readonly emit: (event: EventBody) => void;
  readonly journal: Journal;
  readonly guard: LandingGuard;
  readonly running: () => Lander | undefined;
  readonly mode: () => ReviewMode;
  readonly telemetry: SessionTracing | undefined;
}

export interface SessionCommands extends CommandDesk {
  /** Behind everything that runs. */
  close(): Promise<void>;
}
