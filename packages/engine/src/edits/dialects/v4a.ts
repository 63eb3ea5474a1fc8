/**
 * V4A, the patch form that OpenAI's models are trained on. Reads tolerantly: the envelope is optional, markers may be
 * padded with blanks, anchors may be stacked, line numbers behind `@@` are hints.
 *
 * A hunk is closed by the first bytes of the next line that begins with `@@` or `***`. Only `*** End of File` belongs to the
 * hunk before it, so `***` closes as soon as the line can no longer become that.
 */
import type { DialectParser } from "../edits.ts";
import type { EventSink } from "./event-sink.ts";
import { HunkBuilder, showLine } from "./hunk-builder.ts";
import { maxHunkLength, maxHunkLines } from "./limits.ts";
import { lineParser, type LineGrammar } from "./line-parser.ts";
import { Wrapper } from "./wrapper.ts";

interface AddSection {
  readonly kind: "add";
  readonly path: string;
  readonly lines: string[];
  length: number;
  /** Blank lines without `+`: content if more follows. */
  blanks: number;
  finalNewline: boolean;
}

interface UpdateSection {
  readonly kind: "update";
  path: string;
  hunk: HunkBuilder | undefined;
  /** The open hunk has its own `@@` line. */
  headed: boolean;
  /** The section held something: a hunk, a move or a part that could not be read. */
  used: boolean;
}

type Section =
  /** Not inside a patch: prose. */
  | { readonly kind: "outside" }
  /** Inside the envelope, with no file open. */
  | { readonly kind: "between" }
  | AddSection
  | UpdateSection
  /** After a part that could not be read: everything up to the next marker is passed over. */
  | { readonly kind: "skip"; readonly update?: UpdateSection };

const markerLine = /^\*\*\*\s*(Begin Patch|End Patch|End of File|Environment ID:|(?:Add|Update|Delete) File:|Move to:)(.*)$/i;
const endOfFile = "*** End of File";

export function v4aParser(): DialectParser {
  return lineParser((sink) => new V4aGrammar(sink));
}

class V4aGrammar implements LineGrammar {
  private readonly sink: EventSink;
  private readonly wrapper = new Wrapper();
  private section: Section = { kind: "outside" };
  /** Files seen since `*** Begin Patch`. */
  private files = 0;

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  head(start: string): void {
    if (closesHunk(start, true)) this.closeBefore(start);
  }

  line(text: string): void {
    if (closesHunk(text, false)) this.closeBefore(text);
    const marker = this.markerIn(text);
    if (marker !== undefined) this.marker(marker.name, marker.argument, text);
    else if (this.section.kind !== "outside" && this.wrapper.closes(text)) this.leave(text);
    else this.plainLine(text);
  }

  overlong(start: string): void {
    this.spoil("a line is longer than 1 MiB", start);
  }

  end(complete: boolean): void {
    if (complete) this.closeSection();
    for (const line of this.wrapper.flush()) this.sink.prose(line);
  }

  /** What the first bytes of a line that begins with `@@` or `***` close. */
  private closeBefore(start: string): void {
    const { section } = this;
    if (section.kind === "add" && start.startsWith("*** ")) this.closeSection();
    if (section.kind !== "update" || section.hunk === undefined) return;
    // A header right behind a header is a stacked anchor.
    if (section.hunk.lines.length > 0) this.closeHunk(section);
  }

  /** The marker on this line. Padded with blanks it counts only where no line of a hunk can stand. */
  private markerIn(text: string): { readonly name: string; readonly argument: string } | undefined {
    const padded = !text.startsWith("***");
    if (padded && this.section.kind === "update" && this.section.hunk !== undefined) return undefined;
    const found = markerLine.exec(padded ? text.trim() : text);
    if (found?.[1] === undefined) return undefined;
    return { name: found[1].toLowerCase(), argument: (found[2] ?? "").trim() };
  }

  private marker(name: string, argument: string, text: string): void {
    const { section } = this;
    if (section.kind === "outside") {
      this.wrapper.patchBegins();
      for (const line of this.wrapper.flush()) this.sink.prose(line);
    }
    switch (name) {
      case "begin patch":
        this.closeSection();
        this.files = 0;
        this.section = { kind: "between" };
        return;
      case "end patch":
        this.closeSection();
        if (this.files === 0) this.sink.malformed("the patch changes no file", text);
        this.section = { kind: "outside" };
        return;
      case "environment id:":
        return;
      case "end of file":
        if (section.kind !== "update" || section.hunk === undefined) return;
        section.hunk.atEndOfFile();
        this.closeHunk(section);
        return;
      case "move to:":
        this.move(argument, text);
        return;
      default:
        this.openFile(name, argument);
    }
  }

  private openFile(name: string, path: string): void {
    this.closeSection();
    this.files += 1;
    this.section = { kind: "skip" };
    if (this.sink.refusedPath(path)) return;
    this.sink.file(path);
    if (name === "update file:") this.section = { kind: "update", path, hunk: undefined, headed: false, used: false };
    else if (name === "add file:") this.section = { kind: "add", path, lines: [], length: 0, blanks: 0, finalNewline: true };
    else {
      this.sink.hunk({ kind: "delete", path });
      this.section = { kind: "between" };
    }
  }

