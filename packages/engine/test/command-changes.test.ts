/** What commands change: found, reviewed and undone like edits, whatever it is. Whole sessions with the simulated model, real sandbox, real git. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventOf, EventType, Session, TwolaneEvent } from "@twolane/protocol";
import { type Sim, startSim } from "@twolane/responses/sim";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openEngine, openUndo } from "../src/engine.ts";
import { hasSandbox } from "./command-place.ts";

let sim: Sim;
beforeAll(async () => {
  sim = await startSim({
    port: 0,
    scenario: {
      answers: [
        {
          when: { prompt: "both: ([\\s\\S]+)" },
          reply: [
            {
              parallel: [
                { name: "run", arguments: { command: "$1" } },
                { name: "edit", input: "*** Begin Patch\n*** Update File: a.txt\n@@\n-two\n+TWO\n*** End Patch\n" },
              ],
            },
            { text: "done" },
          ],
        },
        {
          when: { prompt: "run: ([\\s\\S]+)" },
          reply: [{ call: { name: "run", arguments: { command: "$1" } } }, { text: "done" }],
        },
      ],
    },
  });
});
afterAll(() => sim.close());

const made: string[] = [];
const open: Session[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

class Place {
  readonly base = realpathSync(mkdtempSync(join(tmpdir(), "twolane-changes-")));
  readonly root = join(this.base, "ws");
  readonly events: TwolaneEvent[] = [];
  session: Session | undefined;

  constructor(files: Readonly<Record<string, string | Uint8Array>>, git = true) {
    made.push(this.base);
    mkdirSync(join(this.base, "home"));
    mkdirSync(this.root);
    this.put(files);
    if (!git) return;
    execFileSync("git", ["init", "-q", this.root]);
    execFileSync("git", ["-C", this.root, "add", "-A"]);
    execFileSync("git", [
      "-C",
      this.root,
      "-c",
      "user.name=a",
      "-c",
      "user.email=a@b",
      "commit",
      "-qm",
      "first",
      "--allow-empty",
    ]);
  }

  put(files: Readonly<Record<string, string | Uint8Array>>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(this.root, name, ".."), { recursive: true });
      writeFileSync(join(this.root, name), text);
    }
  }

  get wishes() {
    return {
      cwd: this.root,
      env: {
        HOME: join(this.base, "home"),
        XDG_STATE_HOME: join(this.base, "state"),
        PATH: process.env["PATH"],
        TWOLANE_SIM_URL: sim.url,
      },
    };
  }

  async start(): Promise<Session> {
    const opened = await openEngine({
      ...this.wishes,
      model: "sim/scripted",
      scope: [],
      landing: "hunk",
      dryRun: false,
      trust: true,
      asks: true,
    });
    if (!opened.ok) throw new Error(opened.failure.message);
    this.session = opened.value;
    open.push(opened.value);
    opened.value.subscribe((event) => {
      this.events.push(event);
      if (event.type === "command.held" && event.verdict.decision === "hold")
        setImmediate(() => opened.value.send({ type: "command.answer", call: event.call, answer: "once" }));
    });
    return opened.value;
  }

  async say(text: string): Promise<void> {
    const session = this.session ?? (await this.start());
    session.send({ type: "prompt", text });
    await session.idle();
  }

  of<T extends EventType>(type: T): EventOf<T>[] {
    return this.events.filter((event): event is EventOf<T> => event.type === type);
  }

  /** Everything in the workspace, with kinds and permissions. */
  tree(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const entry of readdirSync(this.root, { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (file.includes("/.git")) continue;
      const stat = lstatSync(file);
      const content = stat.isFile() ? readFileSync(file).toString("latin1") : "";
      found[file.slice(this.root.length + 1)] =
        `${(stat.mode & 0o7777).toString(8)} ${stat.isFile() ? "file" : stat.isDirectory() ? "folder" : "other"} ${content}`;
    }
    return found;
  }

  async undo(selector: Parameters<typeof openUndo>[0]["selector"]): Promise<readonly string[]> {
    const undo = await openUndo({ ...this.wishes, selector });
    if (!undo.ok) throw new Error(undo.failure.message);
    const report = await undo.value.apply();
    if (!report.ok || report.value.held.length > 0) throw new Error(JSON.stringify(report));
    return report.value.undone;
  }

  /** What the model was told last of its calls. */
  get told(): string {
    return JSON.stringify(sim.requests.at(-1));
  }
}

