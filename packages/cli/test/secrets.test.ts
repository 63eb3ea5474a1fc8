/** Secrets that are planted in every input of the real command are in none of its outputs; `docs/secrets.md` says what is left out and why. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { openEngine } from "@twolane/engine";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { openScreen } from "./pty.ts";
import { type Running, type Sandbox, git, openSandbox } from "./command.ts";

const hasSandbox = needs("bwrap", { for: "sandboxed commands", get: "apt-get install bubblewrap" });

let sandbox: Sandbox;
let sim: Sim | undefined;

beforeEach(() => {
  sandbox = openSandbox();
  mkdirSync(join(sandbox.folder, "..", "tmp"));
});
afterEach(async () => {
  await sim?.close();
  sim = undefined;
  sandbox.remove();
});

const planted = new Map<string, string>();

/** A made-up secret of its own for each input; put together here, so that no scanner of a forge takes it for one. */
function canary(input: string): string {
  const value = [
    "gh",
    "p_",
    createHash("sha512")
      .update(`canary ${input}`)
      .digest("base64")
      .replace(/[^A-Za-z0-9]/g, "")
      .slice(0, 36),
  ].join("");
  planted.set(input, value);
  return value;
}

/** Known by its name alone. */
function password(input: string): string {
  const value = ["k9", createHash("sha256").update(`password ${input}`).digest("hex").slice(0, 14), "!Q"].join("");
  planted.set(input, value);
  return value;
}

async function serve(scenario: ScenarioInput): Promise<Record<string, string>> {
  sim = await startSim({ port: 0, scenario });
  return { TWOLANE_SIM_URL: sim.url, TMPDIR: join(sandbox.folder, "..", "tmp") };
}

const requests = (): string => JSON.stringify(sim?.requests.map(({ body, headers, path }) => ({ body, headers, path })));

/** They hold files as they are, so that everything can be taken back; nobody else may read them. */
const storesOfBytes: ReadonlySet<string> = new Set(["preimages", "snapshots"]);

/** Every file below the state, configuration and temporary folders but the stores of bytes. */
function kept(): Map<string, string> {
  const root = join(sandbox.folder, "..");
  const files = new Map<string, string>();
  const visit = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (path === sandbox.folder || storesOfBytes.has(name)) continue;
      if (statSync(path).isDirectory()) visit(path);
      else files.set(path.slice(root.length), readFileSync(path, "latin1"));
    }
  };
  visit(root);
  return files;
}

/** `input → output` for each canary that came through, whole or half. */
function leaks(outputs: ReadonlyMap<string, string>): string[] {
  return [...planted].flatMap(([input, value]) =>
    [...outputs]
      .filter(([, text]) => text.includes(value) || text.includes(value.slice(8, 30)))
      .map(([output]) => `${input} → ${output}`),
  );
}

const update = (path: string, lines: readonly string[]): string =>
  `*** Begin Patch\n*** Update File: ${path}\n@@\n${lines.map((line) => `${line}\n`).join("")}*** End Patch\n`;

function plantFiles(): void {
  planted.clear();
  sandbox.write("AGENTS.md", `Use the registry token ${canary("AGENTS.md")} for nothing.\n`);
  sandbox.write("src/mentioned.ts", `export const token = "${canary("mentioned file")}";\n`);
  sandbox.write("src/read.ts", `export const key = "${canary("read file")}";\nexport const next = 1;\n`);
  sandbox.write("src/config.yaml", `db:\n  password: ${password("password of a file")}\n  port: 1\n`);
  sandbox.write("src/hits.ts", `export const needle = "${canary("search hit")}";\n`);
  sandbox.write(`docs/${canary("file name")}.md`, "# a\n");
  sandbox.write(".env", `TOKEN=${canary(".env")}\n`);
  git(sandbox.folder, "init", "-q");
}

const call = (name: string, input: object) => ({ call: { name, arguments: { ...input } } });

