import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { bundle } from "./bundle.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "bundle-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("bundles a command and the worker that it starts, and both run", async () => {
  mkdirSync(path.join(folder, "deep"));
  writeFileSync(
    path.join(folder, "deep/worker.ts"),
    'import { parentPort } from "node:worker_threads";\nparentPort?.postMessage("from the worker" as string);\n',
  );
  writeFileSync(path.join(folder, "text.md"), "from the text, ");
  writeFileSync(
    path.join(folder, "main.ts"),
    `import { Worker } from "node:worker_threads";
    import text from "./text.md";
    const later = () => import("./later.ts");
    new Worker(new URL("./deep/worker.ts", import.meta.url)).on("message", async (said: string) => {
      process.stdout.write(text + (await later()).word + said);
    });`,
  );
  writeFileSync(path.join(folder, "later.ts"), 'export const word: string = "from later, ";\n');
  const { texts } = await bundle("main", path.join(folder, "main.ts"));
  expect([...texts.keys()]).toEqual(["main", "deep-worker"]);
  for (const [name, text] of texts) writeFileSync(path.join(folder, `${name}.cjs`), text);
  expect(execFileSync(process.execPath, [path.join(folder, "main.cjs")], { encoding: "utf8" })).toBe(
    "from the text, from later, from the worker",
  );
});

it("is ASCII, and its patterns still mean what was written", async () => {
  const source = path.join(folder, "pattern.ts");
  writeFileSync(source, 'process.stdout.write("a — b • c 😀".replace(/[—•]/g, "-").replace(/😀/u, "ok"));\n');
  const text = (await bundle("pattern", source)).texts.get("pattern") ?? "";
  expect(text).toMatch(/^[\0-\x7f]+$/);
  writeFileSync(path.join(folder, "pattern.cjs"), text, "latin1");
  expect(execFileSync(process.execPath, [path.join(folder, "pattern.cjs")], { encoding: "utf8" })).toBe("a - b - c ok");
});

it("a module of Node is made once, of the names in use, whoever imports it and however", async () => {
  writeFileSync(
    path.join(folder, "one.ts"),
    'import fs, { existsSync } from "node:fs";\nexport const same = existsSync === fs.existsSync;\n',
  );
  writeFileSync(
    path.join(folder, "two.ts"),
    `import * as fs from "node:fs";
    import { createHash } from "node:crypto";
    const one = () => import("./one.ts");
    export { one, fs, createHash };`,
  );
  writeFileSync(
    path.join(folder, "start.ts"),
    `import { createHash, fs, one } from "./two.ts";
    void one().then(({ same }) => process.stdout.write([same, typeof fs.readFileSync, typeof createHash].join(" ")));`,
  );
  const text = (await bundle("start", path.join(folder, "start.ts"))).texts.get("start") ?? "";
  writeFileSync(path.join(folder, "start.cjs"), text, "latin1");
  expect(execFileSync(process.execPath, [path.join(folder, "start.cjs")], { encoding: "utf8" })).toBe("true function function");
  expect(text.match(/require\("node:fs"\)/g)).toHaveLength(1);
  expect(text).not.toContain("createSecretKey");
});
