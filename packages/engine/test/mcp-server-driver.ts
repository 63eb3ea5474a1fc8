/** For tests: a small MCP server made with the protocol's own package, over standard input and output. Argument: how it behaves. */
import { writeFileSync } from "node:fs";
import { McpServer, fromJsonSchema } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";

const [behaviour = "none", note = ""] = process.argv.slice(2);

const said = (text: string) => ({ content: [{ type: "text" as const, text }] });
const oneText = (name: string) =>
  fromJsonSchema<Record<string, string>>({ type: "object", properties: { [name]: { type: "string" } }, required: [name] });

export function makeServer(): McpServer {
  const server = new McpServer({ name: "tests", version: "1.0.0" });
  const reads = { annotations: { readOnlyHint: true } };
  server.registerTool("echo", { description: "Says it again.", inputSchema: oneText("text"), ...reads }, ({ text = "" }) =>
    said(text),
  );
  server.registerTool("write_note", { description: "Writes a note.", inputSchema: oneText("text") }, ({ text = "" }) => {
    writeFileSync(note, text);
    return said("written");
  });
  server.registerTool("environment", { description: "Names of variables.", ...reads }, () =>
    said(Object.keys(process.env).join(" ")),
  );
  server.registerTool("process", { description: "Its number.", ...reads }, () => said(String(process.pid)));
  server.registerTool("much", { description: "Says much.", ...reads }, () => said("much ".repeat(20_000)));
  server.registerTool("picture", { description: "Shows a picture.", ...reads }, () => ({
    content: [{ type: "image" as const, data: "aGVsbG8=", mimeType: "image/png" }],
  }));
  server.registerTool("wait", { description: "Waits for ever.", ...reads }, () => new Promise(() => {}));
  server.registerTool("fail", { description: "Fails.", ...reads }, () => {
    throw new Error("the disk is full");
  });
  server.registerTool("end", { description: "Ends the server.", ...reads }, () => process.exit(7));
  server.registerTool("grow", { description: "Has another tool from now on.", ...reads }, () => {
    server.registerTool("grown", { description: "New." }, () => said("grown"));
    return said("done");
  });
  return server;
}

function start(): void {
  if (behaviour === "silent") {
    setInterval(() => {}, 1000);
    return;
  }
  if (behaviour === "stubborn") {
    process.on("SIGTERM", () => {});
    setInterval(() => {}, 1000);
  }
  if (behaviour === "chatty") process.stdout.write("This line is no message.\n");
  serveStdio(makeServer);
}

if (behaviour !== "none") start();
