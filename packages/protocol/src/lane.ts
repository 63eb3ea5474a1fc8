/** The two ways to work. What each of them is, `docs/` says. */

/** `fast`: in seconds, in front of the person. `deep`: in minutes, in the background. */
export const lanes = ["fast", "deep"] as const;
export type Lane = (typeof lanes)[number];
