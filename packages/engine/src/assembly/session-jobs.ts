/** The deep lane as a session of the fast one sees it: its jobs as they change, and what the person says to them. */
import type { Command, JobCommand, Result } from "@twolane/protocol";
import { isJobCommand } from "@twolane/protocol";
import { watchFolder } from "../host/watch.ts";
import { jobsPath } from "../journal/job-folder.ts";
import type { LiveParts } from "./live-parts.ts";
import { noticeOf } from "./notice.ts";
import type { Jobs } from "./jobs.ts";
import type { SessionCompanion } from "./companion.ts";

/** The first request goes before the look; ms. */
const lookAfterMs = 150;

export class SessionJobs implements SessionCompanion {
  private readonly live: LiveParts;
  private opened: Promise<Jobs | undefined> | undefined;
  private endWatch: () => void;
  private told = "[]";

  constructor(live: LiveParts) {
    this.live = live;
    const opening = setTimeout(() => {
      void this.look();
      this.endWatch = watchFolder(jobsPath(live.parts.state), () => void this.look());
    }, lookAfterMs).unref();
    this.endWatch = () => clearTimeout(opening);
  }

  takes(command: Command): boolean {
    if (!isJobCommand(command)) return false;
    void this.carryOut(command).then(() => this.look());
    return true;
  }

  close(): void {
    this.endWatch();
  }

  private async look(): Promise<void> {
    const jobs = (await this.jobs())?.list() ?? [];
    const text = JSON.stringify(jobs);
    if (text === this.told) return;
    this.told = text;
    this.live.emit({ type: "jobs.changed", jobs });
  }

  private async carryOut(command: JobCommand): Promise<void> {
    const jobs = await this.jobs();
    if (jobs === undefined) return;
    const done = await this.say(jobs, command);
    if (!done.ok) this.live.emit(noticeOf(done.failure));
  }

  private async say(jobs: Jobs, command: JobCommand): Promise<Result<unknown>> {
    switch (command.type) {
      case "job.start": {
        const { text, kind = "change", budget = {} } = command;
        const brief = command.brief ?? {
          ...{ goal: text, criteria: [], constraints: [], decisions: [], files: [], openHunks: "", evidence: "" },
        };
        return jobs.start({ kind, brief, budget, model: this.live.parts.source.session.model });
      }
      case "job.steer":
        return jobs.steer(command.job, command.text);
      case "job.stop":
        return jobs.stop(command.job);
      case "job.resume":
        return jobs.resume(command.job);
      case "job.take":
        return jobs.events(command.job);
      case "job.drop":
        return jobs.drop(command.job);
    }
  }

  private jobs(): Promise<Jobs | undefined> {
    const { options } = this.live.parts;
    return (this.opened ??= import("./jobs.ts").then(({ openJobs }) => {
      const opened = openJobs({ ...options, worker: options.worker ?? [] });
      return opened.ok ? opened.value : undefined;
    }));
  }
}
