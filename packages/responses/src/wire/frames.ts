/**
 * Frames of a WebSocket as its client reads and writes them (RFC 6455 §5): no extensions, messages of text. A stream of tokens is a stream of
 * small frames, so that what a frame costs is what a token costs: whole frames are read where they lie, and nothing is made of one but its
 * text. Knows no socket and no events.
 */
import { isUtf8 } from "node:buffer";
import { randomFillSync } from "node:crypto";

/** What a server sent that is no frame. `closeCode`: how the connection is closed for it (RFC 6455 §7.4.1). */
export class FrameError extends Error {
  readonly closeCode: 1002 | 1007 | 1009;

  constructor(closeCode: 1002 | 1007 | 1009, message: string) {
    super(message);
    this.closeCode = closeCode;
  }
}

export interface FrameHandlers {
  /** A whole message. `bytes`: of its content. */
  readonly onText: (text: string, bytes: number) => void;
  readonly onPing: (payload: Buffer) => void;
  readonly onPong: () => void;
  /** Nothing is read behind it. `code`: 1005 where none was given. */
  readonly onClose: (code: number, reason: string) => void;
}

const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;
/** In a control frame. */
const controlBytes = 125;
const replacement = "\ufffd";

export class FrameReader {
  readonly #handlers: FrameHandlers;
  readonly #perMessage: number;
  /** What is there of a frame that is not whole yet, */
  #pieces: Buffer[] = [];
  #piecesBytes = 0;
  /** and how much there must be before it is looked at again. */
  #needed = 0;
  /** Fragments of a message, undefined between messages; */
  #fragments: Buffer[] | undefined;
  /** their content, and for each a little more, as there may be endless empty ones. */
  #fragmentsBytes = 0;
  #ended = false;

  /** `perMessage`: bytes that a message has at the most. */
  constructor(perMessage: number, handlers: FrameHandlers) {
    this.#perMessage = perMessage;
    this.#handlers = handlers;
  }

  /** Hands on what has become whole. Throws `FrameError`; then there is no use in reading on. */
  read(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#piecesBytes > 0) {
      this.#pieces.push(chunk);
      this.#piecesBytes += chunk.length;
      if (this.#piecesBytes < this.#needed) return;
      bytes = Buffer.concat(this.#pieces, this.#piecesBytes);
      this.#pieces = [];
      this.#piecesBytes = 0;
    }
    let at = 0;
    while (!this.#ended && at < bytes.length) {
      const next = this.#frame(bytes, at);
      if (next === at) return this.#keep(at === 0 ? bytes : bytes.subarray(at));
      at = next;
    }
  }

  /** Nothing is handed on any more, of what was read already neither. */
  end(): void {
    this.#ended = true;
  }

  #keep(piece: Buffer): void {
    this.#pieces = [piece];
    this.#piecesBytes = piece.length;
  }

  /** Takes the frame that begins at `at`. Returns where the next one begins; `at`, where it is not whole. */
  #frame(bytes: Buffer, at: number): number {
    const left = bytes.length - at;
    if (left < 2) return this.#wait(at, 2);
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    if ((first & 0x70) !== 0) throw new FrameError(1002, "a reserved bit is set");
    if (second > 127) throw new FrameError(1002, "a frame of a server is masked");
    const headerBytes = second < 126 ? 2 : second === 126 ? 4 : 10;
    if (left < headerBytes) return this.#wait(at, headerBytes);
    const length =
      second < 126
        ? second
        : second === 126
          ? bytes.readUInt16BE(at + 2)
          : bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
    const opcode = first & 0x0f;
    const isLast = first > 127;
    if (opcode >= opcodes.close) checkControl(opcode, isLast, length);
    else this.#checkData(opcode, length);
    if (left < headerBytes + length) return this.#wait(at, headerBytes + length);
    const start = at + headerBytes;
    const end = start + length;
    if (opcode >= opcodes.close) this.#control(opcode, bytes.subarray(start, end));
    else if (isLast && this.#fragments === undefined) this.#message(bytes, start, end);
    else this.#fragment(bytes.subarray(start, end), isLast);
    return end;
  }

