/** What has happened on the demo's stage so far, from the session's events, and what lies on the copy's disk. Claims nothing. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { EventType, HunkId, Session, TwolaneEvent } from "@twolane/protocol";

interface SceneOptions {
  readonly session: Session;
  readonly folder: string;
  readonly print: (line: string) => void;
}

interface LandedHunk {
  readonly id: HunkId;
  /** Where it is now. */
  readonly path: string;
  /** Monotonic ms. */
  readonly at: number;
}

/** Nothing is waited for longer; ms. */
const patienceMs = 8000;

export class Scene {
  readonly landed: LandedHunk[] = [];
  /** Hunks of which the last byte has come. */
  closed = 0;
  failed = 0;
  private readonly options: SceneOptions;
  private readonly events: TwolaneEvent[] = [];
  private readonly waiting = new Set<(event: TwolaneEvent) => void>();
  /** Lines that a hunk brings to its file, as it was written. */
  private readonly added = new Map<HunkId, { readonly file: string; readonly lines: readonly string[] }>();
  /** On disk no more. */
  private readonly gone = new Set<HunkId>();
  /** Content of each file when its first hunk was closed, and after each that landed. */
  private readonly contents = new Map<string, { readonly first: string | undefined; last: string | undefined }>();
  private startedAt = 0;

  constructor(options: SceneOptions) {
    this.options = options;
    options.session.subscribe((event) => this.observe(event));
  }

  /** The next event that fits; undefined when it takes too long. */
  first(fits: (event: TwolaneEvent) => boolean): Promise<TwolaneEvent | undefined> {
    return new Promise((resolve) => {
      const done = (event?: TwolaneEvent): void => {
        this.waiting.delete(hear);
        clearTimeout(timer);
        resolve(event);
      };
      const hear = (event: TwolaneEvent): void => void (fits(event) && done(event));
      const timer = setTimeout(done, patienceMs);
      this.waiting.add(hear);
    });
  }

  /** When it happened for the first time, after that moment; 0: never. Monotonic ms. */
  time(type: EventType, after = 0): number {
    return this.events.find((event) => event.type === type && event.mono >= after)?.mono ?? 0;
  }

  /** When it happened for the last time; else what is given. */
  latest(type: EventType, otherwise: number): number {
    return this.events.findLast((event) => event.type === type)?.mono ?? otherwise;
  }

  /** The last turn did not come to its end. */
  get isCutOff(): boolean {
    const event = this.events.findLast(({ type }) => type === "turn.ended");
    return event?.type === "turn.ended" && event.ending !== "completed";
  }

  /** How many hunks a stop has kept. */
  kept(): number {
    const event = this.events.find(({ type }) => type === "stop.finished");
    return event?.type === "stop.finished" ? event.kept.length : 0;
  }

  isOnDisk(id: HunkId): boolean {
    return this.landed.some((hunk) => hunk.id === id) && !this.gone.has(id);
  }

  standing(): readonly HunkId[] {
    return this.landed.map(({ id }) => id).filter((id) => !this.gone.has(id));
  }

  /** The longest line that is in the hunk's file because of it alone. */
  markOf(id: HunkId): string | undefined {
    const file = this.landed.find((hunk) => hunk.id === id)?.path ?? "";
    const [before, now] = [this.contents.get(file)?.first ?? "", this.read(file) ?? ""];
    const others = [...this.added].flatMap(([other, one]) => (other !== id && one.file === file ? one.lines : []));
    const isAlone = (line: string): boolean =>
      line.trim() !== "" && !before.includes(line) && now.includes(line) && !others.some((other) => other.includes(line));
    const lines = this.added.get(id)?.lines.filter(isAlone) ?? [];
    return lines.toSorted((one, two) => two.length - one.length)[0];
  }

  /** The file is as the last hunk that landed in it has left it, or as it was. */
  isAsLanded(file: string): boolean {
    return this.read(file) === this.remember(file).last;
  }

  read(file: string): string | undefined {
    try {
      return readFileSync(path.join(this.options.folder, file), "utf8");
    } catch {
      return undefined;
    }
  }

  /** Adds a line to the end of the last of these files that was there before, as an editor would; gives which one. */
  type(files: readonly string[], line: string): string | undefined {
    const file = files.findLast((name) => this.remember(name).first !== undefined && this.read(name)?.endsWith("\n") === true);
    if (file !== undefined) appendFileSync(path.join(this.options.folder, file), `${line}\n`);
    return file;
  }

  erase(file: string, line: string): void {
    writeFileSync(path.join(this.options.folder, file), (this.read(file) ?? "").replace(`${line}\n`, ""));
  }

  /** All that is in the copy in one word: git's hash of the tree, or one of our own where it is no repository. */
  fingerprint(): string {
    const { folder } = this.options;
    if (!existsSync(path.join(folder, ".git"))) return `SHA-256 of all files ${hashOfFiles(folder).slice(0, 9)}`;
    const git = (...args: readonly string[]): string =>
      execFileSync("git", ["-C", folder, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    git("add", "--all", "--force");
    return `git's tree ${git("write-tree").slice(0, 9)}`;
  }

  /** Its content now counts as the one before the run, where none is known. */
  remember(file: string): { readonly first: string | undefined; last: string | undefined } {
    const known = this.contents.get(file);
    if (known !== undefined) return known;
    const content = this.read(file);
    const fresh = { first: content, last: content };
    this.contents.set(file, fresh);
    return fresh;
  }

  private observe(event: TwolaneEvent): void {
    this.events.push(event);
    if (event.type === "turn.started") this.startedAt ||= event.mono;
    this.observeHunk(event);
    for (const hear of [...this.waiting]) hear(event);
  }

  private observeHunk(event: TwolaneEvent): void {
    switch (event.type) {
      case "hunk.streaming":
        return void this.remember(event.path);
      case "hunk.closed": {
        this.closed++;
        this.remember(event.hunk.path);
        const lines = event.lines.flatMap(({ op, text }) => (op === "add" ? [text] : []));
        return void this.added.set(event.hunk.id, { file: event.hunk.path, lines });
      }
      case "hunk.landed": {
        const { id, path: file, movedTo, linesAdded, linesRemoved, operation } = event.hunk;
        const now = movedTo ?? file;
        this.landed.push({ id, path: now, at: event.mono });
        this.remember(now).last = this.read(now);
        const size = operation === "update" ? `+${linesAdded} −${linesRemoved}` : operation;
        return this.options.print(
          `  ${Math.round(event.mono - this.startedAt)
            .toString()
            .padStart(6)} ms  ● ${now}  ${size}  ${id}`,
        );
      }
      case "hunk.failed":
        if (event.failure.code !== "STOPPED") this.failed++;
        return;
      case "hunk.rejected":
      case "hunk.undone":
        return void this.gone.add(event.hunk);
      case "hunk.held":
        return void this.gone.add(event.hunk.id);
      default:
        return;
    }
  }
}

/** Over names, modes and bytes of a small folder. */
function hashOfFiles(folder: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const name of files.map((entry) => path.join(entry.parentPath, entry.name)).toSorted())
    hash.update(`${path.relative(folder, name)}\0${statSync(name).mode}\0`).update(readFileSync(name));
  return hash.digest("hex");
}
