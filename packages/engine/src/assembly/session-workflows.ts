/** The workflow desk of a session: what its workflows may do there. */
import { diskFiles } from "../host/disk.ts";
import { listWorkspacePaths } from "../host/path-list.ts";
import { systemProcesses } from "../host/process.ts";
import { ApiComparison } from "./api-comparison.ts";
import { readModelConfig } from "../models/catalog.ts";
import { ripgrepPath } from "./landing.ts";
import type { ModelSwitch } from "./model-switch.ts";
import { readCatalogInput } from "./place.ts";
import type { LiveParts } from "./live-parts.ts";
import type { SessionTests } from "./session-tests.ts";
import { TestFirstWatch } from "./test-first-watch.ts";
import type { WorkflowChecks } from "./workflow-checks.ts";
import { WorkflowModels } from "./workflow-models.ts";
import { WorkflowDesk } from "./workflow-desk.ts";

export interface WorkflowParts {
  readonly tests: SessionTests;
  readonly checks: WorkflowChecks;
  readonly models: ModelSwitch;
}

export function openWorkflowDesk(live: LiveParts, { tests, checks, models }: WorkflowParts): WorkflowDesk {
  const { parts, loop, reviewer, emit } = live;
  const own = new WorkflowModels({
    config() {
      const config = readModelConfig(readCatalogInput(parts.options.env));
      return config.ok ? config.value.workflows : {};
    },
    model: () => models.model,
    switchTo: (model) => models.switchTo(model),
    emit,
  });
  const api = new ApiComparison({ root: parts.workspace.root, journal: live.journal, files: diskFiles });
  return new WorkflowDesk({
    ...{ review: reviewer.review, asks: parts.options.asks === true },
    emit(event) {
      if (event.type === "workflow.started") api.begin();
      emit(event);
      if (event.type === "workflow.ended") own.end();
    },
    ready: (workflow) => own.begin(workflow),
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
