/** Requests that come again and again, for code that there is: `/scaffold retries in src/http.ts`. */

export interface ReadyRequest {
  readonly name: string;
  /** What the model is told. */
  readonly objective: string;
}

const readyRequests: readonly ReadyRequest[] = [
  {
    name: "logging",
    objective:
      "Add logging to the existing code: where the project has a logger, that one; else one small module with levels that are set in one place, no new dependency. Log what begins, ends and fails at the edges (requests, files, other programs), with the values that explain it; never secrets, keys or whole bodies. Return values and errors stay as they are.",
  },
  {
    name: "retries",
    objective:
      "Add retries to the existing code: one small module that repeats a call with growing, jittered delays, a limit of attempts and a limit of time, and stops at once when it is cancelled. Retry only what may be repeated and only what passes by itself (time-outs, refused connections, status 429 and 5xx, `Retry-After` is kept to); other errors go through unchanged. No new dependency.",
  },
  {
    name: "configuration",
    objective:
      "Give the existing code one place for its configuration: one module that reads it (environment, then a file if the project has one, then defaults that are today's values), checks it once at the start with an error that names the key and what is allowed, and hands out typed, read-only values. Constants that differ between places move there; behaviour without any configuration stays as it is. No new dependency.",
  },
];

/** The request that the first word names, and what is said behind it. */
export function readyRequest(text: string): { readonly request: ReadyRequest; readonly rest: string } | undefined {
  const [, word = "", rest = ""] = /^\s*(?:add\s+)?([a-z]+)\b[:,]?\s*([\s\S]*)$/i.exec(text) ?? [];
  const request = readyRequests.find(({ name }) => name === word.toLowerCase() || aliases[word.toLowerCase()] === name);
  return request === undefined ? undefined : { request, rest: rest.trim() };
}

const aliases: Readonly<Record<string, string>> = { retry: "retries", config: "configuration", logs: "logging" };
