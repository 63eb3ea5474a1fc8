/**
 * The socket that requests use and a spare beside it, which takes over when the first one ends or is too old. The spare costs
 * a connection, but then the next request need not wait for one.
 */
import type { Settings } from "./options.ts";
import { type LinkHandlers, SocketLink } from "./socket-link.ts";

/** What came together with the first event is handled before, and the request that it may lead to is out; ms. */
const spareAfterMs = 10;

export class SocketPair {
  readonly #settings: Settings;
  readonly #handlers: LinkHandlers;
  #primary: SocketLink | undefined;
  #spare: SocketLink | undefined;
  #spareRefused = false;
  #spareTimer: NodeJS.Timeout | undefined;

  /** `handlers` hear of the first socket only, but of what either says of limits. */
  constructor(settings: Settings, handlers: LinkHandlers) {
    this.#settings = settings;
    this.#handlers = handlers;
  }

  /** The socket for the next request: young enough, perhaps still connecting. */
  current(): SocketLink {
    if (this.#primary !== undefined && this.#isSpent(this.#primary)) this.drop(this.#primary);
    this.#primary ??= this.#takeSpare() ?? this.#connect();
    return this.#primary;
  }

  isCurrent(link: SocketLink): boolean {
    return link === this.#primary;
  }

  /** A little later: a connection takes a millisecond or two of the processor, which nothing that is said now has to wait for. */
  connectSpare(): void {
    if (!this.#settings.spare || this.#spareRefused || this.#spare !== undefined) return;
    this.#spareTimer ??= setTimeout(() => {
      this.#spareTimer = undefined;
      if (!this.#spareRefused) this.#spare ??= this.#connect();
    }, spareAfterMs).unref();
  }

  drop(link: SocketLink): void {
    link.terminate();
    if (link === this.#primary) this.#primary = undefined;
  }

  close(): void {
    clearTimeout(this.#spareTimer);
    this.#primary?.terminate();
    this.#spare?.terminate();
    this.#primary = undefined;
    this.#spare = undefined;
  }

  #isSpent(link: SocketLink): boolean {
    return link.isSpent(this.#settings.now(), this.#settings.capabilities.maxAgeMs);
  }

  #takeSpare(): SocketLink | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare === undefined || !this.#isSpent(spare)) return spare;
    spare.terminate();
    return undefined;
  }

  #connect(): SocketLink {
    return new SocketLink(this.#settings, {
      onLimits: this.#handlers.onLimits,
      onOpen: (link) => link === this.#primary && this.#handlers.onOpen(link),
      onLost: (link, trouble) => {
        if (link === this.#spare) {
          this.#spare = undefined;
          this.#spareRefused = trouble.at === "upgrade";
        } else if (link === this.#primary) {
          this.#primary = undefined;
          this.#handlers.onLost(link, trouble);
        }
      },
    });
  }
}
