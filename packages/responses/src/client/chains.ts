/**
 * The responses that can be continued: the last one of each lane of each socket, as the server keeps them. A request goes on from the one
 * that leaves the least to send.
 */
import type { CreateRequest, WireItem } from "../wire/events.ts";
import { type Chain, newInput } from "./continuation.ts";
import type { SocketLink } from "./socket-link.ts";

export interface LaneChain extends Chain {
  /** Undefined: it came over HTTP. */
  readonly link: SocketLink | undefined;
  readonly lane: number;
}

export class Chains {
  /** The provider keeps responses: they are known on every connection. */
  readonly #store: boolean;
  #known: readonly LaneChain[] = [];

  constructor(store: boolean) {
    this.#store = store;
  }

  get isEmpty(): boolean {
    return this.#known.length === 0;
  }

  /** In the place of what was the last one there. */
  add(chain: LaneChain): void {
    this.#known = [...this.#known.filter(({ link, lane }) => link !== chain.link || lane !== chain.lane), chain];
  }

  /** For a request over `link`, or over HTTP; `input` is what has to be sent. */
  find(
    request: CreateRequest,
    link: SocketLink | undefined,
  ): { readonly chain: LaneChain; readonly input: readonly WireItem[] } | undefined {
    let best: { readonly chain: LaneChain; readonly input: readonly WireItem[] } | undefined;
    for (const chain of this.#known) {
      if (!this.#store && (link === undefined || chain.link !== link)) continue;
      const input = newInput(chain, request);
      if (input !== undefined && (best === undefined || input.length <= best.input.length)) best = { chain, input };
    }
    return best;
  }

  /** What a socket knew of the conversation, or one of its lanes, is gone. */
  forget(link: SocketLink, of?: number): void {
    if (!this.#store) this.#known = this.#known.filter((chain) => chain.link !== link || (of ?? chain.lane) !== chain.lane);
  }

  clear(): void {
    this.#known = [];
  }
}
