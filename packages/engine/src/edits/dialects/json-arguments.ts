/**
 * A tool call's arguments while they stream: an object of fields, with or without a list of elements of its own; also a
 * list of such objects, or one after another. Knows the spellings that models use for a field.
 */
import { JsonStream, type JsonContainer, type JsonVisitor } from "./json-stream.ts";
import { maxHunkLength } from "./limits.ts";

export type FieldName = "type" | "path" | "old" | "new" | "all" | "edits" | "delete" | "move" | "content" | "patch";

const spellings: Record<string, FieldName> = {
  type: "type",
  path: "path",
  file_path: "path",
  filePath: "path",
  old: "old",
  old_string: "old",
  oldString: "old",
  oldText: "old",
  old_text: "old",
  old_str: "old",
  new: "new",
  new_string: "new",
  newString: "new",
  newText: "new",
  new_text: "new",
  new_str: "new",
  all: "all",
  replace_all: "all",
  replaceAll: "all",
  edits: "edits",
  delete: "delete",
  move: "move",
  content: "content",
  contents: "content",
  patch: "patch",
  input: "patch",
  diff: "patch",
};

export interface ArgumentObject {
  /** One call's arguments, or one element of its list. */
  readonly level: "call" | "element";
  /** The call that an element belongs to. */
  readonly call: ArgumentObject | undefined;
  readonly fields: Map<FieldName, string | boolean>;
  /** Why the object cannot be used. */
  fault: string | undefined;
}

export interface ArgumentHandler {
  /** A field's value is complete. */
  field(object: ArgumentObject, name: FieldName): void;
  /** A piece of a call's `patch`; it is not kept. */
  patch?(piece: string): void;
  /** An escape in the call's `patch` has no meaning. */
  patchDamaged?(reason: string): void;
  closed(object: ArgumentObject): void;
  outside(line: string): void;
  broken(reason: string): void;
}

interface Frame {
  readonly role: "calls" | "elements" | "ignored" | "object";
  readonly object: ArgumentObject | undefined;
  key: FieldName | undefined;
}

export class JsonArguments implements JsonVisitor {
  private readonly handler: ArgumentHandler;
  private readonly json = new JsonStream(this);
  private readonly frames: Frame[] = [];
  private pieces: string[] = [];
  private tail = "";
  private length = 0;

  constructor(handler: ArgumentHandler) {
    this.handler = handler;
  }

  push(text: string): void {
    this.json.push(text);
  }

  /** False: the arguments break off. */
  finish(): boolean {
    return this.json.finish();
  }

  opened(container: JsonContainer): void {
    const parent = this.frames.at(-1);
    const frame = this.frameFor(container, parent);
    if (frame.role === "ignored" && parent?.object !== undefined && parent.key !== undefined)
      parent.object.fault ??= `"${parent.key}" is no text`;
    this.frames.push(frame);
  }

  closed(): void {
    const object = this.frames.pop()?.object;
    if (object !== undefined) this.handler.closed(object);
  }

  key(name: string): void {
    const frame = this.frames.at(-1);
    if (frame !== undefined) frame.key = Object.hasOwn(spellings, name) ? spellings[name] : undefined;
  }

  text(piece: string): void {
    const frame = this.frames.at(-1);
    if (frame?.object === undefined || frame.key === undefined) return;
    if (frame.key === "patch" && this.handler.patch !== undefined) {
      this.handler.patch(piece);
      return;
    }
    this.length += piece.length;
    if (this.length > maxHunkLength) {
      frame.object.fault ??= `"${frame.key}" is too long`;
      this.pieces = [];
      this.tail = "";
      return;
    }
    // Small pieces are joined in between: millions of them would cost more than the text.
    this.tail += piece;
    if (this.tail.length < 4096) return;
    this.pieces.push(this.tail);
    this.tail = "";
  }

  textEnded(): void {
    const value = this.pieces.join("") + this.tail;
    this.pieces = [];
    this.tail = "";
    this.length = 0;
    this.set(value);
  }

  damaged(reason: string): void {
    const frame = this.frames.at(-1);
    if (frame?.object === undefined || frame.key === undefined) return;
    frame.object.fault ??= `"${frame.key}" cannot be read: ${reason}`;
    if (frame.key === "patch") this.handler.patchDamaged?.(reason);
  }

  literal(text: string): void {
    const frame = this.frames.at(-1);
    if (frame?.object === undefined || frame.key === undefined || text === "null") return;
    if (text === "true" || text === "false") this.set(text === "true");
    else frame.object.fault ??= `"${frame.key}" is no text`;
  }

  outside(line: string): void {
    this.handler.outside(line);
  }

  broken(reason: string): void {
    this.handler.broken(reason);
  }

  private frameFor(container: JsonContainer, parent: Frame | undefined): Frame {
    const frame = (role: Frame["role"], object?: ArgumentObject): Frame => ({ role, object, key: undefined });
    const element = (call: ArgumentObject | undefined) =>
      frame("object", { level: "element", call, fields: new Map(), fault: undefined });
    if (parent === undefined && container === "array") return frame("calls");
    if ((parent === undefined || parent.role === "calls") && container === "object")
      return frame("object", { level: "call", call: undefined, fields: new Map(), fault: undefined });
    if (parent?.role === "elements" && container === "object") return element(this.frames.at(-2)?.object);
    if (parent?.object?.level !== "call" || parent.key !== "edits") return frame("ignored");
    parent.object.fields.set("edits", true);
    return container === "array" ? frame("elements") : element(parent.object);
  }

  /** A field that stands twice with different values has none. */
  private set(value: string | boolean): void {
    const frame = this.frames.at(-1);
    const { object, key } = frame ?? {};
    if (object === undefined || key === undefined) return;
    if (key === "edits") object.fault ??= '"edits" is no list';
    const before = object.fields.get(key);
    if (before !== undefined && before !== value) object.fault ??= `"${key}" stands twice`;
    object.fields.set(key, value);
    this.handler.field(object, key);
  }
}
