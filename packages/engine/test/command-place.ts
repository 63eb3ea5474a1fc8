/** A workspace with a desk of commands, for tests that run real ones. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandAnswer, type EventBody, succeed } from "@twolane/protocol";
import type { CommandFacts, CommandVerdict } from "@twolane/policy";
import { needs } from "../../../tools/needs.ts";
import { type CommandDesk, type CommandOutcome, openCommandDesk } from "../src/guard/commands/command-desk.ts";
import type { CommandRequest } from "../src/guard/commands/command-request.ts";
import { openAnswers } from "../src/guard/commands/remembered-answers.ts";
import { systemProcesses } from "../src/host/process.ts";
import { systemClock } from "../src/std/clock.ts";

export const hasSandbox = needs("bwrap", { for: "sandboxed commands", get: "apt-get install bubblewrap" });

export interface PlaceWishes {
  readonly judge?: (facts: CommandFacts) => CommandVerdict;
  readonly isUnreadable?: (path: string) => boolean;
  readonly asks?: boolean;
  readonly trusted?: boolean;
  readonly yields?: boolean;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Relative to the place; the workspace otherwise. */
  readonly root?: string;
}

const allowAll = (facts: CommandFacts): CommandVerdict => ({
  verdict: { decision: "allow" },
  executed: "argv" in facts ? [facts.argv] : [],
  network: false,
  write: [],
});

export interface CommandPlace {
  /** Holds `ws`, `home`, `state`. */
  readonly base: string;
  readonly root: string;
  readonly home: string;
  readonly desk: CommandDesk;
  readonly events: readonly EventBody[];
  run(command: string | readonly string[], wish?: Partial<CommandRequest> & { signal?: AbortSignal }): Promise<CommandOutcome>;
  /** As `run`, of one that ended: its output. */
  output(command: string | readonly string[], wish?: Partial<CommandRequest>): Promise<string>;
  /** Answers the next command that is held. */
  answerNext(answer: CommandAnswer): void;
  remove(): void;
}

export function commandPlace(wishes: PlaceWishes = {}): CommandPlace {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "twolane-commands-")));
  const root = join(base, wishes.root ?? "ws");
  const home = join(base, "home");
  for (const folder of [root, home, join(base, "state/twolane")]) mkdirSync(folder, { recursive: true });
  const events: EventBody[] = [];
  const answers: CommandAnswer[] = [];
  let calls = 0;
  const desk = openCommandDesk({
    ...{ root, asks: wishes.asks ?? wishes.judge === undefined, processes: systemProcesses, clock: systemClock },
    env: { PATH: process.env["PATH"], HOME: home, ...wishes.env },
    judge: wishes.judge ?? allowAll,
    isUnreadable: wishes.isUnreadable ?? (() => false),
    yields: wishes.yields === true,
    hasYes: () => false,
    onlyLooks: () => false,
    // What changed is not what these tests are about.
    watch: { prepare: () => Promise.resolve(), begin: () => Promise.resolve(succeed({ finish: () => Promise.resolve([]) })) },
    isTrusted: () => wishes.trusted ?? true,
    ownPlaces: [join(base, "state/twolane"), join(home, ".config/twolane")],
    answers: openAnswers(join(base, "state/twolane/allowed.jsonl")),
    emit(event) {
      events.push(event);
      const answer = event.type === "command.held" ? answers.shift() : undefined;
      if (event.type === "command.held" && answer !== undefined) setImmediate(() => desk.answer(event.call, answer));
    },
  });
  const place: CommandPlace = {
    ...{ base, root, home, desk, events },
    run(command, { signal = new AbortController().signal, ...wish } = {}) {
      // What is asked for beyond the sandbox is granted, unless the test says otherwise.
      const isMore = wish.network === true || (wish.write ?? []).length > 0;
      if (isMore && wishes.judge === undefined && answers.length === 0) answers.push("once");
      const facts = typeof command === "string" ? { line: command } : { argv: command };
      return desk.run(
        { facts, timeout: 20, network: false, write: [], ...wish },
        { call: `c${++calls}`, signal, turn: "t1", nextHunk: () => "h1" },
      );
    },
    async output(command, wish) {
      const outcome = await place.run(command, wish);
      if (outcome.kind !== "ended") throw new Error(JSON.stringify(outcome));
      return outcome.output;
    },
    answerNext: (answer) => void answers.push(answer),
    remove: () => rmSync(base, { recursive: true, force: true }),
  };
  return place;
}
