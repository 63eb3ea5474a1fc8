/**
 * Brings payloads to a receiver of OTLP over HTTP, one request a signal. A receiver that is not there, or does not want them, costs one line
 * of words; what it did not take for the moment is tried with the next batch, never at once.
 */
import type { Connection, OpenConnection } from "../models/connection.ts";
import type { Batch } from "./recorder.ts";
import type { Signal, SignalTarget, TelemetrySettings } from "./settings.ts";

export interface SenderOptions {
  readonly settings: TelemetrySettings;
  readonly connect: OpenConnection;
  /** Of what went wrong; once for the session. */
  readonly say: (message: string) => void;
}

/** `again`: it may be taken later. */
type Outcome = { readonly sent: true } | { readonly sent: false; readonly why: string; readonly again: boolean };

const retried: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const readAtMost = 64 * 1024;

export class OtlpSender {
  private readonly options: SenderOptions;
  private readonly connections = new Map<string, Connection>();
  private isSaid = false;

  constructor(options: SenderOptions) {
    this.options = options;
  }

  async send({ traces, metrics, giveBack }: Batch, late: AbortSignal | undefined): Promise<void> {
    const [outcome] = await Promise.all([this.post("traces", traces, late), this.post("metrics", metrics, late)]);
    if (!outcome.sent && outcome.again) giveBack();
  }

  close(): void {
    for (const connection of this.connections.values()) connection.close();
  }

  private async post(signal: Signal, body: string | undefined, late: AbortSignal | undefined): Promise<Outcome> {
    const target = this.options.settings[signal];
    if (target === undefined || body === undefined) return { sent: true };
    const outcome = await this.exchange(target, body, late);
    if (!outcome.sent) this.complain(target, outcome.why);
    return outcome;
  }

  private complain({ url }: SignalTarget, why: string): void {
    if (this.isSaid) return;
    this.isSaid = true;
    const { origin, pathname } = new URL(url);
    this.options.say(`Telemetry does not reach ${origin}${pathname}: ${why}. The session goes on; this is said once.`);
  }

  private exchange({ url, headers, timeoutMs }: SignalTarget, body: string, late: AbortSignal | undefined): Promise<Outcome> {
    const { origin, pathname, search } = new URL(url);
    const connection = this.connections.get(origin) ?? this.options.connect(origin);
    this.connections.set(origin, connection);
    return new Promise((resolve) => {
      let status = 0;
      let answer = "";
      const settle = (outcome: Outcome): void => {
        clearTimeout(timer);
        late?.removeEventListener("abort", leave);
        resolve(outcome);
      };
      const giveUp = (): void => {
        request.destroy();
        settle({ sent: false, why: "no answer in time", again: true });
      };
      const leave = (): void => giveUp();
      const timer = setTimeout(giveUp, timeoutMs).unref();
      late?.addEventListener("abort", leave, { once: true });
      const request = connection.request(
        {
          ...{ method: "POST", path: `${pathname}${search}`, body: Buffer.from(body) },
          headers: { ...headers, "content-type": "application/json", "user-agent": "twolane" },
        },
        {
          sent() {},
          answered: (head) => void (status = head.status),
          data(bytes) {
            if (answer.length < readAtMost) answer += Buffer.from(bytes).toString("utf8");
          },
          ended: () => settle(outcomeOf(status, answer)),
          failed: (error) => settle({ sent: false, why: wordsOf(error), again: true }),
        },
      );
    });
  }
}

function outcomeOf(status: number, answer: string): Outcome {
  if (status < 200 || status > 299) return { sent: false, why: `it answered ${status}`, again: retried.has(status) };
  const refused = /"rejected(?:Spans|DataPoints)"\s*:\s*"?([1-9]\d*)/.exec(answer)?.[1];
  return refused === undefined ? { sent: true } : { sent: false, why: `it refused ${refused} of what was sent`, again: false };
}

function wordsOf(error: unknown): string {
  if (error instanceof AggregateError) return wordsOf(error.errors[0]);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known: Readonly<Record<string, string>> = {
    ...{ ECONNREFUSED: "nobody listens there", ENOTFOUND: "the host is not known", ECONNRESET: "the connection broke" },
  };
  return known[code] ?? (code === "" ? "the connection failed" : code);
}