/** What the model does for each prompt. */
function scenario(): ScenarioInput {
  return {
    answers: [
      {
        when: { prompt: "look at" },
        reply: [
          { reasoning: `They gave me ${canary("reasoning")} there.` },
          { text: `I saw the key ${canary("model text")} in it.` },
          call("read", { path: "src/read.ts" }),
          call("read", { path: "src/config.yaml" }),
          call("search", { pattern: "needle" }),
          call("list", { path: "docs" }),
          call("read", { path: ".env" }),
          call("read", { path: `src/${canary("tool error")}.ts` }),
          call("run", { command: `echo ${canary("command")}` }),
          {
            call: {
              name: ["edit"],
              input: update("src/read.ts", [" export const next = 1;", `+export const more = "${canary("edit")}";`]),
            },
          },
          { text: "Done with it." },
        ],
        pace: { tokensPerSecond: 400, chunk: { unit: "bytes", size: 7 } },
      },
      { when: { prompt: "aside|Asked" }, reply: [{ text: `Aside it is ${canary("aside answer")}.` }] },
      {
        when: { prompt: "refuse" },
        reply: [],
        fault: { kind: "status", status: 400, code: "bad", message: `No such key ${canary("provider error")} here.` },
      },
      { reply: [{ text: "Yes." }] },
    ],
  };
}

async function talk(running: Running): Promise<string> {
  const say = (command: object): void => running.say(JSON.stringify(command));
  say({
    type: "prompt",
    text: `look at src/mentioned.ts with ${canary("prompt")}\nand password = "${password("password of a prompt")}"`,
  });
  await running.until('"type":"turn.started"');
  say({ type: "queue", text: `queued ${canary("queue")}` });
  say({ type: "aside", text: `aside ${canary("aside")}` });
  await running.until('"type":"hunk.held"');
  say({ type: "steer", text: `steered ${canary("steer")}` });
  say({ type: "hunk.comment", hunk: "h1", text: `comment ${canary("comment")}` });
  say({ type: "hunk.reject", hunks: ["h1"], reason: `reason ${canary("reason")}` });
  await running.until('"type":"aside.answered"');
  await running.until('"type":"hunk.rejected"');
  await running.until('"type":"turn.ended"');
  say({ type: "queue.resume" });
  say({ type: "prompt", text: "refuse" });
  running.say(`{"type":"nothing","text":"${canary("line that is not understood")}"}`);
  running.say(`${canary("line that is no JSON")} {`);
  await running.until("No such key");
  running.process.stdin?.end();
  const { stdout, stderr } = await running.done;
  return stdout + stderr;
}

