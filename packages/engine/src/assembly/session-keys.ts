/** Keys that a file or a command gave are as secret to a session as those of the environment. */
import type { SessionCompanion } from "./companion.ts";
import type { LiveParts } from "./live-parts.ts";

export class SessionKeys implements SessionCompanion {
  constructor({ parts, screen }: Pick<LiveParts, "parts" | "screen">) {
    const { choice } = parts;
    if (choice === undefined) return;
    const hear = (key: string): void => screen.knowEnvironment({ MODEL_API_KEY: key });
    for (const key of choice.keys) hear(key);
    choice.hearKey = hear;
  }
}
