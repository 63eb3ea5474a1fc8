/**
 * What models this machine could use: whose key is in the environment (names only, never values), and which servers answer
 * on loopback with which models. Only loopback addresses are asked, and without a key.
 */
import { type Result, succeed } from "@twolane/protocol";
import { type CatalogInput, hasKeyPlace, resolveProviders, setting } from "./catalog.ts";
import type { OpenConnection } from "./connection.ts";
import { isLoopback } from "./loopback.ts";
import { localProviders } from "./providers.ts";

export interface KeyFinding {
  readonly provider: string;
  /** The variable that the key is read from, or `keyFile`, `keyCommand` of the configuration. */
  readonly variable: string;
  readonly set: boolean;
}

/** Providers that read a key, in the order of the table, those whose servers usually run without one left out unless set. */
export function discoverKeys(input: CatalogInput): Result<readonly KeyFinding[]> {
  const providers = resolveProviders(input);
  if (!providers.ok) return providers;
  const findings: KeyFinding[] = [];
  for (const { name, keyEnv, keyOptional, override } of providers.value) {
    if (setting(input.env, keyEnv) === undefined && hasKeyPlace(override)) {
      const variable = override.keyCommand === undefined ? "keyFile" : "keyCommand";
      findings.push({ provider: name, variable, set: true });
      continue;
    }
    if (keyEnv === undefined) continue;
    const set = setting(input.env, keyEnv) !== undefined;
    if (set || !keyOptional) findings.push({ provider: name, variable: keyEnv, set });
  }
  return succeed(findings);
}

export interface ProbeTarget {
  readonly provider: string;
  readonly baseUrl: string;
}

export interface LoopbackServer extends ProbeTarget {
  readonly models: readonly string[];
  /** It answers, but not without a key. */
  readonly wantsKey: boolean;
}

/** Where servers of one's own would be: those of the table and the user's, as far as they are on this machine. */
export function probeTargets(input: CatalogInput): Result<readonly ProbeTarget[]> {
  const providers = resolveProviders(input);
  if (!providers.ok) return providers;
  const local = providers.value.filter(
    ({ name, baseUrl, override }) =>
      isLoopback(new URL(baseUrl)) && (override.baseUrl !== undefined || localProviders.some((known) => known.name === name)),
  );
  return succeed(local.map(({ name, baseUrl }) => ({ provider: name, baseUrl })));
}

export interface ProbeOptions {
  readonly connect: OpenConnection;
  /** Milliseconds for each target; all are asked at once. */
  readonly timeoutMs?: number;
}

const usualTimeoutMs = 300;
const listLimit = 1024 * 1024;

/** Those that answer as a model server does, in the order of the targets. Never fails. */
export async function probeServers(targets: readonly ProbeTarget[], options: ProbeOptions): Promise<readonly LoopbackServer[]> {
  const answers = await Promise.all(targets.map((target) => probe(target, options)));
  return answers.filter((answer) => answer !== undefined);
}

function probe(target: ProbeTarget, { connect, timeoutMs = usualTimeoutMs }: ProbeOptions): Promise<LoopbackServer | undefined> {
  const connection = connect(target.baseUrl);
  return new Promise((resolve) => {
    const pieces: Uint8Array[] = [];
    let received = 0;
    let status = 0;
    const finish = (server: LoopbackServer | undefined): void => {
      clearTimeout(timer);
      connection.close();
      resolve(server);
    };
    const timer = setTimeout(() => finish(undefined), timeoutMs);
    connection.request(
      { method: "GET", path: "/models", headers: { accept: "application/json", "user-agent": "twolane" } },
      {
        sent() {},
        answered(head) {
          status = head.status;
        },
        data(bytes) {
          received += bytes.length;
          if (received > listLimit) return finish(undefined);
          pieces.push(bytes);
        },
        ended() {
          if (status === 401 || status === 403) return finish({ ...target, models: [], wantsKey: true });
          const models = status === 200 ? modelNames(Buffer.concat(pieces).toString("utf8")) : undefined;
          finish(models && { ...target, models, wantsKey: false });
        },
        failed: () => finish(undefined),
      },
    );
  });
}

/** `{data: [{id}]}`, or undefined for what is no list of models. */
function modelNames(text: string): readonly string[] | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof body !== "object" || body === null || !("data" in body)) return undefined;
  // A server without any model says null.
  if (body.data === null) return [];
  if (!Array.isArray(body.data)) return undefined;
  return body.data.flatMap((model: unknown) =>
    typeof model === "object" && model !== null && "id" in model && typeof model.id === "string" ? [model.id] : [],
  );
}