const numbered = (count: number): string => Array.from({ length: count }, (_, at) => `line ${at + 1}\n`).join("");

describe.skipIf(!hasSandbox).each([true, false])("what a command changes (in a git repository: %s)", (git) => {
  it("is in the review hunk by hunk, and goes hunk by hunk", async () => {
    const place = new Place({ "a.txt": numbered(60) }, git);
    await place.say("run: sed -i -e 's/^line 3$/THREE/' -e 's/^line 50$/FIFTY/' a.txt");
    const hunks = place.of("hunk.landed").map(({ hunk }) => hunk);
    expect(hunks.map(({ path, line, turn }) => [path, line, turn])).toEqual([
      ["a.txt", 3, "t1"],
      ["a.txt", 50, "t1"],
    ]);
    expect(place.session?.hunkLines(hunks[0]?.id ?? "")).toContainEqual({ op: "add", text: "THREE" });
    place.session?.send({ type: "hunk.undo", hunks: [hunks[0]?.id ?? ""] });
    await place.session?.idle();
    expect(readFileSync(join(place.root, "a.txt"), "utf8")).toBe(numbered(60).replace("line 50\n", "FIFTY\n"));
    place.session?.send({ type: "hunk.accept", hunks: [hunks[0]?.id ?? ""] });
    await place.session?.idle();
    expect(readFileSync(join(place.root, "a.txt"), "utf8")).toContain("THREE");
    expect(place.told).toContain("update a.txt +2 -2");
  });

  it("is no test taken away where it moves one to another file", async () => {
    const test = (name: string): string => `it("${name}", () => {\n  expect(one("${name}")).toBe(1);\n});\n`;
    const place = new Place({ "a.test.ts": test("one") + test("two"), "b.test.ts": test("three") }, git);
    await place.say("run: mkdir test && head -3 a.test.ts > test/one.test.ts && tail -3 a.test.ts >> b.test.ts && rm a.test.ts");
    expect(place.of("hunk.held")).toEqual([]);
    expect(existsSync(join(place.root, "a.test.ts"))).toBe(false);
    await place.say("run: head -3 b.test.ts > test/three.test.ts && rm b.test.ts");
    expect(place.of("hunk.held").map(({ verdict }) => verdict.reason)).toEqual(["b.test.ts is deleted with 1 of its 2 tests"]);
  });

  it("is taken back exactly: changed, new, deleted, binary, ignored files and their folders", async () => {
    const binary = Uint8Array.from({ length: 3000 }, (_, at) => (at * 7) % 256);
    const place = new Place(
      {
        ".gitignore": "ignored/\n",
        "a.txt": "one\r\ntwo\r\n",
        bin: binary,
        "gone/deep/x.txt": "x",
        "run.sh": "#!/bin/sh\n",
        "é ü.txt": "é",
      },
      git,
    );
    place.put({ "ignored/cache.txt": "kept\n", "untracked.txt": "mine\n" });
    chmodSync(join(place.root, "run.sh"), 0o755);
    chmodSync(join(place.root, "untracked.txt"), 0o600);
    const before = place.tree();
    const script = [
      "printf 'ONE\\r\\ntwo' > a.txt; printf '\\000\\001' > bin; rm -r gone run.sh untracked.txt",
      "echo new > ignored/new.txt; echo more >> ignored/cache.txt; mkdir -p deep/er; echo n > deep/er/n; printf x > 'é ü.txt'; : > empty",
    ].join("; ");
    await place.say(`run: ${script}`);
    expect(place.of("notice.given").map(({ message }) => message)).toEqual([]);
    const after = place.tree();
    expect(after).not.toEqual(before);
    await place.session?.close();
    open.length = 0;
    await place.undo({ kind: "last-turn" });
    expect(place.tree()).toEqual(before);
  });

  it("is not what was there before, and not what a person made of it", async () => {
    const place = new Place({ "a.txt": "one\ntwo\n" }, git);
    place.put({ "mine.txt": "typed\n", "a.txt": "one\ntwo\nmine\n" });
    await place.say("run: echo theirs > new.txt");
    expect(place.of("hunk.landed").map(({ hunk }) => hunk.path)).toEqual(["new.txt"]);
    place.put({ "later.txt": "typed later\n" });
    await place.say("run: echo more >> new.txt; touch a.txt");
    expect(place.of("hunk.landed").map(({ hunk }) => hunk.path)).toEqual(["new.txt", "new.txt"]);
    await place.undo({ kind: "session" });
    expect(Object.keys(place.tree()).toSorted()).toEqual(["a.txt", "later.txt", "mine.txt"]);
  });
});

