/** A key from a file or a command: it reaches the server and nothing else. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, openSandbox } from "./command.ts";

const canary = ["sk", "canary", "8c1f2a9d7e4b6035"].join("-");
let sandbox: Sandbox;
let sim: Sim | undefined;
let outside = "";

beforeEach(() => {
  sandbox = openSandbox();
  outside = join(sandbox.folder, "..", "keys");
  mkdirSync(outside, { recursive: true });
  writeFileSync(join(outside, "key"), `${canary}\n`, { mode: 0o600 });
});
afterEach(async () => {
  await sim?.close();
  sim = undefined;
  sandbox.remove();
});

/** Its model says the key aloud, slowly, as one that had read it somewhere. */
async function serve(provider: object, wire: string): Promise<string> {
  const reply = [{ text: `The key is ${canary} and nothing else. ` }, { repeat: 30, steps: [{ text: "word " }] }];
  sim = await startSim({ token: canary, scenario: { answers: [{ reply, pace: { tokensPerSecond: 40 } }] } });
  const config = { providers: { acme: { baseUrl: `${sim.url}/v1`, wire, ...provider } } };
  const folder = join(sandbox.folder, "..", "config", "twolane");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  return join(folder, "..");
}

const everythingBelow = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile() && file !== join(outside, "key"))
    .map((file) => readFileSync(file, "latin1"))
    .join("\n");

const cat = (): readonly string[] => [
  process.execPath,
  "-e",
  "process.stdout.write(require('fs').readFileSync(process.argv[1]))",
];

describe("the key is with the server, and in no log, journal, output or process list", () => {
  it.each<[string, string, () => object]>([
    ["a file", "responses", () => ({ keyFile: join(outside, "key") })],
    ["a file", "chat", () => ({ keyFile: join(outside, "key") })],
    ["a command", "messages", () => ({ keyCommand: [...cat(), join(outside, "key")] })],
    ["a command", "responses", () => ({ keyCommand: [...cat(), join(outside, "key")] })],
  ])("from %s, over %s", async (_, wire, provider) => {
    const home = await serve(provider(), wire);
    const running = sandbox.run(["run", "--json", "-m", "acme/scripted", "go"], { env: { XDG_CONFIG_HOME: home } });
    let listed = "";
    const watch = setInterval(() => (listed += execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })), 100);
    const done = await running;
    clearInterval(watch);
    expect(done.stderr).toBe("");
    expect(done.status).toBe(0);
    expect(done.stdout).toContain("word word");
    expect(listed).toContain("acme/scripted");
    // The server answers nobody else; it keeps no keys either, only which header came.
    const { authorization, "x-api-key": key } = sim?.requests.at(-1)?.headers ?? {};
    expect(wire === "messages" ? key : authorization).toBe("(present)");
    expect(done.stdout + done.stderr + listed).not.toContain(canary);
    expect(everythingBelow(join(sandbox.folder, ".."))).not.toContain(canary);
  });

  it("a file that others can read is said once; a command that fails is one line", async () => {
    chmodSync(join(outside, "key"), 0o644);
    const open = await serve({ keyFile: join(outside, "key") }, "chat");
    const warned = await sandbox.run(["run", "-m", "acme/scripted", "go"], { env: { XDG_CONFIG_HOME: open } });
    expect(warned.status).toBe(0);
    expect(`${warned.stdout}${warned.stderr}`.match(/chmod 600/g)).toHaveLength(1);
    await sim?.close();
    const failing = [
      process.execPath,
      "-e",
      `console.log(${JSON.stringify(canary)}); console.error("vault is locked"); process.exit(2)`,
    ];
    const locked = await serve({ keyCommand: failing }, "chat");
    const refused = await sandbox.run(["run", "-m", "acme/scripted", "go"], { env: { XDG_CONFIG_HOME: locked } });
    expect(refused.status).not.toBe(0);
    expect(refused.stdout + refused.stderr).toMatch(/vault is locked.*\[KEY_MISSING\]/);
    expect(refused.stdout + refused.stderr).not.toContain(canary);
  });
});
