/** The decoder with a clock and a timer: bytes as they come → events, a lone ESC after its time. Knows no terminal. */
import { createDecoder, type KeyEvent } from "../keys/decoder.ts";

export interface KeyInput {
  push(bytes: Buffer): void;
  /** What is undecided is forgotten. */
  close(): void;
}

export function createKeyInput(options: {
  readonly escMs: number;
  readonly take: (events: readonly KeyEvent[]) => void;
}): KeyInput {
  const decoder = createDecoder(options);
  let timer: NodeJS.Timeout | undefined;
  const take = (events: readonly KeyEvent[]): void => {
    wait();
    if (events.length > 0) options.take(events);
  };
  const wait = (): void => {
    clearTimeout(timer);
    const deadline = decoder.deadline();
    if (deadline === undefined) return;
    // After a long turn of the loop timers come first; the rest of a sequence may be there already, so it is read before deciding.
    const decide = (): void => void setImmediate(() => take(decoder.timeout(performance.now())));
    timer = setTimeout(decide, Math.max(0, Math.ceil(deadline - performance.now())));
  };
  return {
    push: (bytes) => take(decoder.push(bytes, performance.now())),
    close: () => clearTimeout(timer),
  };
}
