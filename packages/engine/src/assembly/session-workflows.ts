/** The workflow desk of a session: what its workflows may do there. */
import { diskFiles } from "../host/disk.ts";
import { listWorkspacePaths } from "../host/path-list.ts";
import { systemProcesses } from "../host/process.ts";
import { ApiComparison } from "./api-comparison.ts";
import { ripgrepPath } from "./landing.ts";
import type { LiveParts } from "./live-parts.ts";
import type { SessionTests } from "./session-tests.ts";
import { TestFirstWatch } from "./test-first-watch.ts";
import type { WorkflowChecks } from "./workflow-checks.ts";
import { WorkflowDesk } from "./workflow-desk.ts";

export function openWorkflowDesk(live: LiveParts, tests: SessionTests, checks: WorkflowChecks): WorkflowDesk {
  const { parts, loop, reviewer, emit } = live;
  const api = new ApiComparison({ root: parts.workspace.root, journal: live.journal, files: diskFiles });
  return new WorkflowDesk({
    ...{ review: reviewer.review, asks: parts.options.asks === true },
    emit(event) {
      if (event.type === "workflow.started") api.begin();
      emit(event);
    },
    prompt: (text, { shown, constraints }) => loop.send({ type: "prompt", text, shown, constraints }),
    stop() {
      checks.stop();
      tests.stop();
      loop.send({ type: "stop" });
    },
    settled: () => loop.idle().then(() => reviewer.idle()),
    undo: (hunks) => reviewer.undo(hunks),
    async test() {
      await reviewer.idle();
      if (!parts.isTrusted()) return { why: "nobody has trusted this workspace: `twolane trust`" };
      // What a model wrote runs without a person's own word here.
      const missing = await tests.missing();
      if (missing !== undefined) return { why: `there is no sandbox: ${missing}` };
      tests.run();
      const evidence = await tests.idle();
      return evidence === undefined ? { why: "no test reaches these changes" } : { evidence };
    },
    check: (line) => checks.run(line),
    list: () => tellablePaths(live),
    lines: (hunk) => reviewer.lines(hunk),
    compareApi: () => api.changes(),
    async readDiff(from) {
      const { readReviewed } = await import("./reviewed-diff.ts");
      return readReviewed({ root: parts.workspace.root, mayTell: live.mayTell, screen: live.screen }, from);
    },
    comments: live.history?.filter(({ type }) => type === "comment.made").length ?? 0,
  });
}

/** Files of the workspace that the model may know of. */
async function tellablePaths({ parts, mayTell }: LiveParts): Promise<readonly string[]> {
  const paths = await listWorkspacePaths({ root: parts.workspace.root, processes: systemProcesses, ripgrep: ripgrepPath });
  return paths.filter(mayTell);
}

export function openTestFirstWatch(live: LiveParts, flows: () => boolean): TestFirstWatch {
  const { loop, reviewer, emit, sawTestFail } = live;
  return new TestFirstWatch({
    ...{ review: reviewer.review, emit, sawTestFail, flows },
    note: (text) => loop.note(text),
    lines: (hunk) => reviewer.lines(hunk),
    list: () => tellablePaths(live),
    land: (hunks) => reviewer.accept(hunks, false),
  });
}
