/** Lines of JSON over a real socket: cut anywhere, to several listeners, from one that was left behind, by a long name. */
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDoor, openLink, socketOf } from "./local-socket.ts";

let folder: string;
beforeEach(() => void (folder = fs.mkdtempSync(path.join(os.tmpdir(), "twolane-socket-"))));
afterEach(() => fs.rmSync(folder, { recursive: true }));

test("what is said arrives, however it is cut, and what is no JSON is passed over", async () => {
  const heard: unknown[] = [];
  const door = await openDoor(socketOf(folder), (value) => heard.push(value));
  const socket = net.connect(socketOf(folder));
  const bytes = Buffer.from(`${JSON.stringify({ text: "ü\n" })}\nno json\n${JSON.stringify([1])}\n`);
  for (const byte of bytes) {
    socket.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  await expect.poll(() => heard).toEqual([{ text: "ü\n" }, [1]]);
  socket.destroy();
  await door.close();
});

test("everybody who listens is told, and sees the end", async () => {
  const door = await openDoor(socketOf(folder), () => {});
  const heard: unknown[] = [];
  const links = await Promise.all([1, 2, 3].map(() => openLink(socketOf(folder), (value) => heard.push(value))));
  // All of them are taken in.
  await expect.poll(() => (door.tell({ n: 1 }), heard.length)).toBeGreaterThan(2);
  await door.close();
  for (const link of links) await link?.ended;
  expect(fs.existsSync(socketOf(folder))).toBe(false);
  expect(await openLink(socketOf(folder), () => {})).toBeUndefined();
});

test("a socket that a killed process left behind is taken over, and is its user's alone", async () => {
  fs.writeFileSync(socketOf(folder), "");
  const door = await openDoor(socketOf(folder), () => {});
  expect(fs.statSync(socketOf(folder)).mode & 0o777).toBe(0o600);
  expect(await openLink(socketOf(folder), () => {})).toBeDefined();
  await door.close();
});

test("a folder with a long name has a socket elsewhere, of its own", async () => {
  const long = path.join(folder, "x".repeat(120));
  expect(Buffer.byteLength(socketOf(long))).toBeLessThanOrEqual(100);
  expect(socketOf(long)).not.toBe(socketOf(`${long}y`));
  const door = await openDoor(socketOf(long), () => {});
  expect(fs.statSync(path.dirname(socketOf(long))).mode & 0o077).toBe(0);
  await door.close();
});

test("a listener that reads nothing is let go", async () => {
  const door = await openDoor(socketOf(folder), () => {});
  const deaf = net.connect(socketOf(folder));
  await new Promise((resolve) => deaf.once("connect", resolve));
  deaf.pause();
  let gone = false;
  deaf.on("close", () => (gone = true));
  deaf.on("error", () => {});
  const piece = { text: "x".repeat(1024 * 1024) };
  await expect
    .poll(() => {
      door.tell(piece);
      return door.listeners;
    })
    .toBe(0);
  deaf.resume();
  await expect.poll(() => gone).toBe(true);
  await door.close();
});
