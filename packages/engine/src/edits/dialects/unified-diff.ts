/**
 * Unified diffs as git, diff and models write them. Line numbers are hints and counts are not trusted, since models
 * miscount; counts only decide whether a line like `--- x` is a removed line or the next file's name, and where prose begins.
 */
import type { DialectParser } from "../edits.ts";
import { commonName, gitName, namesOf, unquoted } from "./diff-names.ts";
import type { EventSink } from "./event-sink.ts";
import { HunkBuilder, showLine } from "./hunk-builder.ts";
import { lineParser, type LineGrammar } from "./line-parser.ts";
import { Wrapper } from "./wrapper.ts";

/** One file of the diff. */
interface DiffFile {
  kind: "update" | "create" | "delete";
  path: string | undefined;
  from: string | undefined;
  /** Has its `---` and `+++` lines. */
  named: boolean;
  /** Git said so in its own header, so that no hunk has to follow. */
  readonly git: boolean;
  /** Something came of it: a hunk, a move, a part that could not be read. */
  used: boolean;
  /** Has or had a hunk, readable or not. */
  hunks: boolean;
  /** Cannot be applied; its lines are passed over. */
  skip: boolean;
}

const startsFile = /^(?:diff --(?:git|cc|combined) |diff -|Index: )/;

export function unifiedDiffParser(): DialectParser {
  return lineParser((sink) => new UnifiedDiffGrammar(sink));
}

class UnifiedDiffGrammar implements LineGrammar {
  private readonly sink: EventSink;
  private readonly wrapper = new Wrapper();
  private file: DiffFile | undefined;
  private hunk: HunkBuilder | undefined;
  /** The lines of a hunk that could not be read are passed over. */
  private skipping = false;
  /** A `--- ` line of which the next line says whether it names a file. */
  private minus: string | undefined;

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  head(start: string): void {
    if (this.hunk !== undefined && this.endsHunk(start)) this.closeBefore(start);
  }

  line(text: string): void {
    if (this.hunk !== undefined && this.endsHunk(text)) this.closeBefore(text);
    if (this.minus !== undefined) {
      const minus = this.minus;
      this.minus = undefined;
      if (text.startsWith("+++ ")) {
        this.nameFile(minus, text);
        return;
      }
      if (this.hunk === undefined) this.prose(minus);
      else this.content(this.hunk, minus);
    }
    if (this.hunk === undefined) this.outside(text);
    else this.inside(this.hunk, text);
  }

  overlong(start: string): void {
    this.minus = undefined;
    if (this.hunk !== undefined) this.spoil("a line is longer than 1 MiB", start);
  }

  end(complete: boolean): void {
    if (complete && this.minus !== undefined && this.hunk !== undefined) this.content(this.hunk, this.minus);
    if (complete) this.closeFile();
    for (const line of this.wrapper.flush()) this.sink.prose(line);
  }

  /** Whether a line that begins so cannot be the open hunk's. The same for a line's start as for the whole line. */
  private endsHunk(start: string): boolean {
    if (start.startsWith("@@")) return true;
    if (this.minus !== undefined && start.startsWith("+++ ")) return true;
    // Behind the promised lines only what looks like a line of a hunk is taken for one.
    return this.hunk?.satisfied() === true && /^[^ +\-\\\r]/.test(start);
  }

  private closeBefore(start: string): void {
    const { minus, hunk } = this;
    const namesFile = minus !== undefined && start.startsWith("+++ ");
    if (minus !== undefined && hunk !== undefined && !namesFile) {
      this.minus = undefined;
      this.content(hunk, minus);
    }
    // Counts that promise too much have swallowed the next file's names.
    const names = start.startsWith("@@") ? this.hunk?.takeFileHeader() : undefined;
    this.closeHunk();
    if (names !== undefined) this.nameFile(names.old, names.new);
  }

  private inside(hunk: HunkBuilder, text: string): void {
    if (text === "") hunk.blank();
    else if (text.startsWith("\\")) hunk.missingNewline();
    else if (text.startsWith("--- ") && hunk.oldLinesLeft() <= 0) this.minus = text;
    // The signature below a mailed patch.
    else if (hunk.satisfied() && (text === "-- " || text === "--")) this.closeHunk();
    else if (/^[ +-]/.test(text)) this.content(hunk, text);
    else if (startsFile.test(text) || this.wrapper.closes(text)) {
      this.closeHunk();
      this.outside(text);
    } else this.spoil("a line of a hunk begins with none of space, + and -", text);
  }

  private content(hunk: HunkBuilder, text: string): void {
    if (!hunk.add(text)) this.spoil("a hunk is too long", text);
    else if (this.file?.kind === "update") showLine(this.sink, hunk);
    else if (this.file?.kind === "create") this.sink.line(this.file.path ?? "", "add", text.slice(1));
  }

  private outside(text: string): void {
    if (text.startsWith("--- ") && text.trim() !== "---") this.minus = text;
    else if (startsFile.test(text)) this.startFile(text);
    else if (text.startsWith("@@")) this.startHunk(text);
    else if (this.wrapper.closes(text)) {
      this.closeFile();
      this.prose(text);
    } else if (this.file === undefined || !this.header(this.file, text)) this.prose(text);
  }

  private startFile(text: string): void {
    this.closeFile();
    this.beginPatch();
    const git = text.startsWith("diff --git ");
    this.file = {
      kind: "update",
      path: git ? gitName(text.slice(11)) : undefined,
      from: undefined,
      named: false,
      git,
      used: false,
      hunks: false,
      skip: false,
    };
    if (text.startsWith("diff --c")) this.refuse(this.file, "combined diffs are not applied", text);
  }

