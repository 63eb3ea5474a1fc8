/**
 * Collects what a parser says during one push. Knows nothing of any dialect: it joins neighbouring prose and says an open
 * hunk at most once a push, so that a long hunk in one piece costs one look for its place.
 */
import type { HunkLine } from "@twolane/protocol";
import type { HunkDraft, ParserEvent } from "../edits.ts";
import { maxPathBytes } from "./limits.ts";

const excerptLength = 200;

export class EventSink {
  private events: ParserEvent[] = [];
  private openDraft: HunkDraft | undefined;
  private lines: { readonly path: string; readonly added: string[]; readonly removed: string[]; repeats?: true } | undefined;

  file(path: string): void {
    this.events.push({ type: "file", path });
  }

  /** The open hunk so far. Its arrays may be live: they are to be read before the next push. */
  open(draft: HunkDraft): void {
    this.openDraft = draft;
  }

  /** A whole line of the open hunk. */
  line(path: string, op: HunkLine["op"], text: string): void {
    if (op === "keep") return;
    this.lines ??= { path, added: [], removed: [] };
    (op === "add" ? this.lines.added : this.lines.removed).push(text);
  }

  /** A whole line of the open hunk's new side, which may only repeat what the file has. */
  newSide(path: string, text: string): void {
    this.line(path, "add", text);
    if (this.lines) this.lines.repeats = true;
  }

  hunk(draft: HunkDraft): void {
    this.forget();
    this.events.push({ type: "hunk", draft });
  }

  /** The open hunk is no more. */
  forget(): void {
    this.openDraft = undefined;
    this.lines = undefined;
  }

  prose(line: string): void {
    const last = this.events.at(-1);
    if (last?.type === "prose") this.events[this.events.length - 1] = { type: "prose", text: `${last.text}${line}\n` };
    else this.events.push({ type: "prose", text: `${line}\n` });
  }

  malformed(reason: string, excerpt: string): void {
    this.forget();
    this.events.push({ type: "malformed", reason, excerpt: excerpt.slice(0, excerptLength) });
  }

  /** Why this cannot be a path; undefined where it can. What it may touch is for the writer to judge. */
  refusedPath(path: string): boolean {
    const reason = pathFault(path);
    if (reason !== undefined) this.malformed(reason, path);
    return reason !== undefined;
  }

  take(): readonly ParserEvent[] {
    const taken = this.events;
    if (this.lines !== undefined) taken.push({ type: "lines", ...this.lines });
    if (this.openDraft !== undefined) taken.push({ type: "open", draft: this.openDraft });
    this.forget();
    this.events = [];
    return taken;
  }
}

function pathFault(path: string): string | undefined {
  if (path === "") return "a path is empty";
  if (path.length > maxPathBytes || Buffer.byteLength(path) > maxPathBytes) return `a path is longer than ${maxPathBytes} bytes`;
  return /[\0\n\r]/.test(path) ? "a path holds a line ending or a zero byte" : undefined;
}
