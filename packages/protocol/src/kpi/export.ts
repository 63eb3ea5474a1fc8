/**
 * Numbers that may leave a machine: what a report counts, without prompts, code, paths, names of repositories, of commits or of rules that
 * somebody named. Times are rounded to the day. Written by `exportOf`, read by `readExport`, and joined into the report of a team. Pure.
 */
import { dayMs } from "../days.ts";
import { type Result, fail, succeed } from "../failures.ts";
import { exportReader } from "./export-reader.ts";
import type { KpiExport, ReportData, ReportGroup } from "./report-data.ts";
import { type TurnTrace, pickTurns } from "./turn-traces.ts";
import { sumVerdicts } from "./verdicts.ts";

export interface ExportOptions {
  /** The policy allows names: of repositories and of rules. */
  readonly names?: boolean;
}

/** Its middle, so that it is the same day in nearly every place. */
const dayAround = (at: number): number => (Math.floor(at / dayMs) + 0.5) * dayMs;

/** Names that a policy gives by itself. */
const builtInRule = /^(scope|diff|dependencies|commands|review|data|secrets|tests|models|lanes|audit|network)(-\d+)?$/;

/** Names of our own tools; others come from servers that somebody added. */
const builtInTool = /^(read|list|search|edit|run|skill)$/;

export function exportOf(
  { from, to, sessions, groups, verdicts, turns }: ReportData,
  { names = false }: ExportOptions = {},
): KpiExport {
  const numbers = new Map<string, string>();
  const repositoryOf = (path: string): string => {
    const number = numbers.get(path) ?? String(numbers.size + 1);
    numbers.set(path, number);
    return names ? path : number;
  };
  const ruleOf = (rule: string): string => (names || builtInRule.test(rule) ? rule : "own rule");
  const all = <Key extends "samples" | "tasks" | "spend">(key: Key): ReportGroup[Key][number][] =>
    groups.flatMap((group): readonly ReportGroup[Key][number][] => group[key]);
  return {
    ...{ type: "kpi.export", version: 1, from: dayAround(from), to: dayAround(to), sessions },
    samples: all("samples").map((sample) => ({
      ...sample,
      at: dayAround(sample.at),
      repository: repositoryOf(sample.repository),
    })),
    tasks: all("tasks").map(({ lane, model, workflow, repository, outcome, startedAt, endedAt, prompts, steers, takenBack }) => ({
      ...{ lane, model, repository: repositoryOf(repository), outcome, prompts, steers, takenBack, hunks: [], commits: [] },
      ...{ startedAt: dayAround(startedAt), endedAt: dayAround(endedAt) },
      ...(workflow !== undefined && { workflow }),
    })),
    spend: all("spend").map((row) => ({ ...row, project: repositoryOf(row.project) })),
    verdicts: sumVerdicts(verdicts.map((verdict) => ({ ...verdict, rule: ruleOf(verdict.rule) }))),
    turns: turns.map((turn): TurnTrace => ({
      ...turn,
      ...{ session: "", turn: "", startedAt: dayAround(turn.startedAt), repository: repositoryOf(turn.repository) },
      spans: turn.spans.map((span) => ({ ...span, name: names || builtInTool.test(span.name) ? span.name : "" })),
    })),
  };
}

/** FILE_UNREADABLE, with the place at which it is no export. What an export does not have is left out. */
export function readExport(text: string, name: string): Result<KpiExport> {
  const cure = "Take it out of the folder, or make it anew with `twolane kpi export`.";
  try {
    const read = exportReader(JSON.parse(text));
    return typeof read === "string" ? fail("FILE_UNREADABLE", `\`${name}\` is no export of KPIs: ${read}.`, cure) : succeed(read);
  } catch {
    return fail("FILE_UNREADABLE", `\`${name}\` is no JSON.`, cure);
  }
}

export interface ExportSide {
  readonly name: string;
  readonly exports: readonly KpiExport[];
}

/** Of one side or two. Repositories are told apart by person, as nobody knows which are the same. */
export function joinExports(sides: readonly ExportSide[], madeAt: number): ReportData {
  const all = sides.flatMap(({ exports }) => exports);
  let person = 0;
  const groups = sides.map(({ name, exports }): ReportGroup => {
    const parts = exports.map(({ samples, tasks, spend }) => {
      const prefix = `${++person}.`;
      return {
        samples: samples.map((sample) => ({ ...sample, repository: prefix + sample.repository })),
        tasks: tasks.map((task) => ({ ...task, repository: prefix + task.repository })),
        spend: spend.map((row) => ({ ...row, project: prefix + row.project })),
      };
    });
    return {
      name,
      samples: parts.flatMap(({ samples }) => samples),
      tasks: parts.flatMap(({ tasks }) => tasks),
      spend: parts.flatMap(({ spend }) => spend),
    };
  });
  return {
    ...{ version: 1, madeAt, people: all.length, groups },
    turns: pickTurns(sides.at(-1)?.exports.flatMap(({ turns }) => turns) ?? []),
    from: all.reduce((first, { from }) => Math.min(first, from), madeAt),
    to: all.reduce((last, { to }) => Math.max(last, to), 0),
    sessions: all.reduce((sum, { sessions }) => sum + sessions, 0),
    verdicts: sumVerdicts(...all.map(({ verdicts }) => verdicts)),
  };
}

/** One group as the time before a day and the time from it on. `day`: as `dayOf` writes it; `at`: its beginning, ms since 1970. */
export function splitAt(data: ReportData, { at, day }: { readonly at: number; readonly day: string }): ReportData {
  const side = (name: string, isIn: (when: number) => boolean, isDayIn: (day: string) => boolean): ReportGroup => ({
    name,
    samples: data.groups.flatMap(({ samples }) => samples.filter((sample) => isIn(sample.at))),
    tasks: data.groups.flatMap(({ tasks }) => tasks.filter(({ endedAt }) => isIn(endedAt))),
    spend: data.groups.flatMap(({ spend }) => spend.filter((row) => isDayIn(row.day))),
  });
  return {
    ...data,
    groups: [
      side(
        "before",
        (when) => when < at,
        (when) => when < day,
      ),
      side(
        "pilot",
        (when) => when >= at,
        (when) => when >= day,
      ),
    ],
    // Shown below the comparison, where all is of the pilot.
    turns: data.turns.filter(({ startedAt }) => startedAt >= at),
  };
}
