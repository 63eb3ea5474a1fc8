/**
 * Diagnostics of a session: each landed hunk is checked behind everything else; what it broke is shown at the hunk and told to the model with
 * what goes to it next, as far as it is still so then.
 */
import type { CodeProblem, EventBody, HunkId } from "@twolane/protocol";
import type { CodeAnswer, CodeQuestion } from "../code/diagnostics/questions.ts";
import type { CheckedFile, Diagnostics, DiagnosticsEvents, FileBefore } from "../code/diagnostics/diagnostics.ts";

export interface DiagnosticsDeps {
  readonly open: (events: DiagnosticsEvents) => Diagnostics;
  readonly emit: (event: EventBody) => void;
  /** Whether what stands in a file may be told to the model. */
  readonly mayTell: (path: string) => boolean;
  /** Something at the workspace's root, or above a file, says that there is code here which can be checked. */
  readonly hasProject: (path?: string) => boolean;
  /** A file as it is now, where that can be known quickly. */
  readonly read: (path: string) => FileBefore | undefined;
}

/** The first request goes before it, and what a quick model does at once; ms. */
const warmAfterMs = 100;
/** What a call led to is waited for no longer than this before its outcome goes to the model; ms. */
const waitMs = 30;
/** Problems of one hunk that are shown and told; the others are counted. */
const shownProblems = 6;
/** Hunks that it is remembered where they were. */
const rememberedHunks = 500;

interface Place {
  readonly hunk: HunkId;
  readonly path: string;
  readonly line: number;
}

interface OpenProblem extends CodeProblem {
  readonly hunk: HunkId;
  told: boolean;
}

export class DiagnosticsDesk {
  private readonly deps: DiagnosticsDeps;
  private checker: Diagnostics | undefined;
  private warming: NodeJS.Timeout | undefined;
  private expected = new Set<string>();
  /** The time has come to warm it. */
  private isDue = false;
  /** Files that change before it is warm, as they were. */
  private readonly cold = new Map<string, FileBefore>();
  /** What changed before it was opened. */
  private early: readonly string[] = [];
  /** The last is the newest. */
  private places: Place[] = [];
  /** What is wrong now, by file. */
  private readonly open = new Map<string, readonly OpenProblem[]>();
  private isWriting = false;
  private isClosed = false;

  constructor(deps: DiagnosticsDeps) {
    this.deps = deps;
  }

  observe(event: EventBody): void {
    switch (event.type) {
      case "turn.started":
        this.expected = new Set();
        return this.checker?.refresh();
      case "step.requested":
        if (event.transport !== "in-process") this.warmSoon();
        return;
      case "step.ended":
        this.isWriting = false;
        return;
      case "hunk.streaming":
        this.isWriting = true;
        return this.expect(event.path);
      case "hunk.landed": {
        const { hunk } = event;
        if (event.dryRun) return;
        return this.changed({ hunk: hunk.id, path: hunk.movedTo ?? hunk.path, line: hunk.line }, [hunk.path, hunk.movedTo]);
      }
      case "hunk.rejected":
      case "hunk.undone":
        return this.changed({ hunk: event.hunk, path: event.path, line: 0 }, [event.path]);
      default:
        return;
    }
  }

  /** Behind an edit: not at all where nothing is warm, and never for long. */
  shortly(): Promise<void> | undefined {
    const { checker } = this;
    if (checker?.isWarm !== true) return undefined;
    return new Promise((resolve) => {
      const late = setTimeout(resolve, waitMs);
      void checker.settled().then(() => {
        clearTimeout(late);
        resolve();
      });
    });
  }

  /** What the model does not know yet and is still so. It counts as told. */
  news(): string | undefined {
    const untold = [...this.open.values()].flat().filter(({ told, path }) => !told && this.deps.mayTell(path));
    return untold.length === 0 ? undefined : this.textOf(untold);
  }

  /** What this hunk broke, for a steer. It counts as told. */
  messageOf(hunk: HunkId): string | undefined {
    const broken = this.problemsOf(hunk).filter(({ path }) => this.deps.mayTell(path));
    return broken.length === 0 ? undefined : this.textOf(broken);
  }

  /** For a tool of the model. */
  ask(question: CodeQuestion): Promise<CodeAnswer | undefined> {
    return this.isClosed ? Promise.resolve(undefined) : this.opened().ask(question);
  }

  /** Another TypeScript may be the right one now. */
  trustChanged(): void {
    this.checker?.end();
  }

  close(): void {
    this.isClosed = true;
    clearTimeout(this.warming);
    this.checker?.end();
  }

  private warmSoon(): void {
    if (this.warming !== undefined || this.isClosed) return;
    this.warming = setTimeout(() => {
      this.isDue = true;
      const { early } = this;
      this.early = [];
      if (this.isClosed) return;
      if (this.deps.hasProject()) this.opened().warm();
      this.check(early);
    }, warmAfterMs).unref();
  }

