/** What a job changed comes back into a person's session, in part, in any order, while the tree moves on. */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Command, EventOf, EventType, HunkId, Review, Session, TwolaneEvent } from "@twolane/protocol";
import { reviewEvent } from "@twolane/protocol";
import { afterEach, describe, expect, it } from "vitest";
import { openPlace } from "../src/assembly/place.ts";
import { openEngine, openUndo } from "../src/engine.ts";
import { readJobLog } from "../src/journal/job-folder.ts";
import { type KeptJob, beginJob } from "./kept-job.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

interface Stage {
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly job: KeptJob;
  read(name: string): string | undefined;
  write(name: string, text: string | undefined): void;
  /** In the job's copy. */
  change(name: string, text: string | undefined): void;
}

interface Talk {
  readonly session: Session;
  readonly review: Review;
  readonly events: readonly TwolaneEvent[];
  send(command: Command): Promise<void>;
  last<T extends EventType>(type: T): EventOf<T> | undefined;
  of(file: string): readonly HunkId[];
}

const numbered = (count: number): string => Array.from({ length: count }, (_, at) => `line ${at}\n`).join("");
const swap = (text: string, ...pairs: readonly [string, string][]): string =>
  pairs.reduce((now, [old, fresh]) => now.replace(old, fresh), text);

async function openStage(files: Readonly<Record<string, string>>): Promise<Stage> {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "twolane-take-")));
  closing.push(() => fs.rmSync(base, { recursive: true, force: true }));
  const root = path.join(base, "work");
  const put = (folder: string, name: string, text: string | undefined): void => {
    const place = path.join(folder, name);
    if (text === undefined) return fs.rmSync(place);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, text);
  };
  for (const [name, text] of Object.entries(files)) put(root, name, text);
  spawnSync("git", ["init", "-q"], { cwd: root });
  const env = { HOME: path.join(base, "home"), XDG_STATE_HOME: path.join(base, "state"), PATH: process.env["PATH"] };
  const place = openPlace({ cwd: root, env });
  if (!place.ok) throw new Error(place.failure.message);
  const job = await beginJob(place.value.state, root);
  return {
    ...{ root, env, job },
    read: (name) => (fs.existsSync(path.join(root, name)) ? fs.readFileSync(path.join(root, name), "utf8") : undefined),
    write: (name, text) => put(root, name, text),
    change: (name, text) => put(job.tree, name, text),
  };
}

async function talk({ root, env }: Stage, resume?: string): Promise<Talk> {
  const opened = await openEngine({
    ...{ cwd: root, env, model: "instant", scope: [], landing: "hunk", dryRun: false, asks: true },
    ...(resume !== undefined && { resume }),
  });
  if (!opened.ok) throw new Error(opened.failure.message);
  const session = opened.value;
  closing.push(() => session.close());
  const events: TwolaneEvent[] = [];
  const review: Review = new Map();
  for (const event of session.history) reviewEvent(review, event);
  session.subscribe((event) => {
    events.push(event);
    reviewEvent(review, event);
  });
  return {
    ...{ session, review, events },
    async send(command) {
      session.send(command);
      await session.idle();
    },
    last: <T extends EventType>(type: T) => events.findLast((event): event is EventOf<T> => event.type === type),
    of: (file) =>
      [...review.values()].flatMap(({ hunk, state }) => (hunk.path === file && state !== "superseded" ? [hunk.id] : [])),
  };
}

