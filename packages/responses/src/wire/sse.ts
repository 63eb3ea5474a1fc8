/**
 * Server-sent events, parsed incrementally from bytes as the HTML standard describes the format. Chunks may be cut anywhere,
 * also within a character or a CRLF. An event that has no blank line behind it at the end of the stream is not delivered.
 * `id` and `retry` are read over; reconnecting is the business of whoever owns the stream.
 */
import { StringDecoder } from "node:string_decoder";

export interface SseOptions {
  /** Called for each event with its data (lines joined by "\n") and its name ("" if it has none). */
  readonly onEvent: (data: string, name: string) => void;
  /** In UTF-16 units, for one line and for one event's data. */
  readonly maxEventLength?: number;
}

const defaultMaxEventLength = 32 * 1024 * 1024;

const CR = 13;
const LF = 10;
const BYTE_ORDER_MARK = 0xfeff;

export class SseParser {
  readonly #onEvent: SseOptions["onEvent"];
  readonly #maxLength: number;
  readonly #decoder = new StringDecoder("utf8");
  #line = "";
  #data: string | undefined;
  #name = "";
  #started = false;
  #afterCr = false;
  #tooLong = false;

  constructor({ onEvent, maxEventLength = defaultMaxEventLength }: SseOptions) {
    this.#onEvent = onEvent;
    this.#maxLength = maxEventLength;
  }

  /** Takes the next bytes. False: an event is longer than allowed; nothing further is delivered. */
  push(bytes: Uint8Array): boolean {
    const text = this.#decoder.write(bytes);
    if (this.#tooLong || text === "") return !this.#tooLong;
    let from = 0;
    if (!this.#started) {
      this.#started = true;
      if (text.charCodeAt(0) === BYTE_ORDER_MARK) from = 1;
    }
    if (this.#afterCr && text.charCodeAt(from) === LF) from += 1;
    this.#afterCr = false;
    this.#lines(text, from);
    return !this.#tooLong;
  }

  #lines(text: string, start: number): void {
    let from = start;
    let lf = text.indexOf("\n", from);
    let cr = text.indexOf("\r", from);
    while (!this.#tooLong && (lf >= 0 || cr >= 0)) {
      const end = cr < 0 || (lf >= 0 && lf < cr) ? lf : cr;
      this.#line += text.slice(from, end);
      from = end + 1;
      if (text.charCodeAt(end) === CR) {
        if (from === text.length) this.#afterCr = true;
        else if (text.charCodeAt(from) === LF) from += 1;
      }
      this.#finishLine();
      if (lf >= 0 && lf < from) lf = text.indexOf("\n", from);
      if (cr >= 0 && cr < from) cr = text.indexOf("\r", from);
    }
    this.#line += text.slice(from);
    if (this.#line.length > this.#maxLength) this.#tooLong = true;
  }

  #finishLine(): void {
    const line = this.#line;
    this.#line = "";
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    if (field !== "data" && field !== "event") return;
    const value = colon < 0 ? "" : line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1);
    if (field === "event") this.#name = value;
    else this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    if (line.length > this.#maxLength || (this.#data?.length ?? 0) > this.#maxLength) this.#tooLong = true;
  }

  #dispatch(): void {
    const [data, name] = [this.#data, this.#name];
    this.#data = undefined;
    this.#name = "";
    if (data !== undefined) this.#onEvent(data, name);
  }
}