  private opened(): Diagnostics {
    return (this.checker ??= this.deps.open({
      onChecked: (files) => this.checked(files),
      onForgotten: () => {
        this.open.clear();
        this.cold.clear();
      },
    }));
  }

  /** While it reads the workspace, what it reads may be what has landed: then the file before that is told to it. */
  private expect(path: string): void {
    if (this.warming === undefined || this.expected.has(path)) return;
    this.expected.add(path);
    if (this.checker?.isWarm === true) return this.checker.expect(path);
    const was = this.cold.get(path) ?? this.deps.read(path);
    if (was !== undefined) this.cold.set(path, was);
  }

  private check(paths: readonly string[]): void {
    if (this.checker === undefined && !paths.some((path) => this.deps.hasProject(path))) return;
    if (paths.length === 0) return;
    const checker = this.opened();
    for (const path of paths) {
      const was = this.cold.get(path);
      if (was !== undefined) checker.expect(path, was);
      this.cold.delete(path);
    }
    checker.changed(paths);
  }

  /** Only where a model writes: else nobody is told, and what `instant` does is proven. */
  private changed(place: Place, paths: readonly (string | undefined)[]): void {
    if (this.warming === undefined || this.isClosed) return;
    this.places = [...this.places.slice(1 - rememberedHunks), place];
    const named = paths.filter((one) => one !== undefined);
    if (this.isDue) this.check(named);
    else this.early = [...this.early, ...named];
  }

  private checked(files: readonly CheckedFile[]): void {
    const before = this.byHunk();
    for (const { path, via, problems } of files) {
      const known = [...(this.open.get(path) ?? [])];
      const cause = this.causeOf(path) ?? this.causeOf(via);
      if (problems.length === 0 || cause === undefined) {
        this.open.delete(path);
        continue;
      }
      const now = problems.map((problem): OpenProblem => {
        const same = known.findIndex(({ code, message }) => code === problem.code && message === problem.message);
        const [old] = same < 0 ? [] : known.splice(same, 1);
        return { ...problem, hunk: old?.hunk ?? cause.hunk, told: old?.told ?? false };
      });
      this.open.set(path, now);
    }
    this.tell(before);
  }

  /** The newest change of that file. */
  private causeOf(path: string): Place | undefined {
    return this.places.findLast((place) => place.path === path);
  }

  private tell(before: ReadonlyMap<HunkId, string>): void {
    const now = this.byHunk();
    for (const [hunk, list] of now) {
      if (before.get(hunk) === list) continue;
      const problems = this.problemsOf(hunk);
      const own = this.places.findLast((place) => place.hunk === hunk)?.path;
      const steer = this.isWriting && problems.some(({ path, told }) => path !== own && !told);
      this.deps.emit({
        type: "diagnostics.found",
        hunk,
        problems: problems.slice(0, shownProblems).map(({ path, line, code, message }) => ({ path, line, code, message })),
        more: Math.max(0, problems.length - shownProblems),
        ...(steer && { steer }),
      });
    }
    for (const hunk of before.keys()) if (!now.has(hunk)) this.deps.emit({ type: "diagnostics.cleared", hunk });
  }

  /** Everything open, as one text a hunk, to see whether it is the same. */
  private byHunk(): ReadonlyMap<HunkId, string> {
    const texts = new Map<HunkId, string>();
    for (const problems of this.open.values())
      for (const problem of problems) texts.set(problem.hunk, `${texts.get(problem.hunk) ?? ""}\n${lineOf(problem)}`);
    return texts;
  }

  private problemsOf(hunk: HunkId): readonly OpenProblem[] {
    return [...this.open.values()].flat().filter((problem) => problem.hunk === hunk);
  }

  /** Grouped by hunk and file. */
  private textOf(problems: readonly OpenProblem[]): string {
    const hunks = [...new Set(problems.map(({ hunk }) => hunk))];
    const parts = hunks.map((hunk) => {
      const all = problems.filter((problem) => problem.hunk === hunk);
      const place = this.places.findLast((known) => known.hunk === hunk);
      const where = place === undefined ? "" : ` of ${place.path}${place.line > 0 ? `, line ${place.line}` : ""}`;
      const more = all.length > shownProblems ? [`and ${all.length - shownProblems} more`] : [];
      return `[After your change${where}, what was right before is not:\n${[...all.slice(0, shownProblems).map(lineOf), ...more].join("\n")}]`;
    });
    for (const problem of problems) problem.told = true;
    return parts.join("\n");
  }
}

const lineOf = ({ path, line, code, message }: CodeProblem): string => `${path}:${line} ${code} ${message}`;
