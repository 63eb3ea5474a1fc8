/** The connection to MCP servers that are processes and listeners of their own, made with the protocol's own server package. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { processIdentity } from "../src/host/process.ts";
import { startServed } from "../src/host/served-process.ts";
import { type ServerLink, openLink } from "../src/mcp/server-link.ts";
import type { ListedTool, OpenServer } from "../src/mcp/thread-messages.ts";
import { makeServer } from "./mcp-server-driver.ts";

const loader = pathToFileURL(join(import.meta.dirname, "../../../tools/typescript.mjs")).href;
const driver = join(import.meta.dirname, "mcp-server-driver.ts");
const serverArgs = (behaviour: string): string[] => ["--import", loader, driver, behaviour];

let folder: string;
let links: ServerLink[];
let gone: string[];
let told: (readonly ListedTool[])[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "twolane-mcp-"));
  [links, gone, told] = [[], [], []];
});
afterEach(async () => {
  for (const link of links) await link.close();
  rmSync(folder, { recursive: true, force: true });
});

const program = (behaviour: string, env: Record<string, string> = {}): OpenServer => ({
  ...{ name: "tests", cwd: folder, env: { PATH: process.env["PATH"] ?? "", ...env } },
  place: { kind: "stdio", command: process.execPath, args: [...serverArgs(behaviour), join(folder, "note")], env: {} },
});

async function open(server: OpenServer): Promise<ServerLink> {
  const opened = await openLink(server, {
    ...{ start: startServed, version: "0.0.0" },
    onTools: (tools) => void told.push(tools),
    onGone: (why) => void gone.push(why),
  });
  if ("failed" in opened) throw new Error(opened.failed);
  links.push(opened.link);
  return opened.link;
}

const never = new AbortController().signal;
const ask = (link: ServerLink, tool: string, input: Record<string, unknown> = {}) =>
  link.call({ tool, input, timeoutMs: 10_000 }, never);

const isRunning = (pid: number): boolean => processIdentity(pid) !== undefined;

async function until(what: () => boolean, ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (!what() && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("a server that is a program", () => {
  it("lists its tools, sorted, and answers calls", async () => {
    const link = await open(program("plain"));
    expect(link.version).toBe("2025-11-25");
    expect(link.tools.map(({ name }) => name)).toEqual(
      ["echo", "end", "environment", "fail", "grow", "much", "picture", "process", "wait", "write_note"].sort(),
    );
    expect(link.tools.find(({ name }) => name === "write_note")?.readOnly).toBe(false);
    expect(await ask(link, "echo", { text: "grüß dich" })).toEqual({ ok: true, text: "grüß dich" });
    expect(await ask(link, "picture")).toEqual({ ok: true, text: "[image image/png, 6 bytes: not shown here]" });
    expect(await ask(link, "fail")).toMatchObject({ ok: false, text: expect.stringContaining("the disk is full") });
    const much = await ask(link, "much");
    expect(much.text.length).toBeLessThan(34_000);
    expect(much.text).toContain("67232 more bytes are left out");
  });

  it("sees its own environment and nothing of ours", async () => {
    const link = await open(program("plain", { GIVEN: "1" }));
    const names = (await ask(link, "environment")).text.split(" ");
    expect(names).toContain("GIVEN");
    expect(names.filter((name) => !["GIVEN", "PATH", "PWD", "OLDPWD", "SHLVL", "_"].includes(name))).toEqual([]);
  });

  it("may print what is no message", async () => {
    expect(await ask(await open(program("chatty")), "echo", { text: "a" })).toEqual({ ok: true, text: "a" });
  });

  it("tells when it has other tools", async () => {
    const link = await open(program("plain"));
    await ask(link, "grow");
    await until(() => told.length > 0, 5000);
    expect(told.at(-1)?.map(({ name }) => name)).toContain("grown");
  });

  it("that ends is told once, with how", async () => {
    const link = await open(program("plain"));
    expect((await ask(link, "end")).ok).toBe(false);
    await until(() => gone.length > 0, 5000);
    expect(gone).toEqual(["it ended with status 7"]);
  });

  it("that is not there says so", async () => {
    const { place: _, ...server } = program("plain");
    const place = { kind: "stdio" as const, command: "no-such-program-anywhere", args: [], env: {} };
    await expect(open({ ...server, place })).rejects.toThrow(/^it ended with status 127: .*not found/);
  });

  it("is stopped in the middle of a call at once", async () => {
    const link = await open(program("plain"));
    const stop = new AbortController();
    const waiting = link.call({ tool: "wait", input: {}, timeoutMs: 60_000 }, stop.signal);
    setTimeout(() => stop.abort(), 50);
    const began = performance.now();
    expect((await waiting).ok).toBe(false);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(await ask(link, "echo", { text: "still there" })).toEqual({ ok: true, text: "still there" });
  });

  it("that does not answer is given up after the call's own time", async () => {
    const link = await open(program("plain"));
    const answer = await link.call({ tool: "wait", input: {}, timeoutMs: 200 }, never);
    expect(answer).toEqual({ ok: false, text: "it did not answer in time" });
  });

  it.each(["plain", "stubborn"])("ends with its connection, also where it does not want to: %s", async (behaviour) => {
    const link = await open(program(behaviour));
    const pid = Number((await ask(link, "process")).text);
    expect(isRunning(pid)).toBe(true);
    await link.close();
    await until(() => !isRunning(pid), 5000);
    expect(isRunning(pid)).toBe(false);
    expect(gone).toEqual([]);
  });

  it("ends when we are killed, with everything that it started", async () => {
    const marker = join(folder, "pids");
    // Neither a signal to end nor the end of its input impresses either of them.
    const deaf = `trap "" TERM; (trap "" TERM; exec sleep 300) & echo $! $$ > ${marker}; while :; do sleep 1; done`;
    const source = `import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, "../src/host/served-process.ts")).href)}).then(({ startServed }) =>
      startServed({ command: "/bin/sh", args: ["-c", ${JSON.stringify(deaf)}], cwd: "/", env: { PATH: process.env.PATH } }, { onOutput() {}, onEnd() {} }))`;
    const owner: ChildProcess = spawn(process.execPath, ["--import", loader, "-e", source], { stdio: "inherit" });
    await until(() => existsSync(marker) && readFileSync(marker, "utf8").trim().includes(" "), 10_000);
    const pids = readFileSync(marker, "utf8").trim().split(" ").map(Number);
    expect(pids.map(isRunning)).toEqual([true, true]);
    owner.kill("SIGKILL");
    await until(() => !pids.some(isRunning), 6000);
    expect(pids.map(isRunning)).toEqual([false, false]);
  });
});

describe("a server over HTTP", () => {
  let http: Server;
  let headers: (string | undefined)[];
  let respond: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;

  beforeEach(async () => {
    headers = [];
    respond = undefined;
    const handler = createMcpHandler(makeServer);
    http = createServer((request, response) => {
      headers.push(request.headers.authorization);
      if (respond !== undefined) return respond(request, response);
      void forward(handler.fetch, request, response);
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => {
    http.closeAllConnections();
    http.close();
  });

  const remote = (): OpenServer => {
    const address = http.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const place = { kind: "http" as const, url: `http://127.0.0.1:${port}/mcp`, headers: { Authorization: "Bearer made-up" } };
    return { name: "remote", cwd: folder, env: {}, place };
  };

  it("speaks the newest revision that both know, with the headers of its entry", async () => {
    const link = await open(remote());
    expect(link.version).toBe("2026-07-28");
    expect(await ask(link, "echo", { text: "over the wire" })).toEqual({ ok: true, text: "over the wire" });
    expect(new Set(headers)).toEqual(new Set(["Bearer made-up"]));
  });

  it("that wants a login says what to do", async () => {
    respond = (_, response) => void response.writeHead(401, { "WWW-Authenticate": "Bearer" }).end();
    await expect(open(remote())).rejects.toThrow("it wants a login; put a token into the headers of its entry");
  });

  it("leads nobody anywhere else", async () => {
    let elsewhere = 0;
    const other = createServer((_, response) => {
      elsewhere += 1;
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    respond = (_, response) => void response.writeHead(307, { Location: `http://127.0.0.1:${port}/mcp` }).end();
    await expect(open(remote())).rejects.toThrow(/redirect|fetch failed/);
    expect(elsewhere).toBe(0);
    other.close();
  });

  it("that is not there says so", async () => {
    const server = remote();
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
    await expect(open(server)).rejects.toThrow(/ECONNREFUSED|fetch failed/);
  });
});

async function forward(
  fetch: (request: Request) => Promise<Response>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) if (typeof value === "string") headers.set(name, value);
  const method = request.method ?? "GET";
  const body = method === "POST" ? { body: Buffer.concat(chunks) } : {};
  const answer = await fetch(new Request(`http://${request.headers.host}${request.url}`, { method, headers, ...body }));
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body !== null) for await (const chunk of answer.body) response.write(chunk);
  response.end();
}
