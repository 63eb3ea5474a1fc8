/** The two ways to work. What each of them is, `docs/` says. */

/** `fast`: in seconds, in front of the person. `deep`: in minutes, in the background. */
export const lanes = ["fast", "deep"] as const;
export type Lane = (typeof lanes)[number];

/** A rule of the policy that says in which lane a request belongs. All that it names must hold. */
export interface LaneWish {
  readonly name: string;
  /** Where it stands, e.g. `.twolane/policy.yaml:12`. */
  readonly source: string;
  readonly lane: Lane;
  readonly reason?: string;
  /** Globs: the request names such a path. */
  readonly paths?: readonly string[];
  /** The request has one of these words or phrases. */
  readonly words?: readonly string[];
  /** The request names more files than that. */
  readonly filesOver?: number;
}

/** How requests of one kind went in the fast lane until now: sums. */
export interface PastRequests {
  readonly turns: number;
  /** Answers of the model. */
  readonly answers: number;
  /** Files that were changed. */
  readonly files: number;
  /** Turns that were stopped or steered. */
  readonly cutShort: number;
}
