/**
 * Files that name MCP servers → entries, in the shape that the field shares (`mcpServers`). Text in, entries and faults out: nothing is
 * read, started or approved here. What an entry's variables stand for is looked up when it is used, and nowhere but in the environment.
 */
import { type Lane, lanes } from "@twolane/protocol";
import { JsonMistake, parseWithLines } from "../models/json-lines.ts";
import { sha256 } from "../std/hash.ts";

export type ServerPlace =
  | {
      readonly kind: "stdio";
      readonly command: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd?: string;
    }
  | { readonly kind: "http" | "sse"; readonly url: string; readonly headers: Readonly<Record<string, string>> };

export interface ServerEntry {
  readonly name: string;
  /** `user`: it stands in the person's own configuration, which is the yes to it. */
  readonly owner: "user" | "project";
  /** As it is shown. */
  readonly file: string;
  /** Of all that the entry says, in whatever order its keys stand. */
  readonly hash: string;
  readonly place: ServerPlace;
  readonly lanes: readonly Lane[];
  /** Names of tools that are offered, `*` for any characters; absent: all. */
  readonly tools?: readonly string[];
  /** Of one call; ms. */
  readonly timeoutMs: number;
  readonly off: boolean;
}

export interface ServerFault {
  /** Absent: the file as a whole. */
  readonly name?: string;
  readonly file: string;
  /** One line, with what to do. */
  readonly why: string;
}

export interface ServersText {
  readonly owner: ServerEntry["owner"];
  readonly file: string;
  readonly text: string;
}

export interface ServersRead {
  /** By name. */
  readonly entries: readonly ServerEntry[];
  readonly faults: readonly ServerFault[];
}

const callTimeout = 60;
const longestTimeout = 1800;
const mostEntries = 64;
const plainName = /^[\p{L}\p{N}_.@/ -]{1,64}$/u;

/** The first file that has a name wins: the person's own stands first, so that no repository takes the place of what they chose. */
export function readServers(texts: readonly ServersText[]): ServersRead {
  const entries = new Map<string, ServerEntry>();
  const faults: ServerFault[] = [];
  for (const { owner, file, text } of texts) {
    const named = serversIn(text);
    if (typeof named === "string") {
      faults.push({ file, why: named });
      continue;
    }
    for (const [name, value] of Object.entries(named)) {
      const earlier = entries.get(name);
      const read = plainName.test(name) ? readEntry(value) : "its name has characters that no name has";
      if (earlier !== undefined) faults.push({ name, file, why: `${earlier.file} has a server of this name, which counts` });
      else if (entries.size >= mostEntries) faults.push({ name, file, why: `only ${mostEntries} servers are looked at` });
      else if (typeof read === "string") faults.push({ name, file, why: read });
      else entries.set(name, { name, owner, file, hash: hashOf(value), ...read });
    }
  }
  return { entries: [...entries.values()].sort(byName), faults };
}

const byName = (one: { readonly name: string }, other: { readonly name: string }): number => (one.name < other.name ? -1 : 1);

function serversIn(text: string): Readonly<Record<string, unknown>> | string {
  let value: unknown;
  try {
    ({ value } = parseWithLines(text));
  } catch (error) {
    if (error instanceof JsonMistake) return `line ${error.line}: ${error.message}`;
    throw error;
  }
  if (!isRecord(value)) return "it must hold an object";
  const { mcpServers } = value;
  if (mcpServers === undefined) return {};
  return isRecord(mcpServers) ? mcpServers : '"mcpServers" must be an object';
}

function readEntry(value: unknown): Omit<ServerEntry, "name" | "owner" | "file" | "hash"> | string {
  if (!isRecord(value)) return "it must be an object";
  const place = readPlace(value);
  if (typeof place === "string") return place;
  const { tools, timeout = callTimeout, disabled = false } = value;
  const wanted = value["lanes"] ?? lanes;
  if (!isTexts(wanted) || wanted.some((name) => !lanes.some((lane) => lane === name)))
    return `"lanes" must be a list of ${lanes.join(", ")}`;
  if (tools !== undefined && !isTexts(tools)) return '"tools" must be a list of names';
  if (typeof timeout !== "number" || !(timeout > 0)) return '"timeout" must be a number of seconds above 0';
  if (typeof disabled !== "boolean") return '"disabled" must be true or false';
  return {
    place,
    lanes: lanes.filter((lane) => wanted.includes(lane)),
    ...(tools !== undefined && { tools }),
    timeoutMs: Math.min(timeout, longestTimeout) * 1000,
    off: disabled,
  };
}

