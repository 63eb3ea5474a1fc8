/** Frames of one WebSocket: batched writes, and a frame that ends in the middle. */
import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { JsonObject } from "../server/reply.ts";
import type { Outlet } from "./pacing.ts";

/** Unsent bytes at which an answer waits for its reader. */
const HIGH_WATER = 256 * 1024;

export class SocketOutlet implements Outlet {
  readonly #socket: WebSocket;
  readonly #tcp: Socket;

  constructor(socket: WebSocket, tcp: Socket) {
    this.#socket = socket;
    this.#tcp = tcp;
    // Each response that waits for the peer listens here; there are at most sixteen.
    tcp.setMaxListeners(40);
  }

  encode(event: JsonObject): string {
    return JSON.stringify(event);
  }

  encodeRaw(text: string): string {
    return text;
  }

  write(frame: string): boolean {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(frame);
    return this.#tcp.writableLength < HIGH_WATER;
  }

  whenDrained(then: () => void): void {
    if (this.#tcp.writableNeedDrain) this.#tcp.once("drain", then);
    else setImmediate(then);
  }

  batch(run: () => void): void {
    this.#tcp.cork();
    run();
    this.#tcp.uncork();
  }

  tear(frame: string, bytes: number): void {
    const payload = Buffer.from(frame);
    this.#tcp.write(Buffer.concat([frameHead(payload.length), payload.subarray(0, bytes)]));
    this.#tcp.destroySoon();
  }
}

/** Head of an unmasked, final text frame (RFC 6455 §5.2). */
function frameHead(length: number): Buffer {
  if (length < 126) return Buffer.from([0x81, length]);
  if (length < 65_536) return Buffer.from([0x81, 126, length >> 8, length & 0xff]);
  const head = Buffer.alloc(10);
  head[0] = 0x81;
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
