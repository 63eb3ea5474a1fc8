import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import { afterAll, describe, expect, it } from "vitest";
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

describe("parts", () => {
  const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);
  const parts = { entries: { command: ["command.ts"] }, rest: "later" };
  const make = (): Promise<{ texts: Map<string, string> }> => bundle("command", path.join(folder, "command.ts"), parts);

  /** Runs the first part; answers what it said, and which others it has read. */
  async function run(): Promise<{ readonly said: unknown[]; readonly read: string[] }> {
    const { texts } = await make();
    const said: unknown[] = [];
    const read: string[] = [];
    const evaluate = (name: string): unknown =>
      runInNewContext(texts.get(name) ?? "", { say: (word: unknown) => said.push(word) });
    const start: unknown = evaluate("command");
    if (typeof start !== "function") throw new Error("the first part is no function");
    start(createRequire(import.meta.url), path.join(folder, "command.cjs"), folder, (name: string) => {
      read.push(name);
      return evaluate(name);
    });
    await setTimeout(20);
    return { said, read };
  }

  it("are read when something in them is needed, and share what they both use", async () => {
    write("shared.ts", 'import { sep } from "node:path";\nexport const seen: string[] = [sep];\nexport default seen;\n');
    write(
      "one.ts",
      'import seen, * as all from "./shared.ts";\nexport const add = () => void seen.push(`one of ${Object.keys(all).length}`);\n',
    );
    write(
      "command.ts",
      `import { seen as both } from "./shared.ts";
      declare const say: (word: unknown) => void;
      say(both.length);
      void import("./one.ts").then(({ add }) => { add(); say(both.join(" ")); });`,
    );
    expect(await run()).toEqual({ said: [1, "/ one of 2"], read: ["later"] });
  });

  it("are not made of a name that is given another value behind its importers' backs", async () => {
    write("shared.ts", "export let count = 0;\nexport const more = () => void count++;\n");
    write("one.ts", 'export { count, more } from "./shared.ts";\n');
    write(
      "command.ts",
      'import { count } from "./shared.ts";\nconsole.log(count);\nvoid import("./one.ts").then(({ more }) => more());\n',
    );
    await expect(make()).rejects.toThrow("count is exported and changes; keep it in an object");
  });

  it("are not made where an entry is no delayed import", async () => {
    write("command.ts", "console.log(1);\n");
    const asked = bundle("command", path.join(folder, "command.ts"), { ...parts, entries: { command: ["gone.ts"] } });
    await expect(asked).rejects.toThrow("part command: no delayed import of gone.ts");
  });
});
