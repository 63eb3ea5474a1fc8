/** What the client of the section `pipe` is told to measure, and what it brings back. */

/** A WebSocket and only what is new; SSE and the whole conversation, over one connection or over one for each request. */
export const ways = ["websocket", "kept", "single"] as const;
export type Way = (typeof ways)[number];

export interface Errand {
  /** `host`: the name by which the simulated model knows itself, since it is reached by another port. */
  readonly places: Readonly<Record<Way, { readonly baseUrl: string; readonly host: string }>>;
  readonly samples: number;
  /** Measure what a token costs, too. */
  readonly streams: boolean;
}

/** Times in milliseconds, sizes in KB; `cpu…` in milliseconds for 1,000 tokens. One value for each session. */
export interface Samples {
  readonly firstCold: number[];
  readonly firstWarm: number[];
  readonly later: number[];
  readonly overhead: number[];
  readonly firstBytes: number[];
  readonly lastBytes: number[];
  readonly cpuSlow: number[];
  readonly lagSlow: number[];
  readonly cpuFast: number[];
  readonly lagFast: number[];
}

export const emptySamples = (): Samples => ({
  ...{ firstCold: [], firstWarm: [], later: [], overhead: [], firstBytes: [], lastBytes: [] },
  ...{ cpuSlow: [], lagSlow: [], cpuFast: [], lagFast: [] },
});