  private move(to: string, text: string): void {
    const { section } = this;
    if (section.kind === "skip") return;
    if (section.kind !== "update") {
      this.sink.malformed("`*** Move to:` belongs right below `*** Update File:`", text);
      return;
    }
    if (section.hunk !== undefined) this.closeHunk(section);
    section.used = true;
    if (this.sink.refusedPath(to)) {
      this.section = { kind: "skip" };
      return;
    }
    this.sink.hunk({ kind: "move", path: section.path, to });
    section.path = to;
  }

  private plainLine(text: string): void {
    const { section } = this;
    switch (section.kind) {
      case "outside":
        for (const line of this.wrapper.outside(text)) this.sink.prose(line);
        return;
      case "between":
        if (text.trim() === "") return;
        this.spoil("a line stands outside of every file of the patch", text);
        return;
      case "add":
        this.addLine(section, text);
        return;
      case "update":
        this.updateLine(section, text);
        return;
      case "skip":
        if (section.update === undefined || !text.startsWith("@@")) return;
        this.section = section.update;
        this.updateLine(section.update, text);
    }
  }

  private addLine(section: AddSection, text: string): void {
    if (text.startsWith("+")) {
      for (; section.blanks > 0; section.blanks -= 1) section.lines.push("");
      section.lines.push(text.slice(1));
      section.length += text.length;
      this.sink.line(section.path, "add", text.slice(1));
      if (section.lines.length > maxHunkLines || section.length > maxHunkLength)
        this.spoil("the new file is too long for one hunk", text);
    } else if (text.trim() === "") section.blanks += 1;
    else if (text.startsWith("\\ ")) section.finalNewline = false;
    else this.spoil(`${section.path}: a line of the new file does not begin with +`, text);
  }

  private updateLine(section: UpdateSection, text: string): void {
    if (text.startsWith("@@")) {
      section.hunk ??= new HunkBuilder(section.path);
      section.headed = true;
      section.hunk.header(text.slice(2), true);
    } else if (text === "") section.hunk?.blank();
    else if (text.startsWith("\\ ")) section.hunk?.missingNewline();
    else if (/^[ +-]/.test(text)) {
      section.hunk ??= new HunkBuilder(section.path);
      if (!section.hunk.add(text)) this.spoil(`${section.path}: a hunk is too long`, text);
      else showLine(this.sink, section.hunk);
    } else this.spoil(`${section.path}: a line of a hunk begins with none of space, + and -`, text);
  }

  private closeHunk(section: UpdateSection): void {
    const { hunk, headed } = section;
    section.hunk = undefined;
    section.headed = false;
    if (hunk === undefined) return;
    this.sink.forget();
    // The two name lines of a unified diff below the V4A header say nothing new.
    if (!headed && isFileHeader(hunk)) return;
    section.used = true;
    if (hunk.lines.length === 0) this.sink.malformed(`${section.path}: a hunk has no lines`, "@@");
    else this.sink.hunk(hunk.draft());
  }

  private closeSection(): void {
    const { section } = this;
    if (section.kind === "add") {
      const content = section.lines.map((line) => `${line}\n`).join("");
      this.sink.hunk({
        kind: "create",
        path: section.path,
        content: section.finalNewline ? content : content.slice(0, -1),
        overwrite: true,
      });
    }
    if (section.kind === "update") {
      dropPaddedEnd(section);
      this.closeHunk(section);
      if (!section.used) this.sink.malformed(`${section.path}: the update has no hunk`, section.path);
    }
    if (section.kind !== "outside") this.section = { kind: "between" };
  }

  /** The wrapper ends, and with it the patch. */
  private leave(text: string): void {
    this.closeSection();
    this.section = { kind: "outside" };
    for (const line of this.wrapper.outside(text)) this.sink.prose(line);
  }

  private spoil(reason: string, text: string): void {
    const { section } = this;
    if (section.kind === "skip" || section.kind === "outside") return;
    this.files += 1;
    this.sink.malformed(reason, text);
    if (section.kind !== "update") {
      this.section = { kind: "skip" };
      return;
    }
    section.used = true;
    section.hunk = undefined;
    section.headed = false;
    this.section = { kind: "skip", update: section };
  }
}

/** Lines that end what is open. Of `*** End of File` and what may become it that is not yet known. */
function closesHunk(text: string, growing: boolean): boolean {
  if (text.startsWith("@@")) return true;
  if (!text.startsWith("***") || text.startsWith(endOfFile)) return false;
  return !growing || !endOfFile.startsWith(text);
}

function isFileHeader(hunk: HunkBuilder): boolean {
  const [old, added] = hunk.lines;
  return (
    hunk.lines.length === 2 &&
    old?.op === "remove" &&
    added?.op === "add" &&
    old.text.startsWith("-- ") &&
    added.text.startsWith("++ ")
  );
}

/** At the very end a padded end marker is a marker; anywhere before it is a context line that looks like one. */
function dropPaddedEnd(section: UpdateSection): void {
  const last = section.hunk?.lines.at(-1);
  if (last?.op === "keep" && last.text.trim() === "*** End Patch") section.hunk?.lines.pop();
}
