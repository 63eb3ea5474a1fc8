/**
 * One operation on one file, as the Responses wire's own patch tool writes it: `{"type": "update_file", "path": "…", "diff": "…"}`. The
 * diff is V4A without its envelope and without the file's line, which are put around it here. Renames it has none.
 */
import type { DialectParser, ParserEvent } from "../edits.ts";
import { JsonArguments, type ArgumentHandler, type ArgumentObject, type FieldName } from "./json-arguments.ts";
import { PushedEvents } from "./pushed-events.ts";
import { v4aParser } from "./v4a.ts";

const fileLines: Readonly<Record<string, string>> = {
  create_file: "*** Add File: ",
  update_file: "*** Update File: ",
  delete_file: "*** Delete File: ",
};

export function applyPatchCallParser(): DialectParser {
  const handler = new OperationHandler();
  const json = new JsonArguments(handler);
  return {
    push(text) {
      json.push(text);
      return handler.take();
    },
    end(complete) {
      const whole = json.finish();
      handler.abandon();
      if (complete && !whole) handler.malformed("the operation breaks off", "");
      else if (complete && !handler.called) handler.malformed("there is no operation", "");
      return handler.take();
    },
  };
}

class OperationHandler implements ArgumentHandler {
  called = false;
  private readonly said = new PushedEvents();
  private type: string | undefined;
  private path: string | undefined;
  private inner: DialectParser | undefined;
  /** What of the diff came before type and path. */
  private early = "";
  private diffEndsLine = true;
  private hadDiff = false;
  /** The rest of the operation is passed over; its reason has been told. */
  private spoilt = false;

  take(): readonly ParserEvent[] {
    return this.said.take();
  }

  malformed(reason: string, excerpt: string): void {
    this.said.add([{ type: "malformed", reason, excerpt }]);
  }

  /** The open hunk is dropped. */
  abandon(): void {
    if (this.inner !== undefined) this.add(this.inner.end(false));
    this.inner = undefined;
  }

  field(object: ArgumentObject, name: FieldName): void {
    if (object.level !== "call" || (name !== "type" && name !== "path")) return;
    const value = object.fields.get(name);
    if (typeof value === "string") this[name] = value;
    if (name === "path" && typeof value === "string" && /[\0\n\r]/.test(value))
      this.spoil("a path holds a line ending or a zero byte", value);
    this.begin();
  }

  patch(piece: string): void {
    this.hadDiff = true;
    if (this.spoilt) return;
    if (this.inner === undefined) this.early += piece;
    else this.feed(piece);
  }

  patchDamaged(reason: string): void {
    this.spoil(`the rest of the diff cannot be read: ${reason}`, "");
  }

  closed(object: ArgumentObject): void {
    if (object.level !== "call") return;
    this.called = true;
    if (!this.spoilt) this.finish(object.fault);
    this.type = undefined;
    this.path = undefined;
    this.inner = undefined;
    this.early = "";
    this.diffEndsLine = true;
    this.hadDiff = false;
    this.spoilt = false;
  }

  outside(line: string): void {
    this.said.add([{ type: "prose", text: `${line}\n` }]);
  }

  broken(reason: string): void {
    this.called = true;
    this.abandon();
    this.malformed(`the operation cannot be read: ${reason}`, "");
  }

  private begin(): void {
    const { type, path, early } = this;
    if (this.spoilt || type === undefined || path === undefined || this.inner !== undefined) return;
    const fileLine = Object.hasOwn(fileLines, type) ? fileLines[type] : undefined;
    if (fileLine === undefined) return this.spoil("an operation is create_file, update_file or delete_file", type);
    this.inner = v4aParser();
    this.add(this.inner.push(`*** Begin Patch\n${fileLine}${path}\n`));
    this.early = "";
    if (early !== "") this.feed(early);
  }

  private feed(piece: string): void {
    // A deleted file has no lines.
    if (this.type === "delete_file" || piece === "") return;
    this.diffEndsLine = piece.endsWith("\n");
    if (this.inner !== undefined) this.add(this.inner.push(piece));
  }

  private finish(fault: string | undefined): void {
    if (this.inner === undefined) return this.malformed(fault ?? '"type" or "path" is missing', "");
    if (this.type === "update_file" && !this.hadDiff) {
      this.abandon();
      return this.malformed(fault ?? '"diff" is missing', "");
    }
    this.add(this.inner.push(`${this.diffEndsLine ? "" : "\n"}*** End Patch\n`));
    this.add(this.inner.end(true));
  }

  /** A diff that turns to another file, or moves its own, goes beyond its operation. */
  private add(events: readonly ParserEvent[]): void {
    const path = this.path?.trim();
    this.said.add(
      events.map((event) => {
        if (event.type !== "hunk" || (event.draft.path === path && event.draft.kind !== "move")) return event;
        return { type: "malformed", reason: "the diff goes beyond the file of its operation", excerpt: event.draft.path };
      }),
    );
  }

  private spoil(reason: string, excerpt: string): void {
    this.abandon();
    if (!this.spoilt) this.malformed(reason, excerpt.slice(0, 200));
    this.spoilt = true;
  }
}
