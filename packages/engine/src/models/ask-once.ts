/** One small HTTP question and its whole answer, for looking at servers. What runs in a session has other ways. */
import type { Connection, ConnectionRequest } from "./connection.ts";

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

const sizeLimit = 8 * 1024 * 1024;

/** Undefined: no answer in time, or more than one that could be meant. */
export function askOnce(
  connection: Connection,
  request: Pick<ConnectionRequest, "method" | "path" | "headers"> & { readonly body?: object },
  timeoutMs: number,
): Promise<Answer | undefined> {
  const { method, path, headers, body } = request;
  return new Promise((resolve) => {
    const pieces: Uint8Array[] = [];
    let received = 0;
    let head = { status: 0, contentType: "" };
    const finish = (answer: Answer | undefined): void => {
      clearTimeout(timer);
      running.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(undefined), timeoutMs);
    const running = connection.request(
      {
        ...{ method, path },
        headers: {
          accept: "application/json",
          "user-agent": "twolane",
          ...(body && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body && { body: Buffer.from(JSON.stringify(body), "utf8") }),
      },
      {
        sent() {},
        answered: ({ status, header }) => void (head = { status, contentType: header("content-type") ?? "" }),
        data(bytes) {
          received += bytes.length;
          if (received > sizeLimit) return finish(undefined);
          pieces.push(bytes);
        },
        ended: () => finish({ ...head, text: Buffer.concat(pieces).toString("utf8") }),
        failed: () => finish(undefined),
      },
    );
  });
}
