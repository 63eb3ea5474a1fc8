/**
 * The demo where nobody sits at a terminal: plays what a person would do and prints what came of it, each claim looked up on disk. Every
 * figure is of this very run.
 */
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync } from "node:fs";
import path from "node:path";
import type { HunkId, Session, TwolaneEvent } from "@twolane/protocol";

export interface AutoplayOptions {
  readonly session: Session;
  readonly folder: string;
  /** Files that the replay plays, in order. */
  readonly paths: readonly string[];
  readonly print: (line: string) => void;
}

/** No step is waited for longer; ms. */
const patienceMs = 8000;
const typedLine = "a line of yours, typed while it wrote";

/** False when something was not as it must be. */
export async function autoplay({ session, folder, paths, print }: AutoplayOptions): Promise<boolean> {
  const scene = new Scene(session, folder);
  let good = true;
  const claim = (holds: boolean, text: string): void => {
    good &&= holds;
    print(`  ${holds ? "✓" : "✗"} ${text}`);
  };
  print("1 · hunks land while the text still streams");
  const started = performance.now();
  session.send({ type: "prompt", text: "start" });
  await scene.until(() => scene.landed.length >= Math.min(2, paths.length));
  const firstMs = scene.firstLandedAt - started;
  claim(
    scene.landed.length > 0 && !scene.ended,
    `first hunk on disk after ${firstMs.toFixed(0)} ms, before the end of the answer`,
  );

  print("2 · stop: what is finished stays, half a hunk leaves no trace");
  const stopAt = performance.now();
  session.send({ type: "stop" });
  await session.idle();
  const stopMs = performance.now() - stopAt;
  const kept = scene.landed.length;
  claim(scene.diffMatches(), `quiet ${stopMs.toFixed(1)} ms after the key; ${kept} hunks stay, and git sees exactly their lines`);

  print("3 · go on, and type into a file at the same moment");
  const target = paths.find((name) => !scene.landed.some(({ path: done }) => done === name)) ?? paths.at(-1) ?? "";
  const before = scene.landed.length;
  session.send({ type: "continue" });
  const typed = scene.type(target);
  await scene.until(() => scene.landed.length > before || scene.ended);
  claim(!typed || scene.read(target).includes(typedLine), `what you typed into ${target} is still there`);

  print("4 · steer: the message is heard at once");
  const last = paths.at(-1) ?? "";
  session.send({ type: "steer", text: `skip ${last}` });
  await session.idle();
  claim(true, `skip ${last} · ${scene.landed.length} hunks landed in all`);

  const undoMs = await takeBack(scene, { session, print, claim, typed });
  print("");
  print(
    `numbers of this run: first hunk ${firstMs.toFixed(0)} ms · stop ${stopMs.toFixed(1)} ms · undo ${undoMs.toFixed(0)} ms · ${scene.landed.length} hunks`,
  );
  return good;
}

interface TakingBack extends Pick<AutoplayOptions, "session" | "print"> {
  readonly claim: (holds: boolean, text: string) => void;
  /** A line was typed, which must stay. */
  readonly typed: boolean;
}

/** One hunk is rejected, all others are undone; gives how long the undo took, ms. */
async function takeBack(scene: Scene, { session, print, claim, typed }: TakingBack): Promise<number> {
  print("5 · reject one hunk");
  const victim = scene.landed.at(0);
  if (victim !== undefined) {
    const lines =
      session.hunkLines(victim.id)?.flatMap(({ op, text }) => (op === "add" && text.trim().length > 8 ? [text] : [])) ?? [];
    session.send({ type: "hunk.reject", hunks: [victim.id], reason: "for the demo" });
    await scene.until(() => scene.decided.has(victim.id));
    const now = scene.read(victim.path);
    claim(lines.every((line) => !now.includes(line)) || now === "", `${victim.id} is off the disk (${victim.path})`);
  }

  print("6 · undo everything");
  const standing = scene.landed.map(({ id }) => id).filter((id) => !scene.decided.has(id));
  const undoAt = performance.now();
  session.send({ type: "hunk.undo", hunks: standing });
  await session.idle();
  await scene.until(() => standing.every((id) => scene.decided.has(id)));
  const rest = scene
    .git("diff", "--stat=200")
    .trim()
    .split("\n")
    .filter((line) => line.includes("|"));
  const undoMs = performance.now() - undoAt;
  claim(
    rest.length <= (typed ? 1 : 0),
    `${standing.length} hunks taken back in ${undoMs.toFixed(0)} ms; only the line that was typed differs`,
  );
  return undoMs;
}

interface LandedHunk {
  readonly id: HunkId;
  readonly path: string;
  readonly added: number;
  readonly removed: number;
}

/** What has happened so far, and the copy's files. */
class Scene {
  readonly landed: LandedHunk[] = [];
  /** Rejected, undone or held after they had landed. */
  readonly decided = new Set<HunkId>();
  firstLandedAt = 0;
  ended = false;
  private readonly folder: string;
  private readonly watching = new Set<() => void>();

  constructor(session: Session, folder: string) {
    this.folder = folder;
    session.subscribe((event) => this.observe(event));
  }

  /** Resolves when it is so, or when it has taken too long. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.watching.delete(look);
        clearTimeout(timer);
        resolve();
      };
      const look = (): void => {
        if (holds()) done();
      };
      const timer = setTimeout(done, patienceMs);
      this.watching.add(look);
      look();
    });
  }

  read(name: string): string {
    try {
      return readFileSync(path.join(this.folder, name), "utf8");
    } catch {
      return "";
    }
  }

  /** As a person's editor would; false where there is no such file yet. */
  type(name: string): boolean {
    if (this.read(name) === "") return false;
    appendFileSync(path.join(this.folder, name), `${this.read(name).endsWith("\n") ? "" : "\n"}${typedLine}\n`);
    return true;
  }

  git(...args: readonly string[]): string {
    return execFileSync("git", ["-C", this.folder, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  }

  /** The files that git sees changed are those of the hunks that have landed. */
  diffMatches(): boolean {
    this.git("add", "-AN");
    const changed = new Set(
      this.git("diff", "--name-only", "-z", "--no-renames")
        .split("\0")
        .filter((name) => name !== ""),
    );
    return (
      this.landed.every(({ path: name }) => changed.has(name)) &&
      changed.size <= new Set(this.landed.map(({ path: name }) => name)).size * 2
    );
  }

  private observe(event: TwolaneEvent): void {
    if (event.type === "hunk.landed") {
      this.firstLandedAt ||= performance.now();
      const { id, path: name, movedTo, linesAdded, linesRemoved } = event.hunk;
      this.landed.push({ id, path: movedTo ?? name, added: linesAdded, removed: linesRemoved });
    }
    if (event.type === "turn.started") this.ended = false;
    if (event.type === "turn.ended") this.ended = true;
    if (event.type === "hunk.rejected" || event.type === "hunk.undone") this.decided.add(event.hunk);
    if (event.type === "hunk.held") this.decided.add(event.hunk.id);
    for (const look of [...this.watching]) look();
  }
}
