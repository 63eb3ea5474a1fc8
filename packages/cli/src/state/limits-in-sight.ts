/** What the screen knows of limits: what is left, and what a request that has not begun waits for. A fold over events. */
import type { LimitWindow, RequestDelay, TwolaneEvent } from "@twolane/protocol";

export interface LimitsInSight {
  /** Of the model that answers, as its provider said last. */
  readonly windows: readonly LimitWindow[];
  /** The request is kept on this machine. */
  readonly delay?: RequestDelay;
  /** The provider has it in its queue since then; monotonic ms. */
  readonly queuedAt?: number;
  /** Milliseconds since 1970 less the monotonic ones: what time it is, when a screen is drawn. */
  readonly epoch: number;
}

export const noLimits: LimitsInSight = { windows: [], epoch: 0 };

export function reduceLimits(limits: LimitsInSight, event: TwolaneEvent): LimitsInSight {
  const { windows } = limits;
  const epoch = event.at - event.mono;
  switch (event.type) {
    case "limits.changed":
      return { ...limits, windows: event.windows, epoch };
    case "step.delayed": {
      const { why, until, place, of } = event;
      return { windows, epoch, delay: { why, place, of, ...(until !== undefined && { until }) } };
    }
    case "step.queued":
      return { windows, epoch, queuedAt: event.mono };
    case "model.changed":
      return { windows: [], epoch };
    case "step.requested":
    case "step.started":
    case "step.answered":
    case "step.ended":
    case "turn.ended":
      return limits.delay === undefined && limits.queuedAt === undefined ? limits : { windows, epoch };
    default:
      return limits;
  }
}