describe("a secret", () => {
  it("in any input is in no output", async () => {
    plantFiles();
    const env = await serve(scenario());
    const running = sandbox.start(["run", "--trust", "-m", "sim/scripted", "--json", "--input", "jsonl"], {
      env: { ...env, MY_SERVICE_TOKEN: canary("environment") },
    });
    const said = await talk(running);
    const outputs = new Map([...kept(), ["standard output", said], ["requests", requests()]]);
    expect([...outputs.keys()].filter((path) => /journal|conversation/.test(path)).length).toBeGreaterThan(1);
    expect(leaks(outputs)).toEqual([]);
    // They were all seen: a stand-in went where each belongs.
    expect(requests().match(/TWOLANE_SECRET_github_[0-9a-f]{8}/g)?.length).toBeGreaterThan(8);
    expect(said).toContain("SECRET_HIDDEN");
    expect(said).toContain("src/mentioned.ts");
    expect(requests()).toContain("Credentials stay out of prompts");
  }, 60_000);

  const secret = (): string => canary("file");
  const file = (): string => `export const key = "${secret()}"; // a\nexport const next = 1;\n`;

  /** The stand-in that a model sees for the secret of the file. */
  async function standIn(): Promise<string> {
    sandbox.write("src/a.ts", file());
    const env = await serve({ answers: [{ reply: [{ text: "Yes." }] }] });
    await sandbox.run(["run", "-m", "sim/scripted", "see src/a.ts"], { env });
    const [found = ""] = /TWOLANE_SECRET_github_[0-9a-f]{8}/.exec(requests()) ?? [];
    await sim?.close();
    return found;
  }

  const events = (stdout: string, type: string): string[] =>
    stdout.split("\n").filter((line) => line.includes(`"type":"${type}"`));

  it.each(["sim/scripted", "sim-chat/scripted"])("beside which something changes stays as it is: %s", async (model) => {
    const name = await standIn();
    const edit = update("src/a.ts", [`-export const key = "${name}"; // a`, `+export const key = "${name}"; // b`]);
    const env = await serve({ answers: [{ reply: [{ call: { name: ["edit"], input: edit } }, { text: "Done." }] }] });
    const run = await sandbox.run(["run", "-m", model, "--json", "change src/a.ts"], { env });
    expect(run.status).toBe(0);
    expect(sandbox.read("src/a.ts")).toBe(file().replace("// a", "// b"));
    expect(events(run.stdout, "hunk.closed")[0]).toContain(name);
    expect(leaks(new Map([...kept(), ["standard output", run.stdout], ["requests", requests()]]))).toEqual([]);
    expect((await sandbox.run(["undo"])).status).toBe(0);
    expect(sandbox.read("src/a.ts")).toBe(file());
  });

  it("that is brought to another file by its stand-in is held, and so is a stand-in that means nothing", async () => {
    const name = await standIn();
    const add = (path: string, standIn: string): string =>
      `*** Begin Patch\n*** Add File: ${path}\n+f("${standIn}")\n*** End Patch\n`;
    const edit =
      add("src/b.ts", name).replace("*** End Patch\n", "") +
      add("src/c.ts", "TWOLANE_SECRET_github_00000000").replace("*** Begin Patch\n", "");
    const env = await serve({ answers: [{ reply: [{ call: { name: ["edit"], input: edit } }, { text: "Done." }] }] });
    const run = await sandbox.run(["run", "-m", "sim/scripted", "--json", "copy src/a.ts"], { env });
    expect(run.status).toBe(3);
    expect(events(run.stdout, "hunk.held").map((line) => /"reason":"([^"]*)"/.exec(line)?.[1])).toEqual([
      "src/b.ts, line 1, adds a secret (github)",
      "src/c.ts, line 1, names a secret's stand-in that stands for nothing here",
    ]);
  });

  it("refuses the prompt where the policy lets none near a model", async () => {
    planted.clear();
    sandbox.write(".twolane/policy.yaml", "version: 1\nsecrets: { prompts: block }\n");
    sandbox.write("src/a.ts", file());
    const env = await serve({ answers: [{ reply: [{ text: "Yes." }] }] });
    const run = await sandbox.run(["run", "-m", "sim/scripted", `use ${canary("prompt")}`], { env });
    expect(run.status).toBe(1);
    expect(run.stderr + run.stdout).toContain("[SECRET_BLOCKED]");
    expect(requests()).not.toContain("response.create");
    await sandbox.run(["run", "-m", "sim/scripted", "see src/a.ts"], { env });
    expect(requests()).toContain("withheld");
    expect(leaks(new Map([...kept(), ["standard output", run.stdout + run.stderr], ["requests", requests()]]))).toEqual([]);
  });

  it("is refused in a session from when it comes to trust a policy that lets none near a model", async () => {
    planted.clear();
    sandbox.write("src/a.ts", file());
    const env = await serve({ answers: [{ reply: [{ text: "Understood." }] }] });
    const running = sandbox.start(["--plain", "-m", "sim/scripted"], { env });
    running.say(`use ${canary("prompt before")}`);
    await running.until("Understood.");
    const asked = (): number => requests().split("response.create").length - 1;
    expect([asked(), requests()]).toEqual([1, expect.stringContaining("TWOLANE_SECRET_github_")]);
    sandbox.write(".twolane/policy.yaml", "version: 1\nsecrets: { prompts: block }\n");
    running.say("/trust");
    await running.until("Trusted");
    running.say(`use ${canary("prompt behind")}`);
    await running.until("There is a secret in what you typed");
    running.process.stdin?.end("/quit\n");
    await running.done;
    expect(asked()).toBe(1);
  });

  it.skipIf(!hasSandbox)("in the output of a command is in no output of ours", async () => {
    planted.clear();
    sandbox.write(".twolane/policy.yaml", 'version: 1\ncommands: [{ allow: ["node **"] }]\n');
    sandbox.write(
      "tell.mjs",
      `for (const part of ["to", "ken=", "${canary("command output").slice(0, 15)}", "${canary("command output").slice(15)}", "\\n"]) process.stdout.write(part);\nconsole.log(process.env.MY_SERVICE_TOKEN ?? "none");\nconsole.error("${canary("command errors")}");\n`,
    );
    git(sandbox.folder, "init", "-q");
    const env = await serve({ answers: [{ reply: [call("run", { argv: ["node", "tell.mjs"] }), { text: "Done." }] }] });
    const run = await sandbox.run(["run", "-m", "sim/scripted", "--trust", "--json", "tell me"], {
      env: { ...env, MY_SERVICE_TOKEN: canary("environment") },
    });
    expect(events(run.stdout, "command.ended")).toHaveLength(1);
    expect(requests().match(/TWOLANE_SECRET_github_[0-9a-f]{8}/g)?.length).toBeGreaterThan(1);
    expect(leaks(new Map([...kept(), ["standard output", run.stdout + run.stderr], ["requests", requests()]]))).toEqual([]);
  });

  it("is known again after a resume, from its file", async () => {
    planted.clear();
    sandbox.write("src/a.ts", file());
    const look: ScenarioInput = { answers: [{ reply: [call("read", { path: "src/a.ts" }), { text: "Yes." }] }] };
    const first = await sandbox.run(["run", "-m", "sim/scripted", "--json", "look"], { env: await serve(look) });
    const [name = ""] = /TWOLANE_SECRET_github_[0-9a-f]{8}/.exec(requests()) ?? [];
    await sim?.close();
    const edit = update("src/a.ts", [`-export const key = "${name}"; // a`, `+export const key = "${name}"; // b`]);
    const env = await serve({ answers: [{ reply: [{ call: { name: ["edit"], input: edit } }, { text: "Done." }] }] });
    const session = await openEngine({
      ...{ cwd: sandbox.folder, env: { ...sandbox.env, ...env }, model: "sim/scripted", resume: "latest" },
      ...{ scope: [], landing: "hunk", dryRun: false, trust: false },
    });
    if (!session.ok) throw new Error(session.failure.message);
    const told: unknown[] = [...session.value.history];
    session.value.subscribe((event) => told.push(event));
    session.value.send({ type: "prompt", text: "change it" });
    await session.value.idle();
    await session.value.close();
    expect(sandbox.read("src/a.ts")).toBe(file().replace("// a", "// b"));
    expect(leaks(new Map([...kept(), ["output", first.stdout + JSON.stringify(told)], ["requests", requests()]]))).toEqual([]);
  });

  it("that is pasted into the terminal is in no file of prompts", async () => {
    planted.clear();
    const env = await serve({ answers: [{ reply: [{ text: "Understood." }] }] });
    const screen = openScreen({ cwd: sandbox.folder, env: { ...sandbox.env, ...env }, args: ["-m", "sim/scripted"], cols: 100 });
    try {
      await screen.until("fast · sim/scripted");
      screen.paste(`use ${canary("pasted text")}\nfor it`);
      screen.press("enter");
      await screen.until("Understood.");
      screen.press("ctrl-c", "ctrl-c");
      expect((await screen.exited).status).toBe(0);
    } finally {
      screen.kill();
    }
    const files = kept();
    expect([...files].find(([name]) => name.endsWith("prompts.jsonl"))?.[1]).toContain("TWOLANE_SECRET_github_");
    expect(leaks(new Map([...files, ["requests", requests()]]))).toEqual([]);
  });
});
