/**
 * What the choice of a lane goes by, as a running session has it: the rules of the policy, and how requests of each kind went in this workspace.
 * It tells, and keeps count; the suggestion itself is made where somebody types (`@twolane/policy`, `laneAdvice`).
 */
import path from "node:path";
import { laneWishes, requestKind } from "@twolane/policy";
import type { Command, EventBody } from "@twolane/protocol";
import { cacheText, readTextNow } from "../host/user-files.ts";
import { type LaneNotes, type TurnCount, countTurn, readLaneNotes, withTurn } from "../lanes/past-requests.ts";
import type { SessionCompanion } from "./companion.ts";
import type { LiveParts } from "./live-parts.ts";

/** The first request goes before, and one that follows a stop at once; ms. */
const laterMs = 20;

export class SessionLanes implements SessionCompanion {
  private readonly live: LiveParts;
  private readonly file: string;
  private readonly counts: boolean;
  private count: TurnCount | undefined;
  /** As last read, with the turns since. */
  private known: LaneNotes | undefined;
  /** Turns that the file does not hold yet. */
  private ended: readonly TurnCount[] = [];
  private told = "";
  private looked = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(live: LiveParts) {
    this.live = live;
    const { state, options } = live.parts;
    this.file = path.join(state.path, "lanes.json");
    this.counts = options.lane !== "deep" && !options.dryRun;
    if (this.counts) this.timer = setTimeout(() => this.tell(false), laterMs).unref();
  }

  observe(event: EventBody): void {
    if (!this.counts) return;
    this.count = countTurn(this.count, event, requestKind);
    // An answer has begun: the request is out, and a short run is over soon.
    if (event.type === "step.started" && !this.looked) this.tell(false);
    if (event.type !== "turn.ended" || this.count === undefined) return;
    const ended = this.count;
    this.count = undefined;
    const { suggests, past } = (this.known ??= this.notes());
    const next = withTurn(past, ended);
    if (next === past) return;
    this.ended = [...this.ended, ended];
    this.known = { suggests, past: next };
    this.tell(false);
    this.timer = setTimeout(() => this.settle(), laterMs).unref();
  }

  takes(command: Command): boolean {
    if (command.type !== "lanes.suggest" && command.type !== "lanes.look") return false;
    this.settle();
    this.known = this.notes();
    if (command.type === "lanes.suggest") this.keep({ ...this.known, suggests: command.on });
    this.tell(true);
    return true;
  }

  close(): void {
    clearTimeout(this.timer);
    this.settle();
  }

  private settle(): void {
    if (this.ended.length === 0) return;
    const { suggests, past } = this.notes();
    this.keep({ suggests, past: this.ended.reduce(withTurn, past) });
    this.ended = [];
  }

  /** Other sessions of the workspace count as well. */
  private readonly notes = (): LaneNotes => readLaneNotes(readTextNow(this.file));

  /** Where it cannot be kept, it is not. */
  private keep(notes: LaneNotes): void {
    this.known = notes;
    cacheText(this.file, JSON.stringify(notes));
  }

  /** Nothing is told where nothing is to be told. */
  private tell(asked: boolean): void {
    clearTimeout(this.timer);
    this.looked = true;
    const told = { wishes: laneWishes(this.live.parts.policy.layers), ...(this.known ??= this.notes()) };
    const text = JSON.stringify(told);
    if (!asked && (text === this.told || (this.told === "" && text === nothingToTell))) return;
    this.told = text;
    this.live.emit({ type: "lanes.told", ...told });
  }
}

const nothingToTell = JSON.stringify({ wishes: [], past: {}, suggests: true });
