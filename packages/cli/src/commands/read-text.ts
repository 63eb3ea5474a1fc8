/** Reads standard input as text. */
import type { Readable } from "node:stream";

/** A pipe that was left open by whoever started us must not make a request wait for ever. */
const optionalWaitMs = 50;

/**
 * All text until the end of the stream. `optional`: gives up when nothing at all arrives within a moment, for input that
 * only adds to a request.
 */
export async function readText(input: Readable, options: { readonly optional: boolean } = { optional: false }): Promise<string> {
  const chunks: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const give = (): void => {
      clearTimeout(timer);
      input.pause();
      resolve(Buffer.concat(chunks).toString("utf8"));
    };
    const timer = options.optional ? setTimeout(give, optionalWaitMs) : undefined;
    input.on("data", (chunk: Buffer | string) => {
      clearTimeout(timer);
      chunks.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    });
    input.once("end", give);
    input.once("error", reject);
  });
}
