/** A small project with one commit more than its first, for the demo where there is no repository to replay. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const queue = (body: string): string => `/** A queue that forgets nothing. */
export class Queue {
  private readonly waiting = [];

${body}
}
`;

const before: Readonly<Record<string, string>> = {
  "src/queue.js": queue(`  add(message) {
    this.waiting.push(message);
  }

  take() {
    return this.waiting.shift();
  }`),
  "src/retry.js": `/** Tries again until it works. */
export async function retry(action) {
  for (;;) {
    try {
      return await action();
    } catch {
      // again
    }
  }
}
`,
  "src/send.js": `import { Queue } from "./queue.js";
import { retry } from "./retry.js";

const queue = new Queue();

export function send(message) {
  queue.add(message);
}

export async function flush(deliver) {
  for (let message = queue.take(); message; message = queue.take()) {
    await retry(() => deliver(message));
  }
}
`,
  "README.md": "# Mailbox\n\nSends messages in order.\n",
};

const after: Readonly<Record<string, string>> = {
  "src/queue.js": queue(`  constructor(limit = 1000) {
    this.limit = limit;
  }

  add(message) {
    if (this.waiting.length >= this.limit) throw new RangeError("the queue is full");
    this.waiting.push(message);
  }

  take() {
    return this.waiting.shift();
  }

  get length() {
    return this.waiting.length;
  }`),
  "src/retry.js": `/** Tries again a few times, waiting longer each time. */
export async function retry(action, { attempts = 5, firstWaitMs = 50 } = {}) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (attempt >= attempts) throw error;
      await new Promise((resolve) => setTimeout(resolve, firstWaitMs * 2 ** (attempt - 1)));
    }
  }
}
`,
  "src/send.js": `import { Queue } from "./queue.js";
import { retry } from "./retry.js";

const queue = new Queue();

export function send(message) {
  if (message === undefined) throw new TypeError("there is no message");
  queue.add(message);
}

/** Delivers what waits; gives how many were delivered. */
export async function flush(deliver) {
  let delivered = 0;
  for (let message = queue.take(); message !== undefined; message = queue.take()) {
    await retry(() => deliver(message));
    delivered++;
  }
  return delivered;
}
`,
  "README.md": "# Mailbox\n\nSends messages in order. The queue has a limit, and a delivery is tried five times.\n",
};

export interface SampleProject {
  readonly folder: string;
  remove(): void;
}

/** Throws where git is missing. */
export function makeSample(): SampleProject {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), "twolane-sample-")));
  const git = (...args: readonly string[]): void =>
    void execFileSync("git", ["-C", folder, "-c", "user.name=twolane", "-c", "user.email=demo@twolane.invalid", ...args], {
      stdio: "ignore",
    });
  const commit = (files: Readonly<Record<string, string>>, subject: string): void => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    git("add", "-A");
    git("-c", "commit.gpgsign=false", "commit", "-qm", subject);
  };
  git("init", "-q");
  commit(before, "A mailbox");
  commit(after, "Limit the queue and the tries of a delivery");
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
