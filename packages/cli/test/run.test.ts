import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { needs } from "../../../tools/needs.ts";
import { type Sandbox, exampleShop, git, openSandbox } from "./command.ts";

type Answer = ScenarioInput["answers"][number];

let sandbox: Sandbox;
let sim: Sim | undefined;

beforeEach(() => void (sandbox = openSandbox()));
afterEach(async () => {
  await sim?.close();
  sim = undefined;
  sandbox.remove();
});

/** Serves one scenario and gives the environment that points at it. */
async function serve(scenario: ScenarioInput): Promise<Record<string, string>> {
  sim = await startSim({ port: 0, scenario });
  return { TWOLANE_SIM_URL: sim.url };
}

const update = (path: string, hunks: readonly string[]): string =>
  `*** Begin Patch\n*** Update File: ${path}\n${hunks.map((hunk) => `@@\n${hunk}`).join("")}*** End Patch\n`;
const numbered = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index}\n`).join("");
const editScenario = (input: string, pace: Answer["pace"] = {}): ScenarioInput => ({
  answers: [{ reply: [{ call: { name: ["edit"], input } }, { text: "Changed." }], pace }],
});

describe("twolane run, offline", () => {
  it("renames compiler-exactly, and undo restores every byte", async () => {
    sandbox.remove();
    sandbox = openSandbox(exampleShop);
    const before = sandbox.hash();
    const run = await sandbox.run(["run", "rename priceOf to unitPrice in src/price.ts"]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toContain("instant");
    for (const file of ["src/price.ts", "src/cart.ts", "src/receipt.ts"]) {
      expect(sandbox.read(file)).toContain("unitPrice");
      expect(sandbox.read(file)).not.toContain("priceOf");
    }
    const undo = await sandbox.run(["undo"]);
    expect(undo.status).toBe(0);
    expect(undo.stdout).toContain("src/price.ts");
    expect(sandbox.hash()).toBe(before);
    expect(await sandbox.run(["undo"])).toMatchObject({ status: 1, stderr: expect.stringContaining("[NOTHING_TO_UNDO]") });
  });

  it("is done whole or not at all: a scope that leaves out a file that would change refuses it", async () => {
    sandbox.remove();
    sandbox = openSandbox(exampleShop);
    const before = sandbox.hash();
    const run = await sandbox.run(["run", "-m", "instant", "--scope", "src/price.ts", "rename priceOf to unitPrice"]);
    expect(run.status).toBe(3);
    expect(run.stdout + run.stderr).toContain("src/cart.ts");
    expect(sandbox.hash()).toBe(before);
  });

  it("refuses what it does not understand in one line", async () => {
    const run = await sandbox.run(["run", "-m", "instant", "make it better"]);
    expect(run.status).toBe(2);
    expect(run.stdout + run.stderr).toContain("[INSTANT_UNKNOWN]");
  });
});

describe("twolane run with a (scripted) model", () => {
  it.each(["sim/scripted", "sim-chat/scripted", "sim-messages/scripted"])(
    "lands the first hunk while the rest still streams: %s",
    async (model) => {
      sandbox.write("a.txt", numbered(60));
      const hunks = [3, 30, 50].map((n) => ` line ${n - 1}\n-line ${n}\n+changed ${n}\n line ${n + 1}\n`);
      const env = await serve(editScenario(update("a.txt", hunks), { tokensPerSecond: 40 }));
      const running = sandbox.start(["run", "-m", model, "--json", "change a.txt"], { env });
      running.process.stdin?.end();
      await running.until('"hunk.landed"');
      expect(sandbox.read("a.txt")).toContain("changed 3");
      expect(sandbox.read("a.txt")).not.toContain("changed 50");
      expect((await running.done).status).toBe(0);
      expect(sandbox.read("a.txt")).toContain("changed 50");
    },
  );

  it.each(["sim/scripted", "sim-messages/scripted"])(
    "stops at Ctrl-C: finished hunks stay, the half one leaves no trace, undo takes them back: %s",
    async (model) => {
      sandbox.write("a.txt", numbered(60));
      const before = sandbox.hash();
      const hunks = [3, 30, 50].map((n) => ` line ${n - 1}\n-line ${n}\n+changed ${n}\n line ${n + 1}\n`);
      const env = await serve(editScenario(update("a.txt", hunks), { tokensPerSecond: 40 }));
      const running = sandbox.start(["run", "-m", model, "change a.txt"], { env });
      running.process.stdin?.end();
      await running.until("●");
      running.process.kill("SIGINT");
      const { status, stdout } = await running.done;
      expect(status).toBe(130);
      expect(stdout).toContain("Stopped.");
      expect(sandbox.read("a.txt")).toBe(numbered(60).replace("line 3\n", "changed 3\n"));
      await sandbox.run(["undo"]);
      expect(sandbox.hash()).toBe(before);
    },
  );

  it("shows the model's text while it streams", async () => {
    const env = await serve({
      answers: [{ reply: [{ repeat: 40, steps: [{ text: "word " }] }], pace: { tokensPerSecond: 40 } }],
    });
    const running = sandbox.start(["run", "-m", "sim/scripted", "talk"], { env });
    running.process.stdin?.end();
    await running.until("word word");
    running.process.kill("SIGINT");
    const { status, stdout } = await running.done;
    expect([status, stdout.split("\n").length]).toEqual([130, 5]);
  });

  it("carries on when nobody reads its output any more", async () => {
    sandbox.write("a.txt", numbered(60));
    const hunks = [3, 30, 50].map((n) => ` line ${n - 1}\n-line ${n}\n+changed ${n}\n line ${n + 1}\n`);
    const env = await serve(editScenario(update("a.txt", hunks), { tokensPerSecond: 100 }));
    const running = sandbox.start(["run", "-m", "sim/scripted", "change a.txt"], { env });
    running.process.stdin?.end();
    await running.until("twolane");
    running.process.stdout?.destroy();
    expect((await running.done).status).toBe(0);
    expect(sandbox.read("a.txt")).toContain("changed 50");
  });

  it("steers a running turn from standard input, and says what stayed", async () => {
    sandbox.write("a.txt", numbered(60));
    const hunks = [3, 30].map((n) => ` line ${n - 1}\n-line ${n}\n+changed ${n}\n line ${n + 1}\n`);
    const env = await serve({
      answers: [
        { when: { prompt: "use other words" }, reply: [{ text: "As you say." }] },
        { reply: [{ call: { name: ["edit"], input: update("a.txt", hunks) } }], pace: { tokensPerSecond: 40 } },
      ],
      features: { steer: false },
    });
    const running = sandbox.start(["run", "-m", "sim/scripted", "--json", "--input", "jsonl"], { env });
    running.say('{"type":"prompt","text":"change a.txt"}');
    await running.until('"hunk.landed"');
    running.say('{"type":"steer","text":"use other words"}');
    await running.until('"turn.ended"');
    running.process.stdin?.end();
    expect((await running.done).status).toBe(0);
    expect(JSON.stringify(sim?.requests.at(-1)?.body)).toContain("a.txt:4 +1 -1");
    expect(sandbox.read("a.txt")).not.toContain("changed 30");
  });

  it("asks once for a failed hunk, with fresh lines, and the others land", async () => {
    sandbox.write("a.txt", "one\ntwo\nthree\n");
    const first = update("a.txt", ["-won\n+1\n", "-three\n+3\n"]);
    const env = await serve({
      answers: [
        { when: { round: 1 }, reply: [{ call: { name: ["edit"], input: update("a.txt", ["-one\n+1\n"]) } }] },
        { when: { round: 2 }, reply: [{ text: "Done." }] },
        { reply: [{ call: { name: ["edit"], input: first } }] },
      ],
    });
    const run = await sandbox.run(["run", "-m", "sim/scripted", "count"], { env });
    expect(run.status).toBe(0);
    expect(sandbox.read("a.txt")).toBe("1\ntwo\n3\n");
    expect(run.stdout).toContain("1 hunk did not land; it is asked for once more");
    expect(run.stdout).toContain("made good");
    const asked = JSON.stringify(sim?.requests.map(({ body }) => body));
    expect(asked).toContain("failed a.txt: the old lines are not in the file.");
    expect(asked).toContain("landed a.txt:3 +1 -1");
  });

  it("tells the model when what it was told of as landed did not reach the disk with its turn", async () => {
    sandbox.write("a.txt", "one\ntwo\nthree\n");
    const env = await serve({
      answers: [
        { when: { round: 0 }, reply: [{ call: { name: ["edit"], input: update("a.txt", ["-one\n+1\n"]) } }] },
        { when: { round: 1 }, reply: [{ call: { name: ["edit"], input: update("b.txt", ["-won\n+1\n"]) } }] },
        { reply: [{ text: "Done." }] },
      ],
    });
    const running = sandbox.start(["run", "-m", "sim/scripted", "--landing", "turn", "--json", "--input", "jsonl"], { env });
    running.process.stdin?.write('{"type":"prompt","text":"count"}\n');
    await running.until('"turn.ended"');
    running.process.stdin?.end('{"type":"prompt","text":"again"}\n');
    await running.done;
    expect(sandbox.read("a.txt")).toBe("one\ntwo\nthree\n");
    expect(JSON.stringify(sim?.requests.map(({ body }) => body))).toContain("Your change of a.txt is not on disk after all");
  });

  it("holds what is outside the scope and exits as held", async () => {
    sandbox.write("a.txt", "one\n");
    sandbox.write("src/b.txt", "one\n");
    const patch =
      "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+1\n*** Update File: src/b.txt\n@@\n-one\n+1\n*** End Patch\n";
    const run = await sandbox.run(["run", "-m", "sim/scripted", "--scope", "src", "count"], {
      env: await serve(editScenario(patch)),
    });
    expect(run.status).toBe(3);
    expect([sandbox.read("a.txt"), sandbox.read("src/b.txt")]).toEqual(["one\n", "1\n"]);
  });

  it("writes nothing in a dry run, and nothing of a stopped turn with --landing turn", async () => {
    sandbox.write("a.txt", numbered(60));
    const before = sandbox.hash();
    const hunks = [3, 30].map((n) => ` line ${n - 1}\n-line ${n}\n+changed ${n}\n line ${n + 1}\n`);
    const env = await serve(editScenario(update("a.txt", hunks), { tokensPerSecond: 60 }));
    const dry = await sandbox.run(["run", "-m", "sim/scripted", "--dry-run", "change"], { env });
    expect(dry.status).toBe(0);
    expect(dry.stdout).toContain("would land");
    expect(dry.stdout).toContain("   -line 3\n   +changed 3\n");
    const running = sandbox.start(["run", "-m", "sim/scripted", "--json", "--landing", "turn", "change"], { env });
    running.process.stdin?.end();
    await running.until('"hunk.closed"');
    running.process.kill("SIGINT");
    expect((await running.done).status).toBe(130);
    expect(sandbox.hash()).toBe(before);
  });

  it.each<[string, NonNullable<Answer["fault"]>, number]>([
    ["a cut stream", { kind: "cut", atByte: 400, times: "always" }, 5],
    ["no terminal event", { kind: "no-terminal", times: "always" }, 5],
    ["a refused key", { kind: "status", status: 401, times: "always" }, 4],
    ["an unknown model", { kind: "status", status: 404, times: "always" }, 2],
    ["a limit", { kind: "status", status: 429, resetMs: 60_000, times: "always" }, 4],
  ])("ends with a status of its own after %s", async (_name, fault, status) => {
    const env = await serve({ answers: [{ reply: [{ text: "word ".repeat(200) }], fault }] });
    const run = await sandbox.run(["run", "-m", "sim/scripted", "hello"], { env });
    expect(run.status).toBe(status);
    expect(run.stderr + run.stdout).not.toContain("    at ");
  });
});

describe("twolane apply", () => {
  it("applies a patch from git, CRLF and missing final newline kept", async () => {
    sandbox.write("a.txt", "one\r\ntwo\r\nthree");
    git(sandbox.folder, "init", "-q");
    git(sandbox.folder, "add", "-A");
    git(sandbox.folder, "commit", "-qm", "first");
    sandbox.write("a.txt", "one\r\n2\r\nthree");
    sandbox.write("new/b.txt", "b\n");
    git(sandbox.folder, "add", "-A");
    const patch = git(sandbox.folder, "diff", "--cached");
    const wanted = git(sandbox.folder, "write-tree");
    git(sandbox.folder, "reset", "-q", "--hard");
    const run = await sandbox.run(["apply"], { input: patch });
    expect(run).toMatchObject({ status: 0, stderr: "" });
    git(sandbox.folder, "add", "-A");
    expect(git(sandbox.folder, "write-tree")).toBe(wanted);
  });

  it("never guesses between two places", async () => {
    sandbox.write("a.txt", "x\nsame\ny\nsame\n");
    const before = sandbox.hash();
    const run = await sandbox.run(["apply"], { input: update("a.txt", ["-same\n+other\n"]) });
    expect(run.status).toBe(1);
    expect(run.stdout).toContain("lines 2, 4");
    expect(sandbox.hash()).toBe(before);
  });
});

describe("twolane undo", () => {
  const apply = (hunk: string) => sandbox.run(["apply"], { input: update("a.txt", [hunk]) });

  it("names the request, and takes a hunk's name for one of the last session only", async () => {
    sandbox.write("a.txt", "one\ntwo\n");
    await apply("-one\n+1\n");
    await apply("-two\n+2\n");
    expect((await sandbox.run(["undo", "--hunk", "h1"])).stdout).toContain('Undoing hunk h1 ("apply"');
    const again = await sandbox.run(["undo", "--hunk", "h1"]);
    expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining("nothing of it stands any more") });
    expect(sandbox.read("a.txt")).toBe("1\ntwo\n");
  });

  it("goes on with the turn before when lines were changed since", async () => {
    sandbox.write("a.txt", "one\ntwo\n");
    await apply("-one\n+1\n");
    await apply("-two\n+2\n");
    sandbox.write("a.txt", "1\nmine\n");
    const held = await sandbox.run(["undo"]);
    expect(held).toMatchObject({ status: 3, stdout: expect.stringContaining("the same lines were changed since") });
    expect((await sandbox.run(["undo"])).status).toBe(0);
    expect(sandbox.read("a.txt")).toBe("one\nmine\n");
  });
});

describe("what goes wrong is one line with a code", () => {
  it.each([
    [["run", "-C", "no/such/folder", "x"], 2, "FOLDER_MISSING"],
    [["run", ""], 2, "REQUEST_EMPTY"],
    [["run", "--nonsense", "x"], 2, "USAGE"],
    [["run", "-m", "nobody/model", "x"], 2, "MODEL_UNKNOWN"],
    [["run", "-m", "cerebras/gpt-oss-120b", "x"], 4, "KEY_MISSING"],
    [["run", "--scope", "../up", "x"], 2, "USAGE"],
    [["apply"], 2, "REQUEST_EMPTY"],
    [["undo"], 1, "NOTHING_TO_UNDO"],
    [["undo", "--hunk", "h1", "--turn", "t1"], 2, "USAGE"],
    [["nonsense"], 2, "USAGE"],
    [["sim", "--port", "no"], 2, "USAGE"],
  ])("%j", async (args, status, code) => {
    const run = await sandbox.run(args);
    expect(run.status).toBe(status);
    expect(run.stderr).toContain(`[${code}]`);
    expect(run.stderr.trim().split("\n")).toHaveLength(1);
  });

  it("a state folder where none can be made", async () => {
    const run = await sandbox.run(["undo"], { env: { XDG_STATE_HOME: "/proc/nowhere" } });
    expect(run).toMatchObject({ status: 1, stderr: expect.stringContaining("[STATE_UNWRITABLE]") });
  });

  it("a refused connection", async () => {
    const run = await sandbox.run(["run", "-m", "sim/scripted", "x"], { env: { TWOLANE_SIM_URL: "http://127.0.0.1:9" } });
    expect(run.status).toBe(4);
    expect(run.stdout + run.stderr).toContain("[PROVIDER_UNREACHABLE]");
  });

  it("a state folder that cannot be written", async () => {
    sandbox.write("state", "a file where the folder should be");
    sandbox.write("a.txt", "one\n");
    const run = await sandbox.run(["apply"], {
      input: update("a.txt", ["-one\n+1\n"]),
      env: { XDG_STATE_HOME: join(sandbox.folder, "state") },
    });
    expect(run.status).toBe(1);
    expect(run.stdout + run.stderr).toContain("[STATE_UNWRITABLE]");
    expect(sandbox.read("a.txt")).toBe("one\n");
  });
});

describe("the rest of the command line", () => {
  it("helps, and tells its version", async () => {
    expect((await sandbox.run([])).stdout).toContain("Exit status");
    expect((await sandbox.run(["help", "run"])).stdout).toContain("--scope");
    expect((await sandbox.run(["undo", "--help"])).stdout).toContain("--hunk");
    const topics = [[], ["keys"], ["session"], ["run"], ["sim"]].map((topic) => sandbox.run(["help", ...topic]));
    const [, keys, ...others] = (await Promise.all(topics)).map(({ stdout }) => stdout);
    expect(keys).toMatch(/config\.json[^]*"vim": true/);
    for (const line of [keys, ...others].join("\n").split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    expect((await sandbox.run(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("examines the machine", async () => {
    const { stdout, status } = await sandbox.run(["doctor", "--json"]);
    expect(status).toBe(0);
    const subjects = JSON.parse(stdout).findings.map(({ subject }: { subject: string }) => subject);
    expect(subjects).toEqual(expect.arrayContaining(["node", "git", "ripgrep", "state folder", "models"]));
  });

  it("examines what guards the workspace: policy, trust, hooks, each with its cure", async () => {
    const guards = async (): Promise<{ status: number | null; lines: readonly string[] }> => {
      const { stdout, status } = await sandbox.run(["doctor"]);
      return { status, lines: stdout.split("\n").filter((line) => /^. (?:policy|trust|hooks) /.test(line)) };
    };
    expect((await guards()).lines).toEqual([
      expect.stringMatching(/^– policy .*no \.twolane\/policy\.yaml; the preset solo holds/),
      expect.stringMatching(/^– trust .*nobody trusts this workspace/),
      expect.stringMatching(/^– hooks .*no git repository/),
    ]);
    git(sandbox.folder, "init", "-q");
    sandbox.write(".twolane/policy.yaml", "version: 1\n");
    expect((await guards()).lines.at(-1)).toMatch(/^– hooks .*nothing is checked before a commit/);
    await sandbox.run(["trust"]);
    await sandbox.run(["hooks", "install"]);
    expect(await guards()).toEqual({
      status: 0,
      lines: [
        expect.stringMatching(/^✓ policy .*\.twolane\/policy\.yaml$/),
        expect.stringMatching(/^✓ trust .*trusted since /),
        expect.stringMatching(/^✓ hooks .*pre-commit$/),
      ],
    });
    sandbox.write(".twolane/policy.yaml", "version: 1\nscop: []\n");
    expect(await guards()).toEqual({
      status: 1,
      lines: [
        expect.stringMatching(/^✗ policy .*no session begins: .*`scop`/),
        expect.stringMatching(/^– trust .*trusted no longer: \.twolane\/policy\.yaml changed since /),
        expect.stringMatching(/^✓ hooks /),
      ],
    });
  });

  it("leaves a git repository's index, refs and stash as they are", async () => {
    sandbox.write("a.txt", "one\ntwo\n");
    git(sandbox.folder, "init", "-q");
    git(sandbox.folder, "add", "-A");
    git(sandbox.folder, "commit", "-qm", "first");
    sandbox.write("staged.txt", "staged\n");
    git(sandbox.folder, "add", "staged.txt");
    mkdirSync(join(sandbox.folder, "sub"));
    const state = (): string =>
      [
        git(sandbox.folder, "ls-files", "--stage"),
        git(sandbox.folder, "show-ref"),
        git(sandbox.folder, "count-objects", "-v"),
      ].join();
    const before = state();
    // A scope is meant as seen from where the command was called.
    const outside = await sandbox.run(["apply", "-C", "sub", "--scope", "."], { input: update("a.txt", ["-one\n+1\n"]) });
    expect(outside.status).toBe(3);
    const run = await sandbox.run(["apply", "-C", "sub"], { input: update("a.txt", ["-one\n+1\n"]) });
    expect(run.status).toBe(0);
    expect(state()).toBe(before);
    expect(existsSync(join(sandbox.folder, "sub/a.txt"))).toBe(false);
  });
});

describe.skipIf(!needs("bwrap", { for: "sandboxed commands", get: "apt-get install bubblewrap" }))(
  "twolane run with commands",
  () => {
    const running = (command: string): ScenarioInput => ({
      answers: [{ reply: [{ call: { name: "run", arguments: { command } } }, { text: "Done." }] }],
    });

    it("tells what is held as held, runs it with a yes that was given beforehand, and puts what it changed into the review", async () => {
      const env = await serve(running("node -e \"require('fs').writeFileSync('new.txt', 'n')\""));
      const held = await sandbox.run(["run", "--trust", "-m", "sim/scripted", "run it"], { env });
      expect(held.status).toBe(3);
      expect(held.stdout).toContain("held: node -e");
      expect(existsSync(join(sandbox.folder, "new.txt"))).toBe(false);
      const allow = ["--allow-command", "node **"];
      const done = await sandbox.run(["run", "--trust", ...allow, "-m", "sim/scripted", "run it"], { env });
      expect(done).toMatchObject({ status: 0, stderr: "" });
      expect(done.stdout).toContain("exit status 0");
      expect(done.stdout).toMatch(/● new\.txt {2}\+1 −0 create/);
      expect(await sandbox.run(["undo"])).toMatchObject({ status: 0 });
      expect(existsSync(join(sandbox.folder, "new.txt"))).toBe(false);
    });

    it("takes the end of the input for a no, and a program's answer for what it says", async () => {
      const env = await serve(running("touch made.txt"));
      const args = ["run", "--trust", "--json", "--input", "jsonl", "-m", "sim/scripted"];
      const unanswered = await sandbox.run(args, { env, input: '{"type":"prompt","text":"run it"}\n' });
      expect([unanswered.status, existsSync(join(sandbox.folder, "made.txt"))]).toEqual([3, false]);
      const answering = sandbox.start(args, { env });
      answering.say('{"type":"prompt","text":"run it"}');
      let said = "";
      answering.process.stdout?.on("data", (text) => void (said += String(text)));
      await answering.until('"command.held"');
      const [, call] = /"command.held","call":"([^"]+)"/.exec(said) ?? [];
      answering.say(JSON.stringify({ type: "command.answer", call, answer: "once" }));
      answering.process.stdin?.end();
      expect((await answering.done).status).toBe(0);
      expect(existsSync(join(sandbox.folder, "made.txt"))).toBe(true);
    });

    const offered = (): string => JSON.stringify(sim?.requests.map(({ body }) => body?.["tools"] ?? []));

    it("runs no command where nobody has trusted the workspace, and says once how", async () => {
      const env = await serve(running("true"));
      const run = await sandbox.run(["run", "-m", "sim/scripted", "run it"], { env });
      expect(offered()).toContain('"name":"run"');
      expect(run.stdout.match(/nobody has trusted this workspace: `twolane trust`/g)).toHaveLength(1);
      expect(run.stdout).not.toContain("exit status");
      expect(JSON.stringify(sim?.requests.map(({ body }) => body))).toContain("by rule `trust`: This workspace is not trusted");
    });
  },
);
