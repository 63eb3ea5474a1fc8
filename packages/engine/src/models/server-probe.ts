/**
 * Finds out what a server speaks: asks for its models, and knocks at the door of each wire with an empty request, which a server that has the door
 * refuses and no model answers. What it says then is judged by a real short request elsewhere.
 */
import type { OpenConnection } from "./connection.ts";
import { askOnce } from "./ask-once.ts";
import { type Wire, wires } from "./providers.ts";
import { type ServedModel, readServedModels } from "./served-models.ts";

export interface ProbedServer {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  /** Those that have a door there, best first. */
  readonly wires: readonly Wire[];
  /** Undefined: it has no list, or wants a key for it. */
  readonly models: readonly ServedModel[] | undefined;
  /** It refused to answer without a key, or with this one. */
  readonly wantsKey: boolean;
}

export interface ServerProbeOptions {
  readonly connect: OpenConnection;
  readonly key?: string;
  readonly timeoutMs?: number;
}

const doors: Readonly<Record<Wire, string>> = { responses: "/responses", chat: "/chat/completions", messages: "/messages" };

/** `typed`: as a person writes an address. Undefined: nothing there is a model server. */
export async function probeServer(typed: string, options: ServerProbeOptions): Promise<ProbedServer | undefined> {
  const [first, ...others] = await Promise.all(addressesOf(typed).map((baseUrl) => probeAt(baseUrl, options)));
  return [first, ...others].find((one) => one !== undefined && (one.wires.length > 0 || one.models !== undefined));
}

/** With the path as it is written, then as servers usually have it. */
export function addressesOf(typed: string): readonly string[] {
  const written = (typed.includes("://") ? typed : `http://${typed}`).replace(/\/+$/, "");
  if (!URL.canParse(written)) return [];
  const { protocol, origin, pathname, username } = new URL(written);
  if (!/^https?:$/.test(protocol) || username !== "") return [];
  const known = pathname.replace(/\/(responses|chat\/completions|messages|models)$/, "").replace(/\/+$/, "");
  const paths = known === "" ? ["/v1", "/openai/v1", "/api/v1", ""] : /\/v\d+$/.test(known) ? [known] : [known, `${known}/v1`];
  return paths.map((path) => `${origin}${path}`);
}

async function probeAt(
  baseUrl: string,
  { connect, key, timeoutMs = 4000 }: ServerProbeOptions,
): Promise<ProbedServer | undefined> {
  const connection = connect(baseUrl);
  // Each server takes the header that it knows.
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}`, "x-api-key": key, "api-key": key };
  const version = { "anthropic-version": "2023-06-01" };
  try {
    const list = askOnce(connection, { method: "GET", path: "/models", headers: { ...headers, ...version } }, timeoutMs);
    const knocks = wires.map(async (wire) => {
      const path = doors[wire];
      const answer = await askOnce(
        connection,
        { method: "POST", path, headers: { ...headers, ...version }, body: {} },
        timeoutMs,
      );
      return { wire, status: answer?.status ?? 0, text: answer?.text ?? "" };
    });
    const [listed, ...answers] = [await list, ...(await Promise.all(knocks))];
    const isLocked = ({ status }: { readonly status: number }): boolean => status === 401 || status === 403;
    // A gate in front of everything says nothing of what is behind it.
    const gated = answers.every(isLocked);
    const open = answers.filter((answer) => isDoor(answer) && !(gated && !isLocked(answer))).map(({ wire }) => wire);
    const models = listed?.status === 200 ? readServedModels(listed.text) : undefined;
    const wantsKey = answers.some(isLocked) || (listed !== undefined && isLocked(listed));
    if (open.length === 0 && models === undefined) return undefined;
    return { baseUrl, wires: open, models, wantsKey };
  } finally {
    connection.close();
  }
}

/** Some answer what they do not have with a good status and a word of it. */
const isDoor = ({ status, text }: { readonly status: number; readonly text: string }): boolean =>
  status >= 200 &&
  status < 600 &&
  ![404, 405, 501, 502, 504].includes(status) &&
  !(status < 300 && !/"error"/.test(text)) &&
  !/unexpected endpoint|unknown request|not found/i.test(text);
