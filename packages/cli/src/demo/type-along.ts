/** Types a line into a file while the replay writes, as a person would in an editor: it must survive. */
import { appendFileSync, existsSync } from "node:fs";
import path from "node:path";
import type { Session } from "@twolane/protocol";

/** Once, after the third hunk, at the end of a file that is still to come. */
export function typeAlong(session: Session, folder: string, paths: readonly string[]): void {
  let landed = 0;
  const stop = session.subscribe((event) => {
    if (event.type !== "hunk.landed" || ++landed < 3) return;
    const target = paths
      .toReversed()
      .map((name) => path.join(folder, name))
      .find((file) => existsSync(file));
    if (target !== undefined) appendFileSync(target, "\n// typed by you, while it wrote\n");
    queueMicrotask(() => stop());
  });
}
