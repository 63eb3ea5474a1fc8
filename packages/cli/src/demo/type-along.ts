/** Types a line into a file while the replay writes, as a person would in an editor: it must survive. */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { ReplayedCommit } from "@twolane/engine";
import type { Session } from "@twolane/protocol";

/** A place for the line, and how many hunks land before it is typed. */
export interface Typing {
  readonly path: string;
  readonly after: number;
}

const hunksBefore = 3;
const typedLine = "// typed by you, while it wrote";

/**
 * The last file that is there already; not the very last of the replay, which a steer may skip. Of few hunks half are waited for.
 * Undefined: there is none.
 */
export function planTyping(
  folder: string,
  { paths, played }: Pick<ReplayedCommit["facts"], "paths" | "played">,
): Typing | undefined {
  const file = paths.slice(0, Math.max(1, paths.length - 1)).findLast((name) => existsSync(path.join(folder, name)));
  return file === undefined ? undefined : { path: file, after: Math.min(hunksBefore, Math.ceil(played / 2)) };
}

export function typeAlong(session: Session, folder: string, typing: Typing): void {
  let landed = 0;
  const stop = session.subscribe((event) => {
    // Several may land at once, and be told before the end of this.
    if (event.type !== "hunk.landed" || ++landed !== typing.after) return;
    const file = path.join(folder, typing.path);
    if (existsSync(file)) appendFileSync(file, `\n${typedLine}\n`);
    queueMicrotask(() => stop());
  });
}

/** The line is there, once. */
export function isStillTyped(folder: string, typing: Typing): boolean {
  const file = path.join(folder, typing.path);
  return existsSync(file) && readFileSync(file, "utf8").split(typedLine).length === 2;
}
