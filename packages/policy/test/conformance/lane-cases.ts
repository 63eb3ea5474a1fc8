/** Lanes: which requests a rule sends where. A rule stops nothing, so a case says the lane instead of a decision. */
import type { Lane } from "@twolane/protocol";

export interface LaneCase {
  readonly name: string;
  /** Text of `.twolane/policy.yaml` without its first line. */
  readonly policy: string;
  readonly request: string;
  /** Undefined: no rule speaks of it. */
  readonly lane?: Lane;
  readonly rule?: string;
}

const policy = `lanes:
  - lane: deep
    name: schema
    paths: [db/migrations/**, "**/*.prisma"]
  - lane: fast
    name: typos
    words: [typo, spelling]
  - lane: deep
    words: [feature flag]
    filesOver: 2
`;

export const laneCases: readonly LaneCase[] = [
  {
    name: "lanes: a path below a folder",
    policy,
    request: "add a column in db/migrations/004.sql",
    lane: "deep",
    rule: "schema",
  },
  { name: "lanes: a path in other letters", policy, request: "look at DB/Migrations/004.sql:12", lane: "deep", rule: "schema" },
  { name: "lanes: a path behind an @", policy, request: "make id a bigint in @app/schema.prisma", lane: "deep", rule: "schema" },
  { name: "lanes: another path", policy, request: "add a column in src/db.ts" },
  { name: "lanes: a word in other letters", policy, request: "Typo in the header", lane: "fast", rule: "typos" },
  { name: "lanes: a part of a word", policy, request: "rename typography.css" },
  { name: "lanes: the first rule counts", policy, request: "typo in db/migrations/004.sql", lane: "deep", rule: "schema" },
  {
    ...{ name: "lanes: all conditions", policy, lane: "deep", rule: "lanes-3" },
    request: "drop the feature flag from src/a.ts, src/b.ts and src/c.ts",
  },
  { name: "lanes: one condition of two", policy, request: "drop the feature flag from src/a.ts and src/b.ts" },
  {
    name: "lanes: a phrase over a line end",
    policy,
    request: "drop the feature\nflag of a.ts b.ts c.ts",
    lane: "deep",
    rule: "lanes-3",
  },
];
