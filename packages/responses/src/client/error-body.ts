/** The body of an answer that is a refusal: it may say why. */
import type { IncomingMessage } from "node:http";

const maxErrorBody = 64 * 1024;

/** Tells the body at its end, when it breaks off, and when it is longer than any reason; the first time counts. */
export function readErrorBody(response: IncomingMessage, tell: (body: string) => void): void {
  let body = "";
  const report = (): void => tell(body);
  response.setEncoding("utf8");
  response.on("data", (text: string) => {
    body += text;
    if (body.length > maxErrorBody) report();
  });
  response.on("end", report);
  response.on("error", report);
}
