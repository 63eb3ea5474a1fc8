/**
 * Which trace and span a moment of a session belongs to, from events alone: whoever sends a request and whoever tells of it later come to
 * the same ids without talking to each other. A turn is a trace of its own, unless it belongs to a workflow or to somebody else's trace.
 */
import type { EventBody } from "@twolane/protocol";
import { sha256 } from "../std/hash.ts";

/** Of a `traceparent` as W3C writes it. */
export interface TraceParent {
  /** 32 hexadecimal digits. */
  readonly trace: string;
  /** 16 hexadecimal digits. */
  readonly span: string;
  readonly sampled: boolean;
}

export interface TraceSeed {
  /** Unique for the process and the session. */
  readonly seed: string;
  /** Everything becomes part of this one. */
  readonly parent?: TraceParent;
}

/** Undefined where it is none. */
export function readTraceParent(text: string | undefined): TraceParent | undefined {
  const [, version, trace = "", span = "", flags = "0", rest] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(text ?? "") ?? [];
  const isOdd = version === undefined || version === "ff" || (version === "00" && rest !== undefined);
  if (isOdd || /^0+$/.test(trace) || /^0+$/.test(span)) return undefined;
  return { trace, span, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export class TraceIds {
  private readonly seed: string;
  private readonly parent: TraceParent | undefined;
  private turnName = "";
  private workflows = 0;
  private inWorkflow = false;

  constructor({ seed, parent }: TraceSeed) {
    this.seed = seed;
    this.parent = parent;
  }

  take(event: EventBody): void {
    if (event.type === "turn.started") this.turnName = event.turn;
    if (event.type === "workflow.ended") this.inWorkflow = false;
    if (event.type !== "workflow.started") return;
    this.inWorkflow = true;
    this.workflows++;
  }

  /** Of what happens now. */
  get trace(): string {
    const own = this.inWorkflow ? `workflow ${this.workflows}` : `turn ${this.turnName}`;
    return this.parent?.trace ?? this.digits(`trace of ${own}`, 32);
  }

  get workflow(): string | undefined {
    return this.inWorkflow ? this.digits(`workflow ${this.workflows}`, 16) : undefined;
  }

  get turn(): string {
    return this.digits(`turn ${this.turnName}`, 16);
  }

  /** Of whoever is not ours. */
  get outside(): string | undefined {
    return this.parent?.span;
  }

  step(step: number): string {
    return this.digits(`turn ${this.turnName} step ${step}`, 16);
  }

  call(call: string): string {
    return this.digits(`turn ${this.turnName} call ${call}`, 16);
  }

  traceparent(span: string): string {
    return `00-${this.trace}-${span}-${this.parent?.sampled === false ? "00" : "01"}`;
  }

  private digits(of: string, count: number): string {
    return sha256(`${this.seed} ${of}`).slice(0, count);
  }
}
