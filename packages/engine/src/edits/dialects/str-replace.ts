/**
 * Old text for new text as JSON arguments, decoded while they stream. An edit is closed by its `}`. Old text that is empty
 * makes a new file.
 */
import type { DialectParser, HunkDraft } from "../edits.ts";
import { EventSink } from "./event-sink.ts";
import { JsonArguments, type ArgumentHandler, type ArgumentObject, type FieldName } from "./json-arguments.ts";
import { maxWaitingEdits } from "./limits.ts";

export function strReplaceParser(): DialectParser {
  const sink = new EventSink();
  const handler = new StrReplaceHandler(sink);
  return jsonParser(sink, handler);
}

/** A parser of JSON arguments out of what is done with them. */
export function jsonParser(sink: EventSink, handler: ArgumentHandler & { readonly calls: number }): DialectParser {
  const json = new JsonArguments(handler);
  return {
    push(text) {
      json.push(text);
      return sink.take();
    },
    end(complete) {
      sink.forget();
      const whole = json.finish();
      if (complete && !whole) sink.malformed("the JSON arguments break off", "");
      if (complete && whole && handler.calls === 0) sink.malformed("there are no JSON arguments", "");
      return sink.take();
    },
  };
}

/** An edit that waits for its path. */
type Waiting = (path: string) => HunkDraft;

class StrReplaceHandler implements ArgumentHandler {
  calls = 0;
  private readonly sink: EventSink;
  private waiting: Waiting[] = [];
  /** Edits of the current call, also those that could not be read. */
  private edits = 0;
  private current: ArgumentObject | undefined;
  /** Where the current call's file is by now: moving changes it. */
  private path: string | undefined;
  private moved: string | undefined;

  constructor(sink: EventSink) {
    this.sink = sink;
  }

  field(object: ArgumentObject, name: FieldName): void {
    const call = object.call ?? object;
    this.enter(call);
    const value = object.fields.get(name);
    if (name === "path" && typeof value === "string" && object.fault === undefined) this.setPath(object, value);
    if (name === "move" && object.level === "call") this.move(object);
    const path = textOf(object, "path") ?? this.path;
    if (name === "new" && typeof value === "string" && path !== undefined)
      for (const line of value.split("\n")) this.sink.newSide(path, line);
    if (name !== "old" || typeof value !== "string" || value === "" || path === undefined) return;
    if (object.fault === undefined && call.fault === undefined)
      this.sink.open({ kind: "substitute", path, oldText: value, newText: "", everywhere: false });
  }

  closed(object: ArgumentObject): void {
    this.sink.forget();
    const call = object.call ?? object;
    this.enter(call);
    const single = object.level === "element" || object.fields.has("old") || object.fields.has("new");
    if (single) this.closeEdit(object, call);
    if (object.level === "call") this.closeCall(object);
  }

  outside(line: string): void {
    this.sink.prose(line);
  }

  broken(reason: string): void {
    this.calls += 1;
    this.sink.malformed(`the JSON arguments cannot be read: ${reason}`, "");
  }

  private enter(call: ArgumentObject): void {
    if (this.current === call) return;
    this.current = call;
    this.calls += 1;
    this.edits = 0;
    this.waiting = [];
    this.path = undefined;
    this.moved = undefined;
  }

  private setPath(object: ArgumentObject, path: string): void {
    if (this.sink.refusedPath(path)) {
      object.fault = "the path cannot be used";
      return;
    }
    if (object.level === "call" && this.path !== undefined) return;
    this.sink.file(path);
    if (object.level === "element") return;
    this.path = path;
    for (const draft of this.waiting.splice(0)) this.emit(draft(this.path));
  }

  private move(call: ArgumentObject): void {
    const to = textOf(call, "move");
    if (to === undefined || to === "" || to === this.moved || call.fault !== undefined) return;
    if (this.sink.refusedPath(to)) {
      call.fault = "the new path cannot be used";
      return;
    }
    this.edits += 1;
    this.moved = to;
    this.settle((path) => ({ kind: "move", path, to }));
  }

  private closeEdit(object: ArgumentObject, call: ArgumentObject): void {
    this.edits += 1;
    const oldText = textOf(object, "old");
    const newText = textOf(object, "new");
    const missing = oldText === undefined ? '"old" is missing' : newText === undefined ? '"new" is missing' : undefined;
    const fault = object.fault ?? call.fault ?? missing;
    if (fault !== undefined || oldText === undefined || newText === undefined) {
      this.sink.malformed(`an edit cannot be read: ${fault ?? ""}`, oldText ?? newText ?? "");
      return;
    }
    const everywhere = object.fields.get("all") === true || object.fields.get("all") === "true";
    const draft: Waiting = (path) =>
      oldText === ""
        ? { kind: "create", path, content: newText, overwrite: false }
        : { kind: "substitute", path, oldText, newText, everywhere };
    const own = object.level === "element" ? textOf(object, "path") : undefined;
    if (own === undefined) this.settle(draft);
    else this.emit(draft(own));
  }

  private closeCall(call: ArgumentObject): void {
    const deletes = call.fields.get("delete");
    const wantsDelete = deletes === true || deletes === "true";
    if (wantsDelete && this.edits > 0) this.sink.malformed('"delete" does not go with edits', this.path ?? "");
    else if (call.fault !== undefined && (this.edits === 0 || wantsDelete))
      this.sink.malformed(`the arguments cannot be read: ${call.fault}`, this.path ?? "");
    else if (wantsDelete) this.settle((path) => ({ kind: "delete", path }));
    else if (this.edits === 0) this.sink.malformed("the arguments hold no edit", this.path ?? "");
    for (const draft of this.waiting.splice(0)) this.sink.malformed("no path names the file", textIn(draft("")));
    this.current = undefined;
  }

  /** Says an edit, as soon as its path is known. */
  private settle(draft: Waiting): void {
    if (this.path !== undefined) this.emit(draft(this.path));
    else if (this.waiting.length < maxWaitingEdits) this.waiting.push(draft);
    else this.sink.malformed("too many edits before their path", "");
  }

  private emit(draft: HunkDraft): void {
    this.sink.hunk(draft);
    if (draft.kind === "move") this.path = draft.to;
  }
}

function textOf(object: ArgumentObject, name: FieldName): string | undefined {
  const value = object.fields.get(name);
  return typeof value === "string" ? value : undefined;
}

function textIn(draft: HunkDraft): string {
  return draft.kind === "substitute" ? draft.oldText : draft.kind === "create" ? draft.content : "";
}
