/** Tasks of the checker's thread in their order: turns to what was told meanwhile between two files, and drops a check that newer changes outrun. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";
import type { TypeScript } from "../instant/typescript-choice.ts";
import { Examiner } from "./examiner.ts";
import type { CheckerReply, CheckerTask } from "./messages.ts";

/** Changes that follow each other quickly outrun checks; after this time one is finished nevertheless. Milliseconds. */
const patienceMs = 200;

export interface CheckingDeps {
  readonly typescript: TypeScript;
  readonly root: string;
  /** How many changes were told, those included that are on their way. */
  readonly count: () => number;
  readonly say: (reply: CheckerReply) => void;
}

interface Changes {
  readonly paths: Set<string>;
  readonly since: number;
  /** Files came or went. */
  moved: boolean;
}

export class Checking {
  private readonly deps: CheckingDeps;
  private readonly examiner: Examiner;
  private readonly queue: CheckerTask[] = [];
  private isBusy = false;
  /** Not checked yet. */
  private changes: Changes | undefined;
  /** Changes of which what reaches them over other files is not checked. */
  private readonly unfinished = new Set<string>();
  /** The count with the last change that was taken up. */
  private taken = 0;
  /** A newer change ends what runs. */
  private mayBeOutrun = false;

  constructor(deps: CheckingDeps) {
    this.deps = deps;
    const { typescript, root } = deps;
    const token = {
      isCancellationRequested: () => this.isOutrun,
      throwIfCancellationRequested: () => {
        if (this.isOutrun) throw new typescript.OperationCanceledException();
      },
    };
    this.examiner = new Examiner(typescript, root, { token });
  }

  /** Reads the workspace; `early`: texts as they were before that, by absolute paths. */
  begin(early: ReadonlyMap<string, string>): void {
    this.deps.say({ reply: "ready", files: this.examiner.begin(early) });
  }

  take(task: CheckerTask): void {
    this.queue.push(task);
    void this.work();
  }

  private get isOutrun(): boolean {
    return this.mayBeOutrun && this.taken !== this.deps.count();
  }

  private async work(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    for (let task = this.queue.shift(); task !== undefined || this.changes !== undefined; task = this.queue.shift()) {
      if (task?.task === "refresh") this.examiner.refresh(task.asked);
      else if (task?.task === "check") this.takeUp(task);
      else if (task?.task === "ask") this.answer(task);
      else if (task?.task === "expect") await this.expect(task);
      // All that was told before is one change.
      if (this.queue.length === 0) await this.check();
    }
    this.isBusy = false;
  }

  private answer({ id, question }: Extract<CheckerTask, { task: "ask" }>): void {
    this.mayBeOutrun = false;
    this.deps.say({ reply: "answered", id, answer: this.examiner.answer(question) });
  }

  private async expect({ path, was }: Extract<CheckerTask, { task: "expect" }>): Promise<void> {
    if (was !== undefined) return this.examiner.remember(path, was);
    this.mayBeOutrun = true;
    await this.drive(this.examiner.expect(path));
  }

  private takeUp({ paths, told }: Extract<CheckerTask, { task: "check" }>): void {
    this.taken = told;
    this.changes ??= { paths: new Set(), moved: false, since: performance.now() };
    for (const path of paths) this.changes.paths.add(path);
    this.changes.moved = this.examiner.take(paths) || this.changes.moved;
  }

  private async check(): Promise<void> {
    // One that is on its way is taken up first.
    if (this.taken !== this.deps.count()) await nextTurn();
    if (this.changes === undefined || this.queue.length > 0) return;
    const { paths, moved, since } = this.changes;
    const changed = [...paths];
    const settled = this.taken;
    this.mayBeOutrun = performance.now() - since < patienceMs;
    const near = await this.drive(this.examiner.near(changed, moved));
    if (near === undefined) return;
    this.deps.say({ reply: "checked", files: near.value, settled, heap: heapUsed() });
    // What came while nothing could end it is another change.
    if (this.taken === settled) this.changes = undefined;
    this.mayBeOutrun = true;
    for (const path of changed) this.unfinished.add(path);
    const far = await this.drive(this.examiner.far([...this.unfinished]));
    if (far === undefined) return;
    this.unfinished.clear();
    if (far.value.length > 0) this.deps.say({ reply: "checked", files: far.value, settled, heap: heapUsed() });
  }

  /** Undefined: newer changes came. */
  private async drive<T>(steps: Generator<undefined, T>): Promise<{ readonly value: T } | undefined> {
    try {
      for (;;) {
        const step = steps.next();
        if (step.done === true) return { value: step.value };
        // What was told meanwhile is heard here.
        await nextTurn();
        if (this.isOutrun) return undefined;
      }
    } catch (error) {
      if (error instanceof this.deps.typescript.OperationCanceledException) return undefined;
      throw error;
    }
  }
}

const heapUsed = (): number => getHeapStatistics().used_heap_size;
