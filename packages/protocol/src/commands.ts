/** What a person or another program may say to a session. One JSON object a line in `run --input jsonl`. */
export type Command =
  | { readonly type: "prompt"; readonly text: string }
  /** Stop now; finished hunks stay. */
  | { readonly type: "stop" }
  /** Say this now, into the running turn. */
  | { readonly type: "steer"; readonly text: string }
  /** Say this after the running turn. */
  | { readonly type: "queue"; readonly text: string };

export type CommandType = Command["type"];

/** How hunks reach the disk: one by one, all of a file together, or all of a turn or nothing. */
export const landingModes = ["hunk", "file", "turn"] as const;
export type LandingMode = (typeof landingModes)[number];
