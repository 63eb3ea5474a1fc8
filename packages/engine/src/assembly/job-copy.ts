/** The private copy that a job works in: made once, without what the policy hides from its model, with what builds need; and how a session sees it. */
import path from "node:path";
import { type EventBody, type EventOf, type Result, succeed } from "@twolane/protocol";
import { boundByDefault } from "../host/bound-folders.ts";
import { systemProcesses } from "../host/process.ts";
import type { BoundPlace } from "../host/sandbox/confinement.ts";
import { borrowedObjects, copyTree } from "../host/tree-copy.ts";
import { type JobFolder, treesPath } from "../journal/job-folder.ts";
import { readModelConfig } from "../models/catalog.ts";
import { systemClock } from "../std/clock.ts";
import { type PlaceOptions, openLandingPlace, readCatalogInput } from "./place.ts";

export interface JobCopyWish {
  readonly folder: JobFolder;
  readonly started: EventOf<"job.started">;
  readonly env: PlaceOptions["env"];
}

type Prepared = Extract<EventBody, { type: "job.prepared" }>;

/** As `copyTree`; POLICY_INVALID, CONFIG_INVALID. What an earlier process began is begun anew. */
export async function prepareCopy({ folder, started, env }: JobCopyWish): Promise<Result<Prepared>> {
  const { workspace, model, trusted } = started;
  const began = systemClock.mono();
  const place = await openLandingPlace({
    cwd: workspace,
    env,
    trust: trusted,
    scope: [],
    landing: "hunk",
    dryRun: false,
    lane: "deep",
  });
  if (!place.ok) return place;
  const config = readModelConfig(readCatalogInput(env));
  if (!config.ok) return config;
  const reader = { lane: "deep", provider: model.split("/", 1)[0] ?? "", keepsNothing: false } as const;
  const tree = path.basename(workspace);
  const copied = await copyTree({
    ...{ source: workspace, folder: path.join(treesPath(folder), tree), processes: systemProcesses },
    skips: (file) => place.value.policy.read(file, reader).decision !== "allow",
    binds: [...boundByDefault, ...(config.value.lanes.deep.bind ?? [])],
  });
  if (!copied.ok) return copied;
  const { base, files, left, bound } = copied.value;
  const ms = Math.round(systemClock.mono() - began);
  return succeed({ type: "job.prepared", workspace, tree, base, files, left, bound, ms });
}

/** What a sandboxed command sees in the copy beside its files. */
export function boundIn(copy: string, { workspace, bound }: Pick<Prepared, "workspace" | "bound">): readonly BoundPlace[] {
  return [
    // Where the user's repository lies in a folder that the sandbox empties, git would find nothing in the copy.
    ...borrowedObjects(copy).map((place) => ({ from: place, at: place })),
    ...bound.map((name) => ({ from: path.join(workspace, name), at: path.join(copy, name) })),
  ];
}
