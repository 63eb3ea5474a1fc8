/** Entry of the thread that speaks to MCP servers; bundled as a file of its own, with the protocol's client. What may be connected to is decided before. */
import { parentPort, workerData } from "node:worker_threads";
import { startServed } from "../host/served-process.ts";
import { type ServerLink, openLink } from "../mcp/server-link.ts";
import type { OpenServer, ThreadReply, ThreadRequest } from "../mcp/thread-messages.ts";

const { version }: { readonly version: string } = workerData;
const links = new Map<string, ServerLink>();
const running = new Map<number, AbortController>();

const say = (reply: ThreadReply): void => parentPort?.postMessage(reply);

async function open(id: number, server: OpenServer): Promise<void> {
  const { name } = server;
  const opened = await openLink(server, {
    ...{ start: startServed, version },
    onTools: (tools) => say({ told: "tools", server: name, tools }),
    onGone(why) {
      links.delete(name);
      say({ told: "gone", server: name, why });
    },
  });
  if ("failed" in opened) return say({ id, failed: opened.failed });
  links.set(name, opened.link);
  say({ id, tools: opened.link.tools, version: opened.link.version });
}

async function take(request: ThreadRequest): Promise<void> {
  switch (request.do) {
    case "open":
      return open(request.id, request.server);
    case "call": {
      const link = links.get(request.server);
      if (link === undefined) return say({ id: request.id, failed: "it is not connected" });
      const stop = new AbortController();
      running.set(request.id, stop);
      const answer = await link.call(request.wish, stop.signal);
      running.delete(request.id);
      return say({ id: request.id, answer });
    }
    case "cancel":
      return running.get(request.id)?.abort();
    case "close": {
      const link = links.get(request.server);
      links.delete(request.server);
      await link?.close();
      return say({ id: request.id, closed: true });
    }
  }
}

parentPort?.on("message", (request: ThreadRequest) => void take(request));
