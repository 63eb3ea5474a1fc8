/**
 * The code fence or shell heredoc that stands around a patch. Only what directly surrounds a patch is taken for a wrapper;
 * every other fence is prose.
 */
const fenceLine = /^\s*(`{3,}|~{3,})(.*)$/;
const heredocLine = /<<-?\s*(['"]?)(\w+)\1\s*$/;

interface Opened {
  readonly line: string;
  /** The fence's characters, or the heredoc's word. */
  readonly end: string;
  readonly fence: boolean;
  /** A patch was found in it, so that both its lines are no prose. */
  around: boolean;
  /** Nothing but the opening line was read so far; it is not prose yet. */
  fresh: boolean;
}

export function isFence(line: string): boolean {
  return fenceLine.test(line);
}

export class Wrapper {
  private opened: Opened | undefined;

  /** A line outside of any patch. Returns the lines of which is now certain that they are prose, oldest first. */
  outside(line: string): readonly string[] {
    const opened = this.opened;
    if (opened !== undefined && this.closes(line)) {
      this.opened = undefined;
      if (opened.around) return [];
      return opened.fresh ? [opened.line, line] : [line];
    }
    // A fence within a fence is text of the outer one.
    if (opened?.fence === true || (opened !== undefined && opened.around)) return this.flush(line);
    const next = openWrapper(line);
    if (next === undefined) return this.flush(line);
    const before = this.flush();
    this.opened = next;
    return before;
  }

  /** The line that is read next belongs to a patch: what was opened is around it. */
  patchBegins(): void {
    if (this.opened === undefined) return;
    this.opened.around ||= this.opened.fresh;
    this.opened.fresh = false;
  }

  /** True for the line that ends the wrapper which is open. */
  closes(line: string): boolean {
    const opened = this.opened;
    if (opened === undefined) return false;
    const text = line.trim();
    if (!opened.fence) return text === opened.end;
    return text.startsWith(opened.end) && text === opened.end.charAt(0).repeat(text.length);
  }

  /** The lines that were held back, and then `line`. */
  flush(line?: string): readonly string[] {
    const lines: string[] = [];
    if (this.opened?.fresh === true) {
      this.opened.fresh = false;
      lines.push(this.opened.line);
    }
    if (line !== undefined) lines.push(line);
    return lines;
  }
}

function openWrapper(line: string): Opened | undefined {
  const fence = fenceLine.exec(line);
  if (fence?.[1] !== undefined) return { line, end: fence[1], fence: true, around: false, fresh: true };
  const word = heredocLine.exec(line)?.[2];
  return word === undefined ? undefined : { line, end: word, fence: false, around: false, fresh: true };
}
