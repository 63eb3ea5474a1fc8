/** Who goes along with a running session without the session knowing what it is. A new concern is one line here. */
import type { SessionCompanion, SessionDoor } from "./companion.ts";
import { openLimitDesk } from "./limit-desk.ts";
import type { LiveParts } from "./live-parts.ts";
import { Neighbours } from "./neighbours.ts";
import { SessionHooks } from "./session-hooks.ts";
import { SessionContext } from "./session-context.ts";
import { SessionChecks } from "./session-checks.ts";
import { SessionJobs } from "./session-jobs.ts";
import { SessionKeys } from "./session-keys.ts";
import { SessionLanes } from "./session-lanes.ts";
import { SessionMcp } from "./session-mcp.ts";
import { SessionTake } from "./session-take.ts";
import { SessionTiming } from "./session-timing.ts";

export function openCompanions(live: LiveParts, door: SessionDoor): readonly SessionCompanion[] {
  const { parts, journal, emit } = live;
  return [
    new Neighbours({ state: parts.state, own: journal.id, emit }),
    new SessionKeys(live),
    new SessionTake(live),
    new SessionChecks(live),
    new SessionJobs(live),
    new SessionLanes(live),
    new SessionMcp(live),
    new SessionHooks(live, door),
    new SessionContext(live),
    new SessionTiming(live),
    openLimitDesk(live, door),
    ...(live.telemetry ? [live.telemetry.join(live)] : []),
  ];
}
