/** What a session can be told, and what holds when it is told nothing. */

/** What the provider and the model can do beyond plain requests. */
export interface ResponsesCapabilities {
  /** It may be tried over a WebSocket. */
  readonly websocket: boolean;
  /**
   * How a running response is stopped over a socket. `interrupt`: by an event, the response can be continued. `lanes`: it is
   * left to itself, the next request runs beside it. `disconnect`: with its connection.
   */
  readonly stop: "interrupt" | "lanes" | "disconnect";
  /** It takes `response.steer`. */
  readonly steer: boolean;
  /** It takes `generate: false` over a socket. */
  readonly prewarm: boolean;
  /** A socket older than this takes no further request, in milliseconds; below the provider's own limit. */
  readonly maxAgeMs: number;
  /** The provider keeps responses, so that they can be continued over any connection. */
  readonly store: boolean;
  /** Over a socket it takes `client_metadata`, in which a request says what over HTTP would be headers of its own. */
  readonly clientMetadata: boolean;
}

/** Hosts that refused the upgrade to a WebSocket, kept by the caller. Times are milliseconds since 1970. */
export interface RefusedUpgrades {
  /** Until when `host` (with its port) is not asked again. */
  get(host: string): number | undefined;
  set(host: string, until: number): void;
}

/** In milliseconds. */
export interface ResponsesTimeouts {
  readonly open: number;
  /** A request is on the wire, and no event (over HTTP: no byte) of its response has come. */
  readonly firstEvent: number;
  /** Between two events of a response. */
  readonly betweenEvents: number;
  /** Silence of a socket after which it is pinged, */
  readonly pingAfter: number;
  /** and further silence after which it is taken for dead. */
  readonly pongWithin: number;
  /** An interrupt that is not confirmed by then ends the connection. */
  readonly interrupt: number;
  /** A response has ended, and nothing says what became of a steer. */
  readonly steer: number;
  /** The longest wait for the reset of a limit, before sending again; a later reset is reported as a failure. */
  readonly limitWait: number;
}

/** In bytes. */
export interface ResponsesLimits {
  readonly perEvent: number;
  readonly perResponse: number;
}

export interface ResponsesOptions {
  /** `http(s)://host/v1`, without a slash at the end. */
  readonly baseUrl: string;
  /** Sent with every request and every upgrade, e.g. `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly capabilities?: Partial<ResponsesCapabilities>;
  readonly refusedUpgrades?: RefusedUpgrades;
  /** A second socket is connected beside the first one, for when that ends. It connects when a first response has started. */
  readonly spare?: boolean;
  readonly timeouts?: Partial<ResponsesTimeouts>;
  readonly limits?: Partial<ResponsesLimits>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Tells of the tools whose input is of use before it is whole. */
export type IsFollowed = (tool: string) => boolean;

/** What goes with one request. */
export interface AboutRequest {
  readonly draft?: boolean;
  readonly traceparent?: string;
  /** Absent: of all. The input of the others comes when it is whole. */
  readonly isFollowed?: IsFollowed;
}

/** The same with nothing left open. */
export interface Settings {
  readonly url: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly capabilities: ResponsesCapabilities;
  readonly refusedUpgrades: RefusedUpgrades;
  readonly spare: boolean;
  readonly timeouts: ResponsesTimeouts;
  readonly limits: ResponsesLimits;
  readonly now: () => number;
}

const defaultCapabilities: ResponsesCapabilities = {
  websocket: true,
  stop: "disconnect",
  steer: false,
  prewarm: false,
  maxAgeMs: 55 * 60_000,
  store: false,
  clientMetadata: false,
};

const defaultTimeouts: ResponsesTimeouts = {
  open: 10_000,
  firstEvent: 30_000,
  betweenEvents: 60_000,
  pingAfter: 15_000,
  pongWithin: 5000,
  interrupt: 250,
  steer: 2000,
  limitWait: 10_000,
};

const defaultLimits: ResponsesLimits = { perEvent: 32 * 1024 * 1024, perResponse: 64 * 1024 * 1024 };

export function completeOptions(options: ResponsesOptions): Settings {
  const { baseUrl, headers = {}, spare = true, refusedUpgrades, now = Date.now } = options;
  return {
    url: `${baseUrl}/responses`,
    host: new URL(baseUrl).host,
    headers,
    spare,
    now,
    refusedUpgrades: refusedUpgrades ?? forgetful(),
    capabilities: { ...defaultCapabilities, ...options.capabilities },
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    limits: { ...defaultLimits, ...options.limits },
  };
}

/** Remembers for as long as the session lives. */
function forgetful(): RefusedUpgrades {
  const until = new Map<string, number>();
  return { get: (host) => until.get(host), set: (host, time) => void until.set(host, time) };
}
