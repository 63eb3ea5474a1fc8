/** The impacted tests of a session: when they may run by themselves, and whether they allow a commit. Loads them with the first hunk. */
import type { Evidence, EventBody, Result, Review } from "@twolane/protocol";
import { fail, succeed } from "@twolane/protocol";
import type { BackgroundTests } from "../evidence/background.ts";
import { sha256 } from "../std/hash.ts";
import { isOnDisk } from "./rewind.ts";
import type { SessionParts } from "./session-parts.ts";
import type { TestProcesses } from "./test-processes.ts";

interface Surroundings {
  readonly review: Review;
  readonly emit: (event: EventBody) => void;
  /** With the next message to the model. */
  readonly note: (text: string) => void;
}

/** A file of a commit; `undefined` bytes: it goes. */
export interface CommittedBytes {
  readonly path: string;
  readonly bytes: Uint8Array | undefined;
}

export class SessionTests {
  private readonly parts: SessionParts;
  private readonly around: Surroundings;
  /** Only in a session with a model of the person's; elsewhere when they are asked for. */
  private readonly byThemselves: boolean;
  private loading: Promise<BackgroundTests> | undefined;
  private processes: Promise<TestProcesses> | undefined;
  private landed = false;
  private saidMissing = false;
  private saidUntrusted = false;

  constructor(parts: SessionParts, around: Surroundings) {
    this.parts = parts;
    this.around = around;
    // A job of the deep lane says when its tests run.
    this.byThemselves = parts.choice !== undefined && !parts.options.dryRun && parts.options.lane !== "deep";
  }

  observe(event: EventBody): void {
    if (event.type === "hunk.landed" && !event.dryRun) this.landed = true;
    if (this.byThemselves && this.landed && isTelling(event)) void this.open().then((tests) => tests.observe(event));
    if (event.type === "turn.ended" && this.landed && this.parts.policy.tests.auto === "ask") {
      this.landed = false;
      this.notice("TESTS_ASK", "/test runs the tests that these changes reach.");
    }
  }

  run(): void {
    void this.open().then((tests) => tests.run());
  }

  /** Why what runs by itself may not: there is no sandbox. Undefined: there is one. */
  async missing(): Promise<string | undefined> {
    return (await this.openProcesses()).missing();
  }

  /** The tests are those of the policy of now, and run if they may. */
  trustChanged(): void {
    void this.loading?.then((tests) => tests.close());
    this.loading = undefined;
    this.processes = undefined;
    if (this.byThemselves && this.landed) void this.open().then((tests) => tests.again());
  }

  stop(): void {
    void this.loading?.then((tests) => tests.stop());
  }

  /** When none run; the last evidence. */
  async idle(): Promise<Evidence | undefined> {
    const tests = await this.loading;
    await tests?.idle();
    return tests?.last?.run?.evidence;
  }

  /** TESTS_REQUIRED where the policy wants evidence for exactly these bytes and there is none. */
  async permit(files: readonly CommittedBytes[]): Promise<Result<void>> {
    if (!this.parts.policy.tests.required || files.length === 0) return succeed(undefined);
    const last = (await this.loading)?.last;
    if (last === undefined) return fail("TESTS_REQUIRED", "The policy wants passed tests, and none have run.");
    const { run } = last;
    if (run !== undefined && run.evidence.outcome !== "passed")
      return fail("TESTS_REQUIRED", `The policy wants passed tests; the last were: ${run.evidence.outcome}.`);
    const other = files.find(({ path, bytes }) =>
      run === undefined
        ? !last.changed.includes(path)
        : run.contents.get(path) !== (bytes === undefined ? "none" : sha256(bytes)),
    );
    if (other === undefined) return succeed(undefined);
    return fail("TESTS_REQUIRED", `${other.path} was not tested as it would be committed.`);
  }

  async close(): Promise<void> {
    await (await this.loading)?.close();
  }

  private open(): Promise<BackgroundTests> {
    return (this.loading ??= this.load());
  }

  private openProcesses(): Promise<TestProcesses> {
    const { parts } = this;
    return (this.processes ??= import("./test-processes.ts").then(({ openTestProcesses }) =>
      openTestProcesses({ ...parts, ...parts.options }),
    ));
  }

  private async load(): Promise<BackgroundTests> {
    const { parts } = this;
    const { review, emit, note } = this.around;
    const [{ BackgroundTests: Tests }, { openProject }, processes] = await Promise.all([
      import("../evidence/background.ts"),
      import("./project.ts"),
      this.openProcesses(),
    ]);
    const project = openProject(parts);
    const isAuto = async (): Promise<boolean> => {
      if (!this.byThemselves || parts.policy.tests.auto !== "impacted") return false;
      if (!parts.isTrusted()) {
        // Where there is nothing to run, nothing is said.
        if (this.saidUntrusted || (await project.impact(standing(review))).choice.tests.length === 0) return false;
        this.saidUntrusted = true;
        this.notice(
          "TESTS_UNTRUSTED",
          "Tests do not run by themselves, as nobody has trusted this workspace: /trust, or `twolane trust`.",
        );
        return false;
      }
      const missing = await processes.missing();
      if (missing !== undefined && !this.saidMissing) {
        this.saidMissing = true;
        this.notice("TESTS_NO_SANDBOX", `Tests do not run by themselves, as there is no sandbox: ${missing}. /test runs them.`);
      }
      return missing === undefined;
    };
    return new Tests({
      ...{ emit, isAuto, changed: () => standing(review) },
      async open(changed) {
        const impact = await project.impact(changed);
        if (impact.packages.length === 0) return undefined;
        return { choice: impact.choice, run: (signal) => project.run(impact, { changed, processes, signal, yields: true }) };
      },
      ...(parts.policy.tests.tell && { tell: note }),
    });
  }

  private notice(code: string, message: string): void {
    this.around.emit({ type: "notice.given", code, message });
  }
}

const telling: ReadonlySet<EventBody["type"]> = new Set([
  ...([
    "hunk.streaming",
    "hunk.landed",
    "hunk.accepted",
    "hunk.rejected",
    "hunk.undone",
    "step.started",
    "step.ended",
    "turn.ended",
  ] as const),
]);
const isTelling = ({ type }: EventBody): boolean => telling.has(type);

/** Files of hunks that are on disk and in no commit. */
function standing(review: Review): readonly string[] {
  const files = new Set<string>();
  for (const one of review.values()) {
    if (!isOnDisk(one)) continue;
    files.add(one.hunk.path);
    if (one.hunk.movedTo !== undefined) files.add(one.hunk.movedTo);
  }
  return [...files];
}
