/**
 * `npm run bench -- pipe`: what a persistent connection and continuing with only what is new bring in our pipe, beside what the makers of the
 * fast model say of theirs (docs/bench.md). The simulated model and the line to it live in this process, the client in one of its own.
 */
import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ScenarioInput, type Sim, startSim } from "@twolane/responses/sim";
import { startClient } from "./client.ts";
import { type Comparison, comparisonOf, measures } from "./pipe/claims.ts";
import { type Line, openLine } from "./pipe/delay.ts";
import { type Errand, type Samples, type Way, ways } from "./pipe/samples.ts";
import { type Certificate, makeCertificate, openSecure } from "./pipe/secure.ts";

const roundCount = 20;

interface Condition {
  readonly name: string;
  readonly oneWayMs: number;
  readonly secure: boolean;
  /** What a token costs does not hang on the length of the line. */
  readonly streams: boolean;
}

const conditions: readonly Condition[] = [
  { name: "loopback", oneWayMs: 0, secure: false, streams: true },
  { name: "40 ms", oneWayMs: 20, secure: false, streams: false },
  { name: "40 ms, TLS", oneWayMs: 20, secure: true, streams: false },
];

/** Yields what was measured over one line after the other. */
export async function* pipeRows(repository: string, samples: number): AsyncGenerator<Comparison> {
  const root = mkdtempSync(join(tmpdir(), "twolane-bench-pipe-"));
  const sims = {
    websocket: await startSim({ port: 0, scenario: scenario({}) }),
    kept: await startSim({ port: 0, scenario: scenario({ features: { websocket: false } }) }),
    single: await startSim({ port: 0, scenario: scenario({ features: { websocket: false }, headers: { connection: "close" } }) }),
  };
  try {
    const certificate = makeCertificate(root);
    if (certificate === undefined) console.error("bench: no openssl on this machine: the rows over TLS are left out");
    for (const condition of conditions) {
      if (condition.secure && certificate === undefined) continue;
      const found = await overLine(condition, sims, { samples, certificate });
      const of = (measure: keyof Samples, less = 0): Record<Way, number[]> => {
        const values = (way: Way): number[] => found[way][measure].map((value) => value - less);
        return { websocket: values("websocket"), kept: values("kept"), single: values("single") };
      };
      const line = condition.name;
      for (const { of: measure, ...about } of measures)
        if (found.websocket[measure].length > 0) yield comparisonOf({ line, ...about, values: of(measure) });
      if (condition.oneWayMs === 0) continue;
      // One round trip remains on any connection; not everybody calls it overhead.
      const values = of("overhead", 2 * condition.oneWayMs);
      yield comparisonOf({
        ...{ line, what: "overhead per round trip beyond the line's own 40 ms", unit: "ms", claim: "round" },
        values,
      });
    }
    const what = `the whole command: last byte out → next request in, median of ${roundCount}`;
    yield comparisonOf({
      ...{ line: "loopback", what, unit: "ms", claim: "round" },
      values: await commandRounds(repository, sims, { root, samples }),
    });
  } finally {
    for (const way of ways) await sims[way].close();
    rmSync(root, { recursive: true, force: true });
  }
}

type Sims = Readonly<Record<Way, Sim>>;

function scenario(about: Pick<ScenarioInput, "features" | "headers">): ScenarioInput {
  const reads = Array.from({ length: roundCount }, (_, round) => ({
    call: { name: "read", arguments: { path: "small.txt", lines: round + 1 } },
  }));
  const streams = (tokensPerSecond: number) => ({
    when: { prompt: `^pipe:stream ${tokensPerSecond}$` },
    reply: [{ repeat: tokensPerSecond / 2, steps: [{ text: " word" }] }],
    pace: { tokensPerSecond },
  });
  const rounds = { when: { prompt: "pipe:rounds" }, reply: [...reads, { text: "Done." }] };
  return { ...about, answers: [rounds, streams(1000), streams(4000), { reply: [{ text: "Yes." }] }] };
}

async function overLine(
  { oneWayMs, secure, streams }: Condition,
  sims: Sims,
  { samples, certificate }: { readonly samples: number; readonly certificate: Certificate | undefined },
): Promise<Record<Way, Samples>> {
  const lines: Line[] = [];
  const open = async (line: Promise<Line>): Promise<number> => {
    lines.push(await line);
    return (await line).port;
  };
  const place = async (way: Way): Promise<Errand["places"][Way]> => {
    const { port } = sims[way];
    const behind = secure && certificate ? await open(openSecure(port, certificate)) : port;
    const reached = oneWayMs > 0 ? await open(openLine(behind, oneWayMs)) : behind;
    return { baseUrl: `${secure ? "https" : "http"}://127.0.0.1:${reached}/v1`, host: `127.0.0.1:${port}` };
  };
  const places = { websocket: await place("websocket"), kept: await place("kept"), single: await place("single") };
  try {
    return await measured({ places, samples, streams }, certificate?.certFile);
  } finally {
    for (const line of lines) line.close();
  }
}

/** By a client in a process of its own, which trusts the certificate of this run. */
function measured(errand: Errand, trusted: string | undefined): Promise<Record<Way, Samples>> {
  const { NODE_EXTRA_CA_CERTS: _unset, ...inherited } = process.env;
  const env = { ...inherited, ...(trusted !== undefined && { NODE_EXTRA_CA_CERTS: trusted }) };
  const client = fork(new URL("./pipe/client.ts", import.meta.url), { env });
  client.send(errand);
  return new Promise((resolve, reject) => {
    client.once("message", (found: Record<Way, Samples>) => {
      resolve(found);
      client.disconnect();
    });
    // Says nothing where it has answered.
    client.once("exit", (status) => reject(new Error(`the client of the bench ended with status ${status}`)));
  });
}

/** What the whole command takes between two requests, seen by the model: its tool, its journal and its screenless output are in it. */
async function commandRounds(
  repository: string,
  sims: Sims,
  { root, samples }: { readonly root: string; readonly samples: number },
): Promise<Record<Way, number[]>> {
  const folder = join(root, "work");
  mkdirSync(folder);
  writeFileSync(join(folder, "small.txt"), "one line\n");
  const found: Record<Way, number[]> = { websocket: [], kept: [], single: [] };
  const command = [
    process.execPath,
    join(repository, "packages/cli/bin/twolane.cjs"),
    "run",
    "-m",
    "sim/scripted",
    "pipe:rounds",
  ];
  const once = async (way: Way): Promise<number> => {
    const state = { XDG_STATE_HOME: "state", XDG_CACHE_HOME: "cache", XDG_CONFIG_HOME: "config" };
    const own = Object.fromEntries(Object.entries(state).map(([name, part]) => [name, join(root, way, part)]));
    const from = performance.now();
    const client = startClient(command, { cwd: folder, env: { ...own, TWOLANE_SIM_URL: sims[way].url } });
    client.process.stdin?.end();
    await client.done;
    const asked = sims[way].requests.filter(({ kind, at }) => kind === "responses" && at >= from);
    if (asked.length !== roundCount + 1) throw new Error(`the command asked ${asked.length} times`);
    const gaps = asked.slice(1).map(({ at }, index) => at - (asked[index]?.endedAt ?? Number.NaN));
    return gaps.toSorted((one, other) => one - other)[roundCount >> 1] ?? Number.NaN;
  };
  for (const way of ways) await once(way);
  for (let sample = 0; sample < samples; sample++) for (const way of ways) found[way].push(await once(way));
  return found;
}