  #wait(at: number, needed: number): number {
    this.#needed = needed;
    return at;
  }

  #checkData(opcode: number, length: number): void {
    if (opcode > opcodes.binary) throw new FrameError(1002, `there is no opcode ${opcode}`);
    if ((opcode === opcodes.continuation) !== (this.#fragments !== undefined))
      throw new FrameError(1002, opcode === opcodes.continuation ? "nothing is continued" : "a message is not at its end");
    if (this.#fragmentsBytes + length > this.#perMessage) throw new FrameError(1009, "a message is too long");
  }

  #message(bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString("utf8", start, end);
    // It stands for what is no UTF-8, or for itself.
    if (text.includes(replacement) && !isUtf8(bytes.subarray(start, end))) throw new FrameError(1007, "a message is not UTF-8");
    this.#handlers.onText(text, end - start);
  }

  #fragment(piece: Buffer, isLast: boolean): void {
    this.#fragments ??= [];
    this.#fragments.push(piece);
    this.#fragmentsBytes += piece.length + 1;
    if (!isLast) return;
    const whole = Buffer.concat(this.#fragments);
    this.#fragments = undefined;
    this.#fragmentsBytes = 0;
    this.#message(whole, 0, whole.length);
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.ping) return this.#handlers.onPing(payload);
    if (opcode === opcodes.pong) return this.#handlers.onPong();
    this.#ended = true;
    if (payload.length === 0) return this.#handlers.onClose(1005, "");
    const code = payload.readUInt16BE(0);
    const reason = payload.subarray(2);
    if (!isCloseCode(code)) throw new FrameError(1002, `there is no close code ${code}`);
    if (!isUtf8(reason)) throw new FrameError(1007, "the reason of a close is not UTF-8");
    this.#handlers.onClose(code, reason.toString());
  }
}

function checkControl(opcode: number, isLast: boolean, length: number): void {
  if (opcode > opcodes.pong) throw new FrameError(1002, `there is no opcode ${opcode}`);
  if (!isLast || length > controlBytes || (opcode === opcodes.close && length === 1))
    throw new FrameError(1002, "a control frame is cut or of a wrong length");
}

const isCloseCode = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999);

/** Puts what a client says into frames, each a message of its own. */
export class FrameWriter {
  readonly #drawMask: () => number;

  /**
   * `isPrivate`: nothing between the two ends sees the bytes. Masks are there for what stands between and might take what is said for
   * something else (RFC 6455 §10.3); where nothing does, the mask is nought, which is one of those that may be drawn and costs nothing.
   */
  constructor(isPrivate: boolean) {
    this.#drawMask = isPrivate ? () => 0 : drawMask;
  }

  /** `bytes`: of the text, as UTF-8. */
  text(text: string, bytes: number): Buffer {
    return this.#frame(opcodes.text, bytes, (into, at) => into.write(text, at));
  }

  ping(): Buffer {
    return this.#frame(opcodes.ping, 0, () => undefined);
  }

  /** `payload`: that of the ping. */
  pong(payload: Buffer): Buffer {
    return this.#frame(opcodes.pong, payload.length, (into, at) => payload.copy(into, at));
  }

  close(code?: number): Buffer {
    if (code === undefined) return this.#frame(opcodes.close, 0, () => undefined);
    return this.#frame(opcodes.close, 2, (into, at) => into.writeUInt16BE(code, at));
  }

  /** All of it in one piece of memory. `write` puts the payload, of `length` bytes, at a place of it. */
  #frame(opcode: number, length: number, write: (into: Buffer, at: number) => unknown): Buffer {
    const mask = this.#drawMask();
    const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
    const at = headerBytes + maskBytes;
    const frame = Buffer.allocUnsafe(at + length);
    frame[0] = 0x80 | opcode;
    frame[1] = 0x80 | (headerBytes === 2 ? length : headerBytes === 4 ? 126 : 127);
    // Behind the first two bytes the length, where it does not stand in them, and the mask.
    for (let index = headerBytes - 1, rest = length; index > 1; index--, rest = Math.floor(rest / 256)) frame[index] = rest;
    for (let index = 0; index < maskBytes; index++) frame[headerBytes + index] = byteOf(mask, index);
    write(frame, at);
    if (mask !== 0) for (let index = 0; index < length; index++) frame[at + index] = frame[at + index]! ^ byteOf(mask, index % 4);
    return frame;
  }
}

const maskBytes = 4;
const byteOf = (mask: number, index: number): number => (mask >>> (24 - 8 * index)) & 0xff;

/** Masks that are drawn at once, since drawing costs more than a mask is long. */
const masks = new Int32Array(512);
let masksLeft = 0;

function drawMask(): number {
  if (masksLeft === 0) {
    randomFillSync(masks);
    masksLeft = masks.length;
  }
  masksLeft -= 1;
  return masks[masksLeft]!;
}
