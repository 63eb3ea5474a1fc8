import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readKey } from "./key-source.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "twolane-key-"));
afterAll(() => fs.rmSync(folder, { recursive: true }));
const secret = "sk-canary-4711";
let count = 0;
const name = (): string => `keyCommand of p${(count += 1)}`;
const node = (code: string): readonly string[] => [process.execPath, "-e", code];
const env = { ...process.env, HOME: folder };

describe("a key from a file", () => {
  it("is read, with a word where others can read it too", async () => {
    const file = path.join(folder, "key");
    fs.writeFileSync(file, `${secret}\n`, { mode: 0o600 });
    expect(await readKey({ name: name(), file: "~/key" }, { env })).toEqual({ ok: true, value: { key: secret } });
    fs.chmodSync(file, 0o644);
    const read = await readKey({ name: name(), file }, { env });
    expect(read).toMatchObject({ ok: true, value: { key: secret, warning: expect.stringContaining("chmod 600") } });
  });

  it("is missing, empty or no key at all", async () => {
    expect(await readKey({ name: name(), file: "/no/such" }, { env })).toMatchObject({ failure: { code: "KEY_MISSING" } });
    fs.writeFileSync(path.join(folder, "empty"), "\n");
    expect(await readKey({ name: name(), file: "~/empty" }, { env })).toMatchObject({ failure: { code: "KEY_MISSING" } });
    fs.writeFileSync(path.join(folder, "two"), `${secret}\nmore words`);
    const refused = await readKey({ name: name(), file: "~/two" }, { env });
    expect(refused).toMatchObject({ failure: { code: "KEY_REFUSED" } });
    expect(JSON.stringify(refused)).not.toContain(secret);
  });
});

describe("a key from a command", () => {
  it("is asked for once, without a shell", async () => {
    const marks = path.join(folder, "runs");
    const command = [...node(`require("fs").appendFileSync(process.argv[1], "x"); console.log("${"k".repeat(20)}")`), marks];
    const source = { name: name(), command };
    const [first, second] = await Promise.all([readKey(source, { env }), readKey(source, { env })]);
    expect(first).toEqual({ ok: true, value: { key: "k".repeat(20) } });
    expect(second).toEqual(first);
    await readKey(source, { env });
    expect(fs.readFileSync(marks, "utf8")).toBe("x");
    expect(await readKey({ name: name(), command: ["/bin/echo", "$HOME;id"] }, { env })).toMatchObject({
      value: { key: "$HOME;id" },
    });
  });

  it("says what the command said when it failed, never what it wrote to its output, and is tried again", async () => {
    const source = { name: name(), command: node(`console.log("${secret}"); console.error("vault is locked"); process.exit(3)`) };
    for (let round = 0; round < 2; round += 1) {
      const failed = await readKey(source, { env });
      expect(failed).toMatchObject({
        failure: { code: "KEY_MISSING", message: expect.stringMatching(/status 3: vault is locked/) },
      });
      expect(JSON.stringify(failed)).not.toContain(secret);
    }
    expect(await readKey({ name: name(), command: ["/no/such/program"] }, { env })).toMatchObject({
      failure: { message: expect.stringContaining("cannot be started") },
    });
  });

  it("has its time", async () => {
    const slow = { name: name(), command: node("setTimeout(() => {}, 60000)") };
    expect(await readKey(slow, { env, timeoutMs: 200 })).toMatchObject({
      failure: { code: "KEY_MISSING", message: expect.stringContaining("gave no key within") },
    });
  });
});
