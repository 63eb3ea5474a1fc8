/**
 * Frames that are on their way to the terminal, and what is surely on its screen. A network may hold dozens of them, and a terminal that
 * changes its size carries them out in the new one. Knows nothing of what is drawn.
 */
import { clip } from "../views/text.ts";
import type { DrawnRegion, TerminalSize } from "./reflow.ts";

export interface Flight {
  /** A frame, by the region after it. Where frames are not answered they count as carried out at once. */
  sent(region: DrawnRegion, answered: boolean): void;
  /** The oldest has been carried out. */
  done(): void;
  behind(): boolean;
  /**
   * The region as it is for a terminal that now has this size. Frames that are not answered may have been carried out before the
   * change, after it, or half and half; the region is then at least as high as if it were drawn in the new size, and is taken for that:
   * something old may stay behind above, but nothing final is erased.
   */
  overtaken(size: TerminalSize): DrawnRegion;
  /** Only this is there now. */
  forget(region: DrawnRegion): void;
}

/** About 200 ms of frames at full pace: enough for any network that one would type over. */
const framesAhead = 24;
/** An answer that has not come in this time will not come. */
const silenceMs = 1000;

export function createFlight(now: () => number, start: DrawnRegion): Flight {
  let known = start;
  let waiting: DrawnRegion[] = [];
  /** Answers to come that say nothing any more. */
  let stray = 0;
  let lastSentAt = now();
  /** It answered once and does so no longer. */
  let deaf = false;
  return {
    sent(region, answered) {
      const silent = now() - lastSentAt >= silenceMs;
      lastSentAt = now();
      if (silent) {
        deaf ||= waiting.length >= framesAhead;
        known = waiting.at(-1) ?? known;
        waiting = [];
        stray = 0;
      }
      if (answered && !deaf) waiting.push(region);
      else known = region;
    },
    done() {
      deaf = false;
      if (stray > 0) stray--;
      else known = waiting.shift() ?? known;
    },
    behind: () => stray + waiting.length >= framesAhead && now() - lastSentAt < silenceMs,
    overtaken(size) {
      const last = waiting.at(-1);
      stray += waiting.length;
      waiting = [];
      // Drawn without autowrap, so its lines end where the screen ends.
      if (last) known = { ...last, lines: last.lines.map((line) => clip(line, size.columns)), size };
      return known;
    },
    forget(only) {
      known = only;
      stray += waiting.length;
      waiting = [];
    },
  };
}
