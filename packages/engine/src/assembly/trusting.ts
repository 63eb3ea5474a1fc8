/** What a surface may do with the trust of a workspace: see it, give it, take it back. */
import { type Result, succeed } from "@twolane/protocol";
import { type Trust, giveTrust, readTrust, revokeTrust } from "../guard/trust.ts";
import { type PlaceOptions, openPlace } from "./place.ts";

export interface WorkspaceTrust {
  readonly root: string;
  read(): Trust;
  give(): Result<void>;
  revoke(): void;
}

export function openTrust(options: PlaceOptions): Result<WorkspaceTrust> {
  const opened = openPlace(options);
  if (!opened.ok) return opened;
  const place = opened.value;
  return succeed({
    root: place.workspace.root,
    read: () => readTrust(place),
    give: () => giveTrust(place, new Date()),
    revoke: () => revokeTrust(place),
  });
}
