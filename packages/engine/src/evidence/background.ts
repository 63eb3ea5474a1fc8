/**
 * The impacted tests of a session, behind everything else: as soon as the stream has closed the hunks of a file they run, and start again when
 * more comes that they reach. How they are found and run is told from outside.
 */
import type { Evidence, EventBody, TestChoice } from "@twolane/protocol";
import { summaryOf } from "./impact.ts";

/** One run: what was chosen, and what comes of it. */
export interface BackgroundRun {
  readonly choice: TestChoice;
  /** Undefined: it was stopped. */
  run(signal: AbortSignal): Promise<TestedRun | undefined>;
}

export interface TestedRun {
  readonly evidence: Evidence;
  /** Digest of each changed file as it was tested; `none` where there was none. */
  readonly contents: ReadonlyMap<string, string>;
}

export interface BackgroundDeps {
  /** Files that differ by this session from what is committed. */
  readonly changed: () => readonly string[];
  /** Undefined: no runner is found. */
  readonly open: (changed: readonly string[]) => Promise<BackgroundRun | undefined>;
  readonly emit: (event: EventBody) => void;
  /** Whether they run by themselves, now. */
  readonly isAuto: () => Promise<boolean>;
  /** Says it to the model with the next message; absent: it is not told. */
  readonly tell?: (text: string) => void;
}

/** What comes together is one change; ms. */
const settleMs = 40;
/** Somebody else writes all the time: then nothing can be said. */
const voidLimit = 2;
const shownFiles = 100;

export class BackgroundTests {
  private readonly deps: BackgroundDeps;
  /** Changed since the last look. */
  private readonly touched = new Set<string>();
  /** Of the file whose hunks come. */
  private writing: string | undefined;
  /** Where it begins with a hunk that has landed, more of that answer may come. */
  private streaming = true;
  private timer: NodeJS.Timeout | undefined;
  private running: { readonly stop: AbortController; readonly done: Promise<void> } | undefined;
  private looking: Promise<void> = Promise.resolve();
  private voids = 0;
  private asked = false;
  private closed = false;
  private readonly told = new Set<string>();
  /** The last that ended, whether it was asked for or not; undefined `run`: no test needs these changes. */
  last: { readonly changed: readonly string[]; readonly run?: TestedRun } | undefined;

  constructor(deps: BackgroundDeps) {
    this.deps = deps;
  }

  observe(event: EventBody): void {
    switch (event.type) {
      case "hunk.streaming":
        if (this.writing !== undefined && event.path !== this.writing) this.settle();
        return;
      case "hunk.landed":
        if (event.dryRun) return;
        for (const path of [event.hunk.path, event.hunk.movedTo]) if (path !== undefined) this.touched.add(path);
        this.writing = event.hunk.movedTo ?? event.hunk.path;
        // The last ones land when nothing more streams.
        if (!this.streaming) this.settle();
        return;
      case "step.started":
        this.streaming = true;
        return;
      case "step.ended":
        this.streaming = false;
        if (this.touched.size > 0) this.settle();
        return;
      case "turn.ended":
        this.streaming = false;
        if (this.touched.size > 0) this.settle();
        return;
      case "hunk.accepted":
        if (this.touched.size > 0) this.settle();
        return;
      case "hunk.rejected":
      case "hunk.undone":
        this.touched.add(event.path);
        return this.settle();
      default:
        return;
    }
  }

  /** Because the person said so. */
  run(): void {
    this.asked = true;
    this.begin();
  }

  /** As if something had just changed. */
  again(): void {
    this.begin();
  }

  stop(): void {
    if (this.running === undefined) return;
    this.running.stop.abort();
    this.deps.emit({ type: "tests.stopped", why: "person" });
  }

  /** When none run and none are about to. */
  async idle(): Promise<void> {
    for (;;) {
      if (this.timer !== undefined) this.begin();
      await this.looking;
      await this.running?.done;
      if (this.timer === undefined && this.running === undefined) return;
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.running?.stop.abort();
    await this.looking;
    await this.running?.done;
  }

  private settle(): void {
    this.writing = undefined;
    this.schedule();
  }

  private schedule(): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.begin(), settleMs);
  }

  private begin(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const asked = this.asked;
    this.asked = false;
    this.looking = this.looking.then(() => this.look(asked));
  }

  private async look(asked: boolean): Promise<void> {
    const touched = [...this.touched];
    this.touched.clear();
    if (this.closed || (!asked && !(await this.deps.isAuto()))) return;
    const { running } = this;
    if (running !== undefined && !asked) {
      // What the running tests do not reach leaves them alone.
      const more = await this.deps.open(touched);
      if (more === undefined || more.choice.tests.length === 0) return;
    }
    if (running !== undefined && this.running === running) {
      running.stop.abort();
      await running.done;
      this.deps.emit({ type: "tests.stopped", why: "changed" });
    }
    const changed = [...new Set([...this.deps.changed(), ...touched])];
    const opened = await this.deps.open(changed);
    if (opened === undefined) {
      if (asked) this.notice("TESTS_MISSING", "No test runner is found here; docs/evidence.md lists those that are.");
      return;
    }
    if (opened.choice.tests.length === 0) {
      this.last = { changed };
      if (asked)
        this.notice(
          "TESTS_NONE",
          opened.choice.of === 0
            ? "No test file is found here; docs/evidence.md says by what each runner finds them."
            : changed.length === 0
              ? "Nothing of this session is to be tested."
              : "No test needs these changes.",
        );
      return;
    }
    this.start(opened, changed);
  }

  private start(opened: BackgroundRun, changed: readonly string[]): void {
    if (this.closed) return;
    const stop = new AbortController();
    this.deps.emit({ type: "tests.started", choice: summaryOf(opened.choice) });
    const done = opened.run(stop.signal).then((run) => {
      this.running = undefined;
      if (run === undefined || this.closed) return;
      this.last = { changed, run };
      this.ended(run.evidence);
    });
    this.running = { stop, done };
  }

  private ended(evidence: Evidence): void {
    const { emit, tell } = this.deps;
    const files = evidence.files.filter(({ outcome }) => outcome !== "passed").slice(0, shownFiles);
    emit({ type: "tests.ended", evidence: { ...evidence, files } });
    if (evidence.outcome === "void" && ++this.voids <= voidLimit) return this.schedule();
    if (evidence.outcome !== "void") this.voids = 0;
    const { failure } = evidence;
    if (evidence.outcome !== "failed" || failure === undefined || tell === undefined) return;
    const place = `${failure.path}${failure.line === undefined ? "" : `:${failure.line}`}`;
    const text = `[The tests that your change reaches: ${evidence.counts.failed} failed, ${evidence.counts.passed} passed. The first, ${place}, ${failure.name}:]\n${failure.message}`;
    // Times, addresses and process numbers differ each time.
    const same = text.replace(/\d+/g, "");
    if (this.told.has(same)) return;
    this.told.add(same);
    tell(text);
  }

  private notice(code: string, message: string): void {
    this.deps.emit({ type: "notice.given", code, message });
  }
}
