/** Types a line into a file while the replay writes, as a person would in an editor: it must survive. */
import { appendFileSync, existsSync } from "node:fs";
import path from "node:path";
import type { Session } from "@twolane/protocol";

/** A place for the line, and how many hunks land before it is typed. */
export interface Typing {
  readonly path: string;
  readonly after: number;
}

const hunksBefore = 3;

/** The last file that is there already; not the very last of the replay, which a steer may skip. Undefined: there is none. */
export function planTyping(folder: string, paths: readonly string[]): Typing | undefined {
  const file = paths.slice(0, Math.max(1, paths.length - 1)).findLast((name) => existsSync(path.join(folder, name)));
  return file === undefined ? undefined : { path: file, after: hunksBefore };
}

export function typeAlong(session: Session, folder: string, typing: Typing): void {
  let landed = 0;
  const stop = session.subscribe((event) => {
    if (event.type !== "hunk.landed" || ++landed < typing.after) return;
    const file = path.join(folder, typing.path);
    if (existsSync(file)) appendFileSync(file, "\n// typed by you, while it wrote\n");
    queueMicrotask(() => stop());
  });
}
