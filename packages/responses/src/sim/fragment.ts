/** A relay in front of the simulated server that splits what it sends, so that a client sees every cut of the bytes. */
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";

/** Relays connections to `target` on this machine; answers come in writes of at most `bytes` bytes. Not yet listening. */
export function fragmentingRelay(target: number, bytes: number): Server {
  return createServer((client) => {
    client.setNoDelay(true);
    const upstream = connect({ port: target, host: "127.0.0.1" });
    client.pipe(upstream);
    client.on("error", () => upstream.destroy());
    client.on("close", () => upstream.destroy());
    // Whatever breaks one side ends the other.
    relay(upstream, { client, bytes }).catch(() => client.destroy());
  });
}

async function relay(upstream: Socket, to: { readonly client: Socket; readonly bytes: number }): Promise<void> {
  for await (const chunk of upstream) {
    if (!(chunk instanceof Buffer)) continue;
    for (let at = 0; at < chunk.length; at += to.bytes) await written(to.client, chunk.subarray(at, at + to.bytes));
  }
  to.client.end();
}

/** Each write waits for the one before, else the operating system would join them. */
function written(client: Socket, part: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    client.write(part, (error) => (error ? reject(error) : setImmediate(resolve)));
  });
}
