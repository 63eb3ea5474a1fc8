/** A small project and a commit on top of it, for the demo where there is nothing of one's own to replay. Needs no git. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { makeTemporaryFolder } from "@twolane/engine";

const before: Readonly<Record<string, string>> = {
  "README.md": `# Mailbox

Sends messages in order.

## Use

    send("hello");
    await flush(deliver);
`,
  "src/queue.js": `/** A queue that forgets nothing. */
export class Queue {
  waiting = [];

  add(message) {
    this.waiting.push(message);
  }

  take() {
    return this.waiting.shift();
  }
}
`,
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

/** Delivers what waits. */
export async function flush(deliver) {
  for (let message = queue.take(); message; message = queue.take()) {
    await retry(() => deliver(message));
  }
}
`,
};

/** As git writes it with one line around each change, which makes more hunks. */
const patch = `diff --git a/README.md b/README.md
--- a/README.md
+++ b/README.md
@@ -2,3 +2,3 @@
 
-Sends messages in order.
+Sends messages in order. The queue has a limit, and a delivery is tried five times.
 
@@ -7,2 +7,2 @@ Sends messages in order.
     send("hello");
-    await flush(deliver);
+    const delivered = await flush(deliver);
diff --git a/src/queue.js b/src/queue.js
--- a/src/queue.js
+++ b/src/queue.js
@@ -1,2 +1,2 @@
-/** A queue that forgets nothing. */
+/** A queue that forgets nothing, and takes no more than it can hold. */
 export class Queue {
@@ -4,3 +4,8 @@ export class Queue {
 
+  constructor(limit = 1000) {
+    this.limit = limit;
+  }
+
   add(message) {
+    if (this.waiting.length >= this.limit) throw new RangeError("the queue is full");
     this.waiting.push(message);
@@ -11,2 +16,6 @@ export class Queue {
   }
+
+  get length() {
+    return this.waiting.length;
+  }
 }
diff --git a/src/retry.js b/src/retry.js
--- a/src/retry.js
+++ b/src/retry.js
@@ -1,8 +1,9 @@
-/** Tries again until it works. */
-export async function retry(action) {
-  for (;;) {
+/** Tries again a few times, waiting longer each time. */
+export async function retry(action, { attempts = 5, firstWaitMs = 50 } = {}) {
+  for (let attempt = 1; ; attempt++) {
     try {
       return await action();
-    } catch {
-      // again
+    } catch (error) {
+      if (attempt >= attempts) throw error;
+      await new Promise((resolve) => setTimeout(resolve, firstWaitMs * 2 ** (attempt - 1)));
     }
diff --git a/src/send.js b/src/send.js
--- a/src/send.js
+++ b/src/send.js
@@ -6,2 +6,3 @@ const queue = new Queue();
 export function send(message) {
+  if (message === undefined) throw new TypeError("there is no message");
   queue.add(message);
@@ -9,7 +10,10 @@ export function send(message) {
 
-/** Delivers what waits. */
+/** Delivers what waits; gives how many were delivered. */
 export async function flush(deliver) {
-  for (let message = queue.take(); message; message = queue.take()) {
+  let delivered = 0;
+  for (let message = queue.take(); message !== undefined; message = queue.take()) {
     await retry(() => deliver(message));
+    delivered++;
   }
+  return delivered;
 }
`;

export interface SampleProject {
  readonly commit: { readonly short: string; readonly subject: string; readonly entries: string; readonly patch: string };
  readonly folder: string;
  readonly beside: string;
  /** Git is there, so that `/commit` works. */
  readonly isRepository: boolean;
  remove(): void;
}

/** The project as it was before the commit. */
export function makeSample(): SampleProject {
  const outer = makeTemporaryFolder();
  const folder = path.join(outer.path, "mailbox");
  for (const [name, text] of Object.entries(before)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const none = "0".repeat(40);
  const entries = Object.keys(before).map((name) => `:100644 100644 ${none} ${none} M\0${name}\0`);
  return {
    commit: { short: "sample", subject: "Limit the queue and the tries of a delivery", entries: entries.join(""), patch },
    ...{ folder, beside: `${folder}.twolane`, isRepository: makeRepository(folder), remove: outer.remove },
  };
}

/** False where git is missing or refuses. */
function makeRepository(folder: string): boolean {
  const identity = ["-c", "user.name=twolane", "-c", "user.email=demo@twolane.invalid"];
  const alone = ["-c", "commit.gpgsign=false", "-c", "core.hooksPath=none"];
  const git = (...args: readonly string[]): void =>
    void execFileSync("git", ["-C", folder, ...identity, ...alone, ...args], { stdio: "ignore" });
  try {
    git("init", "--quiet", "--template=");
    git("add", "--all");
    git("commit", "--quiet", "-m", "A mailbox");
    return true;
  } catch {
    return false;
  }
}
