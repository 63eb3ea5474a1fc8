/**
 * A line of a given length: relays TCP connections and holds every byte for a while, each way, in this process. Bandwidth is not limited,
 * nothing is lost and there is no slow start, so that only round trips cost.
 */
import { type AddressInfo, type Server, type Socket, connect, createServer } from "node:net";

export interface Line {
  readonly port: number;
  close(): void;
}

/** Listens on loopback and relays to `target` there; `oneWayMs` each way, by timers of Node, which are up to a millisecond late. */
export async function openLine(target: number, oneWayMs: number): Promise<Line> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    // The kernel has shaken hands already, without the way between: a client's first bytes wait for as long as that would have taken.
    const openAt = performance.now() + 2 * oneWayMs;
    const upstream = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true });
    carry(client, upstream, () => Math.max(performance.now(), openAt) + oneWayMs);
    carry(upstream, client, () => performance.now() + oneWayMs);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on("error", () => other.destroy());
      one.on("close", () => sockets.delete(one));
    }
  });
  await listening(server);
  return {
    port: portOf(server),
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** In order, each piece at its moment; the end of the stream too. */
function carry(from: Socket, to: Socket, due: () => number): void {
  const held: { readonly at: number; readonly deliver: () => void }[] = [];
  let waiting = false;
  const pass = (): void => {
    waiting = false;
    while (held[0] !== undefined && held[0].at <= performance.now()) held.shift()?.deliver();
    if (held[0] === undefined) return;
    waiting = true;
    setTimeout(pass, Math.max(1, Math.ceil(held[0].at - performance.now())));
  };
  const hold = (deliver: () => void): void => {
    held.push({ at: due(), deliver });
    if (!waiting) pass();
  };
  from.on("data", (bytes) => hold(() => void (to.writable && to.write(bytes))));
  from.on("end", () => hold(() => to.end()));
  from.on("close", () => hold(() => to.destroySoon()));
}

export const listening = (server: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });

export function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
