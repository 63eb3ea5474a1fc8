/** Commands as a model runs them: output, ends, stubborn children, and what a person says. With the real sandbox. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import type { CommandVerdict } from "@twolane/policy";
import { lacks } from "../../../tools/needs.ts";
import { type CommandPlace, type PlaceWishes, commandPlace, hasSandbox } from "./command-place.ts";

const places: CommandPlace[] = [];
const open = (wishes?: PlaceWishes): CommandPlace => {
  const place = commandPlace(wishes);
  places.push(place);
  return place;
};
afterEach(() => {
  for (const place of places.splice(0)) place.remove();
});

const weighsSessions =
  existsSync("/proc/self/autogroup") ||
  lacks("autogroups", { for: "weights of sessions", get: "a Linux with CONFIG_SCHED_AUTOGROUP" });

const hold = (): CommandVerdict => ({
  verdict: { decision: "hold", rule: "r", reason: "It is risky", wayOut: "Ask." },
  ...{ executed: [], network: false, write: [] },
});

/** Processes of this machine whose arguments hold the mark. */
function running(mark: string): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(mark);
    } catch {
      return false;
    }
  });
}

async function gone(mark: string): Promise<void> {
  for (let waited = 0; running(mark).length > 0; waited += 10) {
    if (waited > 3000) throw new Error(`still running: ${running(mark).join(" ")}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe.skipIf(!hasSandbox)("a command", () => {
  it.runIf(weighsSessions)("of a job has little weight beside all else on the machine", async () => {
    const weight =
      "for i in $(seq 100); do grep 'nice 10' /proc/self/autogroup && exit; sleep 0.05; done; cat /proc/self/autogroup";
    expect(await open({ yields: true }).output(weight)).toMatch(/nice 10$/m);
    expect(await open().output("sleep 0.3; cat /proc/self/autogroup")).toMatch(/nice 0$/m);
  });

  it("streams what it says and ends with its status", async () => {
    const place = open();
    const outcome = await place.run("echo one; echo two >&2; exit 3");
    expect(outcome).toMatchObject({ kind: "ended", end: { status: 3 } });
    expect(outcome.kind === "ended" && outcome.output.split("\n").toSorted()).toEqual(["", "one", "two"]);
    const [first] = place.events;
    expect(first).toMatchObject({ type: "command.started", sandbox: "bubblewrap", network: false });
    expect(place.events.at(-1)).toMatchObject({ type: "command.ended", status: 3 });
    expect(place.events.some((event) => event.type === "command.output")).toBe(true);
  });

  it("takes words as they are, without a shell", async () => {
    expect(await open().output(["printf", "%s", "$HOME; `id`"])).toBe("$HOME; `id`");
  });

  it("runs in the folder that it names, which must be in the workspace", async () => {
    const place = open();
    await place.output("mkdir -p sub");
    expect(await place.output("pwd", { cwd: "sub" })).toBe(`${place.root}/sub\n`);
    for (const cwd of ["..", "/", "../ws-evil", "sub/../.."])
      expect((await place.run("pwd", { cwd })).kind, cwd).toBe("impossible");
    await place.output("ln -s / out");
    expect((await place.run("pwd", { cwd: "out" })).kind).toBe("impossible");
  });

  it("keeps beginning and end of a long output and says what is left out", async () => {
    const outcome = await open().output("seq 1 200000");
    expect(outcome.startsWith("1\n2\n")).toBe(true);
    expect(outcome.endsWith("199999\n200000\n")).toBe(true);
    const [, characters, lines] = /\[(\d+) characters in (\d+) lines left out here\]/.exec(outcome) ?? [];
    const kept = outcome.split("\n").filter((line) => /^\d+$/.test(line)).length;
    expect(Number(lines) + kept).toBe(200_000);
    expect(Number(characters)).toBeGreaterThan(1_000_000);
    expect(outcome.length).toBeLessThan(17_000);
  });

  it("gives the model no control sequences", async () => {
    expect(await open().output(String.raw`printf '\033[31mred\033[0m\033]0;title\007 10%%\r100%%\n\033[2Kok\n'`)).toBe(
      "100%\nok\n",
    );
  });

  it.each([
    ["ignores every signal", "trap '' TERM INT HUP; sleep 987.001"],
    ["is a child that outlives its parent", "(setsid sh -c 'trap \"\" TERM; sleep 987.001' &) ; sleep 987.001"],
    ["forks twice", "( ( sleep 987.001 & ) & ) ; exec sleep 987.001"],
  ])("leaves nothing running at its time limit though it %s", async (_, line) => {
    const outcome = await open().run(line, { timeout: 0.3 });
    expect(outcome).toMatchObject({ kind: "ended", end: { ended: "timeout" } });
    await gone("987.001");
  });

  it("leaves nothing running at a stop, nor when it ends with children behind it", async () => {
    const place = open();
    const stop = new AbortController();
    const ended = place.run("setsid sleep 987.002 & trap '' TERM; sleep 987.002", { signal: stop.signal });
    while (running("987.002").length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect(await ended).toMatchObject({ kind: "ended", end: { ended: "stopped" } });
    await gone("987.002");
    await place.output("setsid sleep 987.003 >/dev/null 2>&1 & echo left");
    await gone("987.003");
  });
});

describe.skipIf(!hasSandbox)("a stop in the first moments", () => {
  it("leaves nothing behind, whenever it comes", async () => {
    const place = open();
    const scale = Number(process.env["TWOLANE_TEST_SCALE"] ?? 1);
    for (let round = 0; round < 40 * scale; round++) {
      const stop = new AbortController();
      const ended = place.run("sleep 987.004", { signal: stop.signal });
      while (!place.events.some((event) => event.type === "command.started"))
        await new Promise((resolve) => setImmediate(resolve));
      const until = performance.now() + (round % 40) * 0.25;
      while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
      stop.abort();
      expect(await ended).toMatchObject({ end: { ended: "stopped" } });
    }
    await gone("987.004");
  });
});

describe.skipIf(!hasSandbox)("a command that is held", () => {
  it("is told at once where nobody can answer, and does not run", async () => {
    const place = open({ judge: hold });
    const outcome = await place.run("touch ran");
    expect(outcome).toMatchObject({ kind: "refused", said: "held", refusal: { rule: "r" } });
    expect(readdirSync(place.root)).toEqual([]);
    expect(place.events.map(({ type }) => type)).toEqual(["command.held"]);
  });

  it("runs once, for the session, always or not at all, as the person says", async () => {
    const place = open({ judge: hold, asks: true });
    const kinds = async (line: string): Promise<string> => (await place.run(line)).kind;
    place.answerNext("once");
    expect(await kinds("echo a")).toBe("ended");
    place.answerNext("no");
    expect(await place.run("echo a")).toMatchObject({ kind: "refused", said: "no" });
    place.answerNext("session");
    expect(await kinds("echo a")).toBe("ended");
    expect(await kinds("echo a")).toBe("ended");
    // Bound to the exact words and to what was granted with them.
    place.answerNext("no");
    expect(await kinds("echo  a")).toBe("refused");
    place.answerNext("no");
    expect((await place.run("echo a", { network: true })).kind).toBe("refused");
    place.answerNext("always");
    expect(await kinds("echo b")).toBe("ended");
    expect(readFileSync(`${place.base}/state/twolane/allowed.jsonl`, "utf8")).toContain("echo b");
    expect(readdirSync(place.root)).toEqual([]);
  });

  it("is answered by a stop", async () => {
    const place = open({ judge: hold, asks: true });
    const stop = new AbortController();
    const outcome = place.run("touch ran", { signal: stop.signal });
    while (place.events.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    expect(await outcome).toMatchObject({ kind: "refused", said: "held" });
  });

  it("is blocked in a workspace that is not trusted, where nobody can be asked", async () => {
    const place = open({ trusted: false, asks: false });
    expect(await place.run("true")).toMatchObject({ kind: "refused", refusal: { decision: "block", rule: "trust" } });
  });

  it("asks for trust: a yes is for this command alone, and after a no nobody is asked again", async () => {
    const place = open({ trusted: false });
    place.answerNext("once");
    expect(await place.run("echo one")).toMatchObject({ kind: "ended", end: { status: 0 } });
    const asked = (): number => place.events.filter((event) => event.type === "command.held").length;
    expect(place.events[0]).toMatchObject({ type: "command.held", verdict: { decision: "hold", rule: "trust" } });
    place.answerNext("no");
    expect(await place.run("echo two")).toMatchObject({ kind: "refused", said: "no" });
    expect(asked()).toBe(2);
    expect(await place.run("echo three")).toMatchObject({ kind: "refused", refusal: { decision: "block", rule: "trust" } });
  });
});