  private nameFile(minus: string, plus: string): void {
    if (this.file === undefined || this.file.named) {
      this.closeFile();
      this.beginPatch();
      this.file = {
        kind: "update",
        path: undefined,
        from: undefined,
        named: false,
        git: false,
        used: false,
        hunks: false,
        skip: false,
      };
    }
    const { file } = this;
    if (file.skip) return;
    file.named = true;
    this.skipping = false;
    const names = namesOf(minus, plus);
    const name = names.new ?? names.old;
    if (name === undefined) this.refuse(file, "both names of a file are /dev/null", plus);
    // What `rename to` said is without prefixes, hence certain.
    if (name === undefined || file.from !== undefined) return;
    if (names.old === undefined) file.kind = "create";
    if (names.new === undefined) file.kind = "delete";
    file.path = names.old === undefined || names.new === undefined ? name : commonName(names.old, names.new);
    if (this.sink.refusedPath(file.path)) this.refuse(file);
    else this.sink.file(file.path);
  }

  /** A line of git's own header; false where it is none. */
  private header(file: DiffFile, text: string): boolean {
    const [, name, value] =
      /^(new file mode|deleted file mode|old mode|new mode|rename from|rename to|copy from|copy to|index) (.+)$/.exec(text) ?? [];
    if (/^(GIT binary patch|Binary files .* differ$)/.test(text)) {
      if (!file.skip) this.refuse(file, "binary changes are not applied", text);
      return true;
    }
    if (name === undefined || value === undefined || file.named || file.skip) return name !== undefined && !file.named;
    const mode = /(?:^|\s)(\d{6})$/.exec(value)?.[1];
    if (name !== "old mode" && (mode === "120000" || mode === "160000")) {
      this.refuse(file, "changes of symbolic links and submodules are not applied", text);
      return true;
    }
    if (name === "new mode" || (name === "new file mode" && mode !== "100644")) {
      file.used = true;
      this.sink.malformed(`${file.path ?? "a file"}: mode changes are not applied`, text);
    }
    if (name === "new file mode") file.kind = "create";
    if (name === "deleted file mode") file.kind = "delete";
    if (name === "copy to") this.refuse(file, "copies are not applied", text);
    if (name === "rename from") file.from = unquoted(value);
    if (name === "rename to") this.rename(file, unquoted(value));
    return true;
  }

  private rename(file: DiffFile, to: string): void {
    const { from } = file;
    if (from === undefined) this.refuse(file, "`rename to` without `rename from`", to);
    else if (this.sink.refusedPath(from) || this.sink.refusedPath(to)) this.refuse(file);
    else {
      this.sink.file(from);
      this.sink.hunk({ kind: "move", path: from, to });
      file.path = to;
      file.used = true;
    }
  }

  private startHunk(text: string): void {
    const { file } = this;
    this.skipping = false;
    if (file?.skip === true) return;
    if (text.startsWith("@@@")) {
      this.sink.malformed("combined diffs are not applied", text);
      this.skipping = true;
    } else if (file?.path === undefined) {
      if (file === undefined && !/^@@ -\d/.test(text)) this.prose(text);
      else {
        this.sink.malformed("a hunk stands before any file name", text);
        this.skipping = true;
      }
    } else if (file.kind !== "update" && file.hunks) {
      this.sink.malformed(`${file.path}: a file that is ${file.kind}d has only one hunk`, text);
      this.skipping = true;
    } else {
      file.hunks = true;
      this.hunk = new HunkBuilder(file.path);
      this.hunk.header(text.slice(2), false);
    }
  }

  private closeHunk(): void {
    const { hunk, file } = this;
    this.hunk = undefined;
    if (hunk === undefined || file?.path === undefined) return;
    this.sink.forget();
    file.used = true;
    const { path } = file;
    const content = file.kind === "create" ? hunk.newContent() : undefined;
    if (hunk.lines.length === 0) this.sink.malformed(`${path}: a hunk has no lines`, "@@");
    else if (file.kind === "update") this.sink.hunk(hunk.draft());
    else if (file.kind === "delete") this.sink.hunk({ kind: "delete", path });
    else if (content === undefined) this.sink.malformed(`${path}: a new file has only added lines`, "@@");
    else this.sink.hunk({ kind: "create", path, content, overwrite: false });
  }

  private closeFile(): void {
    this.closeHunk();
    const { file } = this;
    this.file = undefined;
    this.skipping = false;
    if (file === undefined || file.skip) return;
    const { path } = file;
    // Git writes no hunk for an empty file.
    if (file.git && !file.named && path !== undefined && file.kind !== "update") {
      if (this.sink.refusedPath(path)) return;
      this.sink.file(path);
      this.sink.hunk(file.kind === "delete" ? { kind: "delete", path } : { kind: "create", path, content: "", overwrite: false });
    } else if (!file.used && (file.git || file.named))
      this.sink.malformed(`${path ?? "a file"}: the diff has no hunk`, path ?? "");
  }

  private beginPatch(): void {
    this.wrapper.patchBegins();
    for (const line of this.wrapper.flush()) this.sink.prose(line);
  }

  private prose(text: string): void {
    if (this.skipping || this.file?.skip === true) return;
    for (const line of this.wrapper.outside(text)) this.sink.prose(line);
  }

  private refuse(file: DiffFile, reason?: string, text = ""): void {
    file.skip = true;
    file.used = true;
    if (reason !== undefined) this.sink.malformed(file.path === undefined ? reason : `${file.path}: ${reason}`, text);
  }

  private spoil(reason: string, text: string): void {
    this.hunk = undefined;
    this.skipping = true;
    if (this.file !== undefined) this.file.used = true;
    this.sink.malformed(`${this.file?.path ?? "a file"}: ${reason}`, text);
  }
}
