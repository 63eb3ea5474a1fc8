/** A text dialect inside JSON arguments, `{"patch": "…"}`: unwrapped while it streams. */
import type { DialectParser, ParserEvent } from "../edits.ts";
import { JsonArguments, type ArgumentHandler, type ArgumentObject, type FieldName } from "./json-arguments.ts";
import { PushedEvents } from "./pushed-events.ts";

export function jsonTextParser(makeInner: () => DialectParser): DialectParser {
  const handler = new PatchHandler(makeInner);
  const json = new JsonArguments(handler);
  return {
    push(text) {
      json.push(text);
      return handler.take();
    },
    end(complete) {
      const whole = json.finish();
      handler.abandon();
      if (complete && !whole) handler.malformed("the JSON arguments break off", "");
      else if (complete && !handler.called) handler.malformed("there are no JSON arguments", "");
      return handler.take();
    },
  };
}

class PatchHandler implements ArgumentHandler {
  called = false;
  private readonly makeInner: () => DialectParser;
  private inner: DialectParser | undefined;
  /** The rest of a text with a meaningless escape is passed over: what it should say is not known. */
  private isDamaged = false;
  private hadPatch = false;
  private readonly said = new PushedEvents();

  constructor(makeInner: () => DialectParser) {
    this.makeInner = makeInner;
  }

  patch(piece: string): void {
    if (this.isDamaged) return;
    this.inner ??= this.makeInner();
    this.add(this.inner.push(piece));
  }

  patchDamaged(reason: string): void {
    if (this.isDamaged) return;
    this.isDamaged = true;
    this.abandon();
    this.malformed(`the rest of the patch cannot be read: ${reason}`, "");
  }

  field(object: ArgumentObject, name: FieldName): void {
    if (name !== "patch" || object.level !== "call") return;
    this.hadPatch = true;
    if (this.inner !== undefined) this.add(this.inner.end(true));
    this.inner = undefined;
    this.isDamaged = false;
  }

  closed(object: ArgumentObject): void {
    if (object.level !== "call") return;
    this.called = true;
    if (!this.hadPatch) this.malformed(object.fault ?? '"patch" is missing', "");
    this.hadPatch = false;
  }

  outside(line: string): void {
    this.add([{ type: "prose", text: `${line}\n` }]);
  }

  broken(reason: string): void {
    this.called = true;
    this.abandon();
    this.malformed(`the JSON arguments cannot be read: ${reason}`, "");
  }

  malformed(reason: string, excerpt: string): void {
    this.add([{ type: "malformed", reason, excerpt }]);
  }

  /** The open hunk is dropped. */
  abandon(): void {
    if (this.inner !== undefined) this.add(this.inner.end(false));
    this.inner = undefined;
  }

  take(): readonly ParserEvent[] {
    return this.said.take();
  }

  private add(events: readonly ParserEvent[]): void {
    this.said.add(events);
  }
}
