/**
 * The radar as all processes of a user share it: a state in memory that follows the log, and what is told to the log. Reads before a
 * request is a look at the size of one file; writes happen behind what they tell of. Where the log cannot be kept, the radar is this
 * process's own.
 */
import type { LimitWindow } from "@twolane/protocol";
import type { SharedLog } from "../../host/shared-log.ts";
import { type Admission, type Question, type RadarState, admit, emptyRadar, foldRadar, recordsOf } from "./radar.ts";
import { type RadarRecord, readRecord, writeRecord } from "./radar-records.ts";

export interface RadarPorts {
  readonly log: SharedLog;
  /** This process, so that others see when it has died. */
  readonly owner: string;
  readonly isAlive: (owner: string) => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A log of more bytes is begun anew with what still counts: the next process reads it before its first request. */
const tidyAt = 24 * 1024;
/** What is left is written down so often, and at once where it is little; ms, percent. */
const leftEvery = 2000;
const littleLeft = 50;

export class SharedRadar {
  readonly owner: string;
  readonly now: () => number;
  private readonly ports: RadarPorts;
  private state: RadarState = emptyRadar;
  private pending: RadarRecord[] = [];
  private readonly leftAt = new Map<string, number>();

  constructor(ports: RadarPorts) {
    this.ports = ports;
    this.owner = ports.owner;
    this.now = ports.now;
  }

  /** As everybody sees it now. */
  get current(): RadarState {
    this.flush();
    const { lines, anew } = this.ports.log.read();
    if (anew) this.state = emptyRadar;
    for (const line of lines) {
      const record = readRecord(line);
      if (record !== undefined) this.state = foldRadar(this.state, record);
    }
    return this.state;
  }

  ask(question: Omit<Question, "now" | "isAlive">): Admission {
    return admit(this.current, { now: this.ports.now(), isAlive: this.ports.isAlive, ...question });
  }

  isAlive(owner: string): boolean {
    return this.ports.isAlive(owner);
  }

  /** Others see it at once. */
  tell(record: RadarRecord): void {
    this.pending.push(record);
    this.flush();
  }

  /** What an answer said of its windows. Not each of them is worth a line. */
  tellLeft(source: string, windows: readonly LimitWindow[]): void {
    const at = this.now();
    const isLittle = windows.some(({ leftPercent = 100, left = 1 }) => leftPercent < littleLeft || left < 1);
    if (!isLittle && Math.abs(at - (this.leftAt.get(source) ?? 0)) < leftEvery) return;
    this.leftAt.set(source, at);
    this.tellLater({ t: "left", at, source, windows });
  }

  /** Written when nothing else is to be done. */
  tellLater(record: RadarRecord): void {
    this.pending.push(record);
    if (this.pending.length === 1) setImmediate(() => this.flush());
  }

  /** In the background: the log does not grow for ever. */
  tidy(): void {
    if (this.ports.log.size() < tidyAt) return;
    const state = this.current;
    this.ports.log.replace(recordsOf(state, this.ports.now()).map(writeRecord));
  }

  /** What was to be written later. */
  flush(): void {
    if (this.pending.length === 0) return;
    const records = this.pending.splice(0);
    if (this.ports.log.append(records.map(writeRecord))) return;
    for (const record of records) this.state = foldRadar(this.state, record);
  }
}