describe.skipIf(!hasSandbox)("beside a command", () => {
  it("an edit lands meanwhile and is only itself", async () => {
    const place = new Place({ "a.txt": "one\ntwo\nthree\n", "b.txt": "b\n" });
    await place.say("both: while ! grep -q TWO a.txt; do sleep 0.02; done; echo B >> b.txt");
    const landed = place.of("hunk.landed").map(({ hunk }) => hunk.path);
    expect(landed.toSorted()).toEqual(["a.txt", "b.txt"]);
    const [edit] = place.of("hunk.landed").filter(({ hunk }) => hunk.path === "a.txt");
    await place.undo({ kind: "hunk", id: edit?.hunk.id ?? "" });
    expect(readFileSync(join(place.root, "a.txt"), "utf8")).toBe("one\ntwo\nthree\n");
    expect(readFileSync(join(place.root, "b.txt"), "utf8")).toBe("b\nB\n");
  });

  it("a change that the policy holds leaves the disk again, is listed, and comes back with a yes", async () => {
    const place = new Place({ "package.json": '{\n  "name": "x",\n  "dependencies": {}\n}\n', "a.txt": "a\n" });
    await place.say(`run: echo A >> a.txt; sed -i 's/{}/{ "left-pad": "1.0.0" }/' package.json`);
    expect(place.of("hunk.landed").map(({ hunk }) => hunk.path)).toEqual(["a.txt"]);
    const [held] = place.of("hunk.held");
    expect(held?.hunk.path).toBe("package.json");
    expect(readFileSync(join(place.root, "package.json"), "utf8")).not.toContain("left-pad");
    expect(place.told).toContain("taken off the disk: package.json, held by rule");
    place.session?.send({ type: "hunk.accept", hunks: [held?.hunk.id ?? ""] });
    await place.session?.idle();
    expect(readFileSync(join(place.root, "package.json"), "utf8")).toContain("left-pad");
  });

  it("a folder that tools fill is one line, and a link or permissions are told, not silently kept", async () => {
    const place = new Place({ "a.txt": "a\n" });
    // Git counts the dates of a file in seconds: permissions alone that change in the second of the file itself are not seen.
    const born = Math.floor(lstatSync(join(place.root, "a.txt")).ctimeMs / 1000);
    while (Math.floor(Date.now() / 1000) <= born) await new Promise((resolve) => setTimeout(resolve, 20));
    const script =
      "mkdir -p dist node_modules/x; seq 2100 | sed 's,^,dist/f,' | xargs touch; echo m > node_modules/x/m; ln -s a.txt l; chmod 600 a.txt";
    await place.say(`run: ${script}; echo s > src.txt`);
    expect(place.of("hunk.landed").map(({ hunk }) => hunk.path)).toEqual(["src.txt"]);
    const [notice = ""] = place.of("notice.given").map(({ message }) => message);
    expect(notice).toMatch(/l: a new link to a\.txt; a\.txt: permissions 644 → 600; .*dist\/: 21\d\d entries changed/);
    expect(notice).toContain("node_modules/: 3 entries changed");
    await place.say("run: echo more >> node_modules/x/m; touch dist/f7");
    expect(place.of("notice.given").at(-1)?.message).toMatch(/dist\/: \d entries changed/);
    await place.undo({ kind: "session" });
    expect(existsSync(join(place.root, "src.txt"))).toBe(false);
  });

  it("says of links, permissions and empty folders what they were, and nothing of a link that is as it was", async () => {
    const place = new Place({ "a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n", "d.txt": "d\n" });
    for (const name of ["leads", "gone", "replaced", "same"]) symlinkSync("a.txt", join(place.root, name));
    mkdirSync(join(place.root, "empty/inner"), { recursive: true });
    const script = [
      "ln -sfn b.txt leads; rm gone replaced; echo r > replaced; rm same; ln -s a.txt same; ln -s nowhere dangling",
      "rm b.txt; ln -s c.txt b.txt; echo more >> c.txt; chmod 755 c.txt; rmdir -p empty/inner; mkdir -p new/inner; mkdir full; echo f > full/f",
    ];
    await place.say(`run: ${script.join("; ")}`);
    expect(place.of("hunk.landed").map(({ hunk }) => hunk.path)).toEqual(["c.txt", "full/f"]);
    const [notice = ""] = place.of("notice.given").map(({ message }) => message);
    const parts = notice.slice(notice.indexOf("undone: ") + 8, -1).split("; ");
    expect(parts.toSorted()).toEqual([
      "b.txt: a link to c.txt in the place of a file",
      "c.txt: permissions 644 → 755",
      "dangling: a new link to nowhere",
      "empty/: a folder without files is gone",
      "gone: the link to a.txt is gone",
      "leads: a link that leads to b.txt, and led to a.txt",
      "new/: a new folder without files",
      "replaced: a file in the place of a link to a.txt",
    ]);
    for (const part of parts) expect(place.told).toContain(`not in the review: ${part}`);
  });

  it("a file of more than the cap is told, and what is unreadable is neither read nor kept", async () => {
    const secret = "canary-51c0ffee-9b2d";
    const place = new Place({ "a.txt": "a\n" });
    place.put({ ".env": `TOKEN=${secret}\n` });
    await place.say("run: head -c 9000000 /dev/zero > big.bin; cat $(echo .en)v; echo b >> a.txt; cp $(echo .en)v copy; true");
    expect(place.of("hunk.landed").map(({ hunk }) => hunk.path)).toEqual(["a.txt"]);
    expect(place.of("notice.given")[0]?.message).toContain("big.bin: 9 MB, and more than 8 is not kept");
    expect(JSON.stringify(place.events) + JSON.stringify(sim.requests)).not.toContain(secret);
    await place.session?.close();
    open.length = 0;
    const found = spawnSync("grep", ["-rla", secret, join(place.base, "state")], { encoding: "utf8" });
    expect(found.stdout).toBe("");
  });

  it("nothing that the repository's settings name is started to find what changed", async () => {
    const place = new Place({ "a.txt": "a\n" });
    const mark = join(place.base, "started");
    for (const name of ["core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "core.pager"])
      execFileSync("git", ["-C", place.root, "config", name, `touch ${mark} #`]);
    place.put({ ".gitattributes": "*.txt filter=evil\n" });
    await place.say("run: echo b >> a.txt; echo n > n.txt");
    expect(
      place
        .of("hunk.landed")
        .map(({ hunk }) => hunk.path)
        .toSorted(),
    ).toEqual(["a.txt", "n.txt"]);
    await place.undo({ kind: "last-turn" });
    expect(readFileSync(join(place.root, "a.txt"), "utf8")).toBe("a\n");
    expect(existsSync(mark)).toBe(false);
  });

  it("in plan mode nothing changes, and a stop keeps in the review what had changed by then", async () => {
    const place = new Place({ "a.txt": "a\n" });
    const session = await place.start();
    session.send({ type: "mode.set", mode: "plan" });
    await place.say("run: echo x > x.txt");
    expect(existsSync(join(place.root, "x.txt"))).toBe(false);
    session.send({ type: "mode.set", mode: "flow" });
    session.send({ type: "prompt", text: "run: echo y > y.txt; sleep 60" });
    while (!existsSync(join(place.root, "y.txt"))) await new Promise((resolve) => setTimeout(resolve, 10));
    session.send({ type: "stop" });
    await session.close();
    open.length = 0;
    expect(place.of("hunk.landed").map(({ hunk }) => hunk.path)).toEqual(["y.txt"]);
    await place.undo({ kind: "last-turn" });
    expect(existsSync(join(place.root, "y.txt"))).toBe(false);
  });
});

describe.skipIf(!hasSandbox)("after kill -9 in the middle of a command", () => {
  it("what it had changed is known, and is taken back with everything else", async () => {
    const place = new Place({ "a.txt": numbered(40), "gone.txt": "g\n" });
    place.put({ "untracked.txt": "mine\n" });
    const before = place.tree();
    const script = "run: sed -i 's/^line 7$/SEVEN/' a.txt; rm gone.txt untracked.txt; mkdir d; echo n > d/n; sleep 600.5";
    const { HOME, XDG_STATE_HOME } = place.wishes.env;
    const driver = join(import.meta.dirname, "command-driver.ts");
    const loader = join(import.meta.dirname, "../../../tools/typescript.mjs");
    const child = spawn(process.execPath, ["--import", loader, driver, place.root, HOME, XDG_STATE_HOME, sim.url, script], {
      stdio: "inherit",
    });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    while (!existsSync(join(place.root, "d/n"))) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGKILL");
    await ended;
    expect(await place.undo({ kind: "last-turn" })).toHaveLength(4);
    expect(place.tree()).toEqual(before);
  }, 20_000);
});