const webTypes: Readonly<Record<string, "http" | "sse">> = {
  http: "http",
  "streamable-http": "http",
  streamableHttp: "http",
  sse: "sse",
};

function readPlace(value: Readonly<Record<string, unknown>>): ServerPlace | string {
  const { command, args = [], env = {}, cwd, url, headers = {} } = value;
  const type = value["type"] ?? value["transport"] ?? (command === undefined ? "http" : "stdio");
  if (type === "stdio") {
    if (typeof command !== "string" || command.trim() === "") return '"command" must be a text';
    if (!isTexts(args)) return '"args" must be a list of texts';
    if (!isTextRecord(env)) return '"env" must be an object of texts';
    if (cwd !== undefined && typeof cwd !== "string") return '"cwd" must be a text';
    return { kind: "stdio", command, args, env, ...(cwd !== undefined && { cwd }) };
  }
  const kind = typeof type === "string" && Object.hasOwn(webTypes, type) ? webTypes[type] : undefined;
  if (kind === undefined) return '"type" must be stdio, http or sse';
  if (typeof url !== "string") return 'it needs "command" or "url"';
  if (!isTextRecord(headers)) return '"headers" must be an object of texts';
  return { kind, url, headers };
}

/** One line for a person, as written. */
export function runsOf(place: ServerPlace): string {
  if (place.kind !== "stdio") return [place.url, ...named("header", place.headers)].join(" ");
  const words = [place.command, ...place.args].map((word) => (/^[\w./:@%+=,${}-]+$/.test(word) ? word : JSON.stringify(word)));
  return [...words, ...named("env", place.env), ...(place.cwd === undefined ? [] : [`(in ${place.cwd})`])].join(" ");
}

/** Values may be secrets that somebody wrote down; what only names a variable is shown. */
const named = (what: string, values: Readonly<Record<string, string>>): string[] =>
  Object.entries(values).map(([name, value]) => `[${what} ${name}=${/^[^$]*\$\{[^}]*\}[^$]*$/.test(value) ? value : "…"}]`);

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ReadyFrom {
  readonly env: Environment;
  /** What a program may see of it without being handed it by name. */
  readonly open: Environment;
}

/** The place with its variables replaced, or one line why that cannot be done. */
export function readyPlace(place: ServerPlace, from: ReadyFrom): ServerPlace | string {
  const missing = new Set<string>();
  const secret = new Set<string>();
  const expand = (text: string, isSeen: boolean): string =>
    text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g, (_, name: string, otherwise: string | undefined) => {
      const value = from.env[name] || otherwise;
      if (value === undefined) missing.add(name);
      else if (isSeen && from.env[name] !== undefined && from.open[name] === undefined) secret.add(name);
      return value ?? "";
    });
  const all = (values: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(values).map(([name, text]) => [name, expand(text, false)]));
  const ready: ServerPlace =
    place.kind === "stdio"
      ? {
          kind: "stdio",
          command: expand(place.command, true),
          // Anybody on the machine can read the arguments of a process.
          args: place.args.map((text) => expand(text, true)),
          env: all(place.env),
          ...(place.cwd !== undefined && { cwd: expand(place.cwd, true) }),
        }
      : { kind: place.kind, url: expand(place.url, false), headers: all(place.headers) };
  if (missing.size > 0) return `set ${[...missing].join(", ")} in the environment, then start again`;
  if (secret.size > 0)
    return `${[...secret].join(", ")} looks like a secret and every process list would show it; hand it over in "env"`;
  if (ready.kind !== "stdio" && !(URL.canParse(ready.url) && /^https?:$/.test(new URL(ready.url).protocol)))
    return '"url" must be an http or https address';
  return ready;
}

function hashOf(value: unknown): string {
  return sha256(JSON.stringify(sorted(value)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isTextRecord(value: unknown): value is Readonly<Record<string, string>> {
  return isRecord(value) && Object.values(value).every((each) => typeof each === "string");
}
