/**
 * Lines of JSON between processes of one user, over a Unix socket in a folder of theirs alone. Knows nothing of what the lines say.
 */
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { sha256 } from "../std/hash.ts";
import { errorCode } from "./errors.ts";
import { makePrivateFolder } from "./folders.ts";

export interface LineDoor {
  /** To everybody who listens. */
  tell(value: object): void;
  /** How many listen. */
  readonly listeners: number;
  close(): Promise<void>;
}

export interface LineLink {
  send(value: object): void;
  /** Resolves when the other side is gone. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Longer names of sockets are refused by the system. */
const longestName = 100;
/** A listener that takes nothing any more is let go. */
const unreadLimit = 4 * 1024 * 1024;

/** The socket that belongs to a folder: in it, or where its name would be too long in a private folder of the system's temporary one. */
export function socketOf(folder: string): string {
  const own = path.join(folder, "socket");
  if (Buffer.byteLength(own) <= longestName) return own;
  return path.join(sharedFolder(), sha256(folder).slice(0, 24));
}

const sharedFolder = (): string => path.join(process.env["XDG_RUNTIME_DIR"] ?? os.tmpdir(), `twolane-${process.getuid?.() ?? 0}`);

/** Throws system errors. `onLine`: a JSON value that somebody sent. */
export async function openDoor(file: string, onLine: (value: unknown) => void): Promise<LineDoor> {
  makePrivateFolder(path.dirname(file));
  const { uid } = fs.statSync(path.dirname(file));
  if (process.getuid !== undefined && uid !== process.getuid()) throw new Error(`${path.dirname(file)} belongs to somebody else`);
  fs.rmSync(file, { force: true });
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    hear(socket, onLine);
  });
  await listen(server, file).catch((error: unknown) => {
    // Another job has just left the folder that both had, and taken it along.
    if (errorCode(error) !== "ENOENT") throw error;
    makePrivateFolder(path.dirname(file));
    return listen(server, file);
  });
  fs.chmodSync(file, 0o600);
  return {
    get listeners() {
      return sockets.size;
    },
    tell(value) {
      const line = `${JSON.stringify(value)}\n`;
      for (const socket of sockets) {
        if (socket.writableLength > unreadLimit) socket.destroy();
        else socket.write(line);
      }
    },
    async close() {
      for (const socket of sockets) socket.end();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, 500).unref();
      });
      fs.rmSync(file, { force: true });
      if (path.dirname(file) === sharedFolder()) removeIfEmpty(sharedFolder());
    },
  };
}

const listen = (server: net.Server, file: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(file, () => {
      server.off("error", reject);
      resolve();
    });
  });

/** The folder for those with long names goes with the last of them. */
function removeIfEmpty(folder: string): void {
  try {
    fs.rmdirSync(folder);
  } catch {
    // Something else is in it.
  }
}

/** Undefined where nobody listens. */
export function openLink(file: string, onLine: (value: unknown) => void): Promise<LineLink | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect(file);
    socket.once("error", () => resolve(undefined));
    socket.once("connect", () => {
      const ended = new Promise<void>((end) => socket.on("close", () => end()));
      resolve({ ended, send: (value) => void socket.write(`${JSON.stringify(value)}\n`), close: () => void socket.end() });
    });
    hear(socket, onLine);
  });
}

function hear(socket: net.Socket, onLine: (value: unknown) => void): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("error", () => {});
  socket.on("data", (piece: string) => {
    const lines = `${rest}${piece}`.split("\n");
    rest = lines.pop() ?? "";
    // Nobody of ours sends such a line.
    if (rest.length > unreadLimit) return void socket.destroy();
    for (const line of lines) {
      const value = parsed(line);
      if (value !== undefined) onLine(value);
    }
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