describe("taking a job", () => {
  it("lists each of its hunks as held, lands what is taken, and knows it in undo, resume and the job's log", async () => {
    const base = numbered(40);
    const stage = await openStage({ "src/a.ts": base, "gone.ts": "old\n" });
    stage.change("src/a.ts", swap(base, ["line 3\n", "three\n"], ["line 30\n", "thirty\n"]));
    stage.change("gone.ts", undefined);
    stage.change("fresh.ts", "new\n");
    await stage.job.end();
    stage.write("src/a.ts", swap(base, ["line 15\n", "mine\n"]));
    const first = await talk(stage);
    await first.send({ type: "job.take", job: "d1" });
    expect(first.events.map(({ type }) => type).filter((type) => type.startsWith("turn"))).toEqual([
      "turn.started",
      "turn.ended",
    ]);
    expect([...first.review.values()].map(({ hunk, state, verdict }) => [hunk.path, hunk.job, state, verdict?.rule])).toEqual([
      ["fresh.ts", "d1", "held", "deep"],
      ["gone.ts", "d1", "held", "deep"],
      ["src/a.ts", "d1", "held", "deep"],
      ["src/a.ts", "d1", "held", "deep"],
    ]);
    expect(first.session.hunkLines("h4")?.filter(({ op }) => op !== "keep")).toEqual([
      { op: "remove", text: "line 30" },
      { op: "add", text: "thirty" },
    ]);
    expect(stage.read("src/a.ts")).toBe(swap(base, ["line 15\n", "mine\n"]));
    await first.send({ type: "hunk.accept", hunks: ["h4", "h1"] });
    expect(stage.read("src/a.ts")).toBe(swap(base, ["line 15\n", "mine\n"], ["line 30\n", "thirty\n"]));
    expect(stage.read("fresh.ts")).toBe("new\n");
    await first.session.close();
    closing.pop();

    const again = await talk(stage, first.session.id);
    await again.send({ type: "hunk.accept", hunks: ["h3", "h2"] });
    expect(stage.read("src/a.ts")).toBe(swap(base, ["line 15\n", "mine\n"], ["line 3\n", "three\n"], ["line 30\n", "thirty\n"]));
    expect(stage.read("gone.ts")).toBeUndefined();
    await again.send({ type: "hunk.undo", hunks: ["h4"] });
    await again.session.close();
    closing.pop();
    expect(readJobLog(stage.job.folder).flatMap((event) => (event.type === "job.taken" ? [event] : []))).toMatchObject([
      { hunks: ["src/a.ts:31", "fresh.ts"] },
      { hunks: ["src/a.ts:4", "gone.ts"] },
      { hunks: ["src/a.ts:31"], back: true },
    ]);

    const undo = await openUndo({ cwd: stage.root, env: stage.env, selector: { kind: "last-turn" } });
    if (!undo.ok) throw new Error(undo.failure.message);
    expect(undo.value.plan.request).toBe("/take d1");
    await undo.value.apply();
    expect(stage.read("src/a.ts")).toBe(swap(base, ["line 15\n", "mine\n"]));
    expect(stage.read("gone.ts")).toBe("old\n");
    expect(stage.read("fresh.ts")).toBeUndefined();
  });

  it("tells a conflict at once, with base, yours and theirs, and takes an answer to it", async () => {
    const base = numbered(20);
    const stage = await openStage({ "a.ts": base });
    stage.change("a.ts", swap(base, ["line 7\n", "theirs\n"]));
    await stage.job.end("stopped");
    stage.write("a.ts", swap(base, ["line 7\n", "mine\n"]));
    const { send, last, review, of } = await talk(stage);
    await send({ type: "job.take", job: "d1" });
    const [hunk = ""] = of("a.ts");
    expect(last("hunk.conflicted")).toMatchObject({
      hunk,
      conflict: { line: 8, base: ["line 7"], yours: ["mine"], theirs: ["theirs"] },
    });
    await send({ type: "conflict.resolve", hunk, with: "theirs" });
    expect(stage.read("a.ts")).toBe(swap(base, ["line 7\n", "theirs\n"]));
    await send({ type: "hunk.undo", hunks: [hunk] });
    expect(stage.read("a.ts")).toBe(swap(base, ["line 7\n", "mine\n"]));
    // Taking the answer back asks again, and another answer is heard.
    expect(review.get(hunk)).toMatchObject({ state: "held", verdict: { rule: "conflict" } });
    await send({ type: "conflict.resolve", hunk, with: "both" });
    expect(stage.read("a.ts")).toBe(swap(base, ["line 7\n", "mine\ntheirs\n"]));
    await send({ type: "hunk.undo", hunks: [hunk] });
    await send({ type: "hunk.accept", hunks: [hunk] });
    expect(review.get(hunk)).toMatchObject({ state: "held", verdict: { rule: "conflict" } });
    await send({ type: "conflict.resolve", hunk, with: "yours" });
    expect(review.get(hunk)?.state).toBe("rejected");
    expect(stage.read("a.ts")).toBe(swap(base, ["line 7\n", "mine\n"]));
  });

  it("tells the texts of a conflict to whoever goes on with the session, and its answer can be taken back there", async () => {
    const base = numbered(20);
    const stage = await openStage({ "a.ts": base });
    stage.change("a.ts", swap(base, ["line 7\n", "theirs\n"]));
    await stage.job.end();
    stage.write("a.ts", swap(base, ["line 7\n", "mine\n"]));
    const first = await talk(stage);
    await first.send({ type: "job.take", job: "d1" });
    const [hunk = ""] = first.of("a.ts");
    await first.session.close();
    stage.write("a.ts", swap(base, ["line 7\n", "mine by now\n"]));
    const again = await talk(stage, first.session.id);
    await again.session.idle();
    expect(again.last("hunk.conflicted")).toMatchObject({ hunk, conflict: { yours: ["mine by now"], theirs: ["theirs"] } });
    await again.send({ type: "conflict.resolve", hunk, with: "theirs" });
    await again.session.close();
    const third = await talk(stage, first.session.id);
    await third.session.idle();
    expect(third.last("hunk.conflicted")).toBeUndefined();
    await third.send({ type: "hunk.undo", hunks: [hunk] });
    expect(third.review.get(hunk)).toMatchObject({ state: "held", verdict: { rule: "conflict" } });
    expect(stage.read("a.ts")).toBe(swap(base, ["line 7\n", "mine by now\n"]));
  });

  it("offers anew what is not taken yet, and what is there already is told as that", async () => {
    const base = numbered(40);
    const stage = await openStage({ "a.ts": base });
    stage.change("a.ts", swap(base, ["line 3\n", "three\n"], ["line 30\n", "thirty\n"]));
    await stage.job.end();
    const { send, review } = await talk(stage);
    await send({ type: "job.take", job: "d1" });
    await send({ type: "hunk.accept", hunks: ["h1"] });
    await send({ type: "job.take", job: "d1" });
    expect([...review.values()].map(({ hunk, state }) => [hunk.id, state])).toEqual([
      ["h1", "accepted"],
      ["h2", "superseded"],
      ["h3", "superseded"],
      ["h4", "held"],
    ]);
    await send({ type: "hunk.accept", hunks: ["h4"] });
    expect(stage.read("a.ts")).toBe(swap(base, ["line 3\n", "three\n"], ["line 30\n", "thirty\n"]));
  });

  it("takes what is no text as a whole, keeps what can be started, and names what is not taken", async () => {
    const stage = await openStage({ "image.bin": "\0old", "other.bin": "\0old", "lines.sh": "a\n", link: "x\n" });
    stage.change("image.bin", "\0new\nbytes");
    stage.change("other.bin", "\0new");
    stage.change("run.sh", "#!/bin/sh\n");
    stage.change("lines.sh", "b\n");
    for (const name of ["run.sh", "lines.sh"]) fs.chmodSync(path.join(stage.job.tree, name), 0o755);
    stage.change("link", undefined);
    fs.symlinkSync("lines.sh", path.join(stage.job.tree, "link"));
    await stage.job.end();
    stage.write("other.bin", "\0mine");
    const { send, review, last, events } = await talk(stage);
    await send({ type: "job.take", job: "d1" });
    expect(events.find((event) => event.type === "notice.given")).toMatchObject({
      code: "JOB_LEFT",
      message:
        "Not taken from d1: lines.sh (its lines are, its permissions are not: 100644 → 100755), link (it is a symbolic link).",
    });
    expect(last("hunk.conflicted")).toMatchObject({ path: "other.bin", conflict: { yours: ["(no text, 5 bytes)"] } });
    await send({ type: "hunk.accept", hunks: [...review.keys()] });
    expect(stage.read("image.bin")).toBe("\0new\nbytes");
    expect(stage.read("other.bin")).toBe("\0mine");
    expect(stage.read("lines.sh")).toBe("b\n");
    expect(fs.statSync(path.join(stage.root, "run.sh")).mode & 0o777).toBe(0o755);
    await send({ type: "hunk.undo", hunks: [...review.keys()] });
    expect([stage.read("image.bin"), stage.read("run.sh"), stage.read("lines.sh")]).toEqual(["\0old", undefined, "a\n"]);
  });

  it("says of a job that only reads how its answer is seen", async () => {
    const stage = await openStage({ "a.ts": "a\n" });
    const place = openPlace({ cwd: stage.root, env: stage.env });
    if (!place.ok) throw new Error(place.failure.message);
    await (await beginJob(place.value.state, stage.root, "research")).end();
    const { send, last, review } = await talk(stage);
    await send({ type: "job.take", job: "d2" });
    const told = last("notice.given");
    expect(told?.code).toBe("JOB_UNCHANGED");
    expect(told?.message).toContain("d2 has only an answer, nothing to take.");
    expect(told?.message).toContain("/jobs d2");
    expect(review.size).toBe(0);
  });

  it("takes nothing of a job that is not there, has changed nothing, or leads out of the workspace", async () => {
    const stage = await openStage({ "a.ts": "a\n", "in/b.ts": "b\n" });
    const { send, last, review } = await talk(stage);
    await send({ type: "job.take", job: "d9" });
    expect(last("notice.given")).toMatchObject({ code: "JOB_MISSING" });
    await send({ type: "job.take", job: "../../d1" });
    expect(last("notice.given")).toMatchObject({ code: "JOB_MISSING" });
    await stage.job.end();
    await send({ type: "job.take", job: "d1" });
    expect(last("notice.given")).toMatchObject({ code: "JOB_UNCHANGED" });
    stage.change("in/b.ts", "theirs\n");
    fs.rmSync(path.join(stage.root, "in"), { recursive: true });
    fs.symlinkSync(os.tmpdir(), path.join(stage.root, "in"));
    await send({ type: "job.take", job: "d1" });
    expect(review.size).toBe(0);
    expect(last("notice.given")).toMatchObject({ code: "JOB_UNCHANGED" });
  });
});
