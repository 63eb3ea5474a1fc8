/**
 * A session whose key is not there yet: what is asked of it waits for the key, so that a command which takes long to say it runs beside the rest
 * of the start. Knows nothing of wires or of where keys come from.
 */
import type { Failure, ModelCapabilities, Result } from "@twolane/protocol";
import type { ModelEvent, ModelRun, ModelSession } from "./models.ts";

export interface ReadKey {
  readonly key: string;
  /** For the person, once: e.g. that others can read the file. */
  readonly warning?: string;
}

export interface DeferredOptions {
  readonly model: string;
  readonly capabilities: ModelCapabilities;
  readonly key: Promise<Result<ReadKey>>;
  readonly open: (key: string) => ModelSession;
}

export function openDeferredSession({ model, capabilities, key, open }: DeferredOptions): ModelSession {
  let inner: ModelSession | undefined;
  let closed = false;
  let warning: string | undefined;
  const opened = key.then((read): Result<ModelSession> => {
    if (!read.ok) return read;
    ({ warning } = read.value);
    inner = open(read.value.key);
    if (closed) void inner.close();
    return { ok: true, value: inner };
  });
  return {
    model,
    capabilities,
    prewarm(request) {
      void opened.then((session) => session.ok && !closed && session.value.prewarm(request));
    },
    respond(request, onEvent) {
      if (inner !== undefined && warning === undefined) return inner.respond(request, onEvent);
      return new WaitingRun(onEvent, opened, (session, tell) => {
        if (warning !== undefined) tell({ kind: "notice", code: "KEY_FILE_OPEN", message: warning });
        warning = undefined;
        return session.respond(request, tell);
      });
    },
    async close() {
      closed = true;
      await inner?.close();
    },
  };
}

type Start = (session: ModelSession, tell: (event: ModelEvent) => void) => ModelRun;

class WaitingRun implements ModelRun {
  private readonly onEvent: (event: ModelEvent) => void;
  private running: ModelRun | undefined;
  private stopped = false;

  constructor(onEvent: (event: ModelEvent) => void, opened: Promise<Result<ModelSession>>, start: Start) {
    this.onEvent = onEvent;
    void opened.then((session) => {
      if (this.stopped) return;
      if (!session.ok) return this.fail(session.failure);
      this.running = start(session.value, onEvent);
    });
  }

  stop(): void {
    if (this.running !== undefined) return this.running.stop();
    if (this.stopped) return;
    this.stopped = true;
    queueMicrotask(() => this.onEvent({ kind: "ended", ending: "interrupted" }));
  }

  steer(text: string): boolean {
    return this.running?.steer(text) ?? false;
  }

  private fail(failure: Failure): void {
    this.stopped = true;
    this.onEvent({ kind: "ended", ending: "failed", failure });
  }
}
