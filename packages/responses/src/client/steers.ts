/** Messages sent into one running response, and what became of each. They are taken in the order in which they were sent. */
import type { ServerEvent } from "../wire/events.ts";
import type { SteerEvent } from "./outcome.ts";

interface Steer {
  readonly text: string;
  /** The server's name for it, once accepted. */
  id: string | undefined;
  accepted: boolean;
}

export class Steers {
  readonly #emit: (event: SteerEvent) => void;
  #outstanding: Steer[] = [];
  readonly #deferred: string[] = [];

  constructor(emit: (event: SteerEvent) => void) {
    this.#emit = emit;
  }

  /** Steers of which it is not known what became of them. */
  get outstanding(): number {
    return this.#outstanding.length;
  }

  /** Messages that the server will put before the input of the next request. */
  get deferred(): readonly string[] {
    return this.#deferred;
  }

  sent(text: string): void {
    this.#outstanding.push({ text, id: undefined, accepted: false });
  }

  receive(event: ServerEvent & { readonly kind: "steer.accepted" | "steer.pending" | "steer.failed" }): void {
    const steer = this.#find(event);
    if (steer === undefined) return;
    if (event.kind === "steer.accepted") {
      steer.accepted = true;
      steer.id = event.steerId;
      this.#emit({ kind: "steer", state: "accepted", text: steer.text });
      return;
    }
    this.#outstanding = this.#outstanding.filter((other) => other !== steer);
    if (event.kind === "steer.pending") {
      this.#deferred.push(steer.text);
      this.#emit({ kind: "steer", state: "deferred", text: steer.text });
    } else this.#emit({ kind: "steer", state: "failed", text: steer.text, message: event.error.message });
  }

  /** A response that follows has begun: it is written with everything that had been accepted. Gives those messages. */
  applied(): string[] {
    const texts = this.#outstanding.filter(({ accepted }) => accepted).map(({ text }) => text);
    this.#outstanding = this.#outstanding.filter(({ accepted }) => !accepted);
    for (const text of texts) this.#emit({ kind: "steer", state: "applied", text });
    return texts;
  }

  /** Nothing more will be heard of them. */
  abandon(message: string): void {
    const lost = this.#outstanding;
    this.#outstanding = [];
    for (const { text } of lost) this.#emit({ kind: "steer", state: "failed", text, message });
  }

  #find({ kind, steerId }: { readonly kind: string; readonly steerId?: string }): Steer | undefined {
    const named = steerId === undefined ? undefined : this.#outstanding.find(({ id }) => id === steerId);
    if (named !== undefined) return named;
    const unaccepted = this.#outstanding.find(({ accepted }) => !accepted);
    return kind === "steer.accepted" ? unaccepted : (unaccepted ?? this.#outstanding[0]);
  }
}
