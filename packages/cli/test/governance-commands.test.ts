/**
 * Published faults of others in what becomes a command, each as a test with the real command. How lines are read is tested against real
 * shells in `packages/policy/src/commands/differential.test.ts`. docs/security.md lists all rows.
 */
import { chmodSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Sim, startSim } from "@twolane/responses/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, git, openSandbox } from "./command.ts";

let sandbox: Sandbox;
let sim: Sim | undefined;
let marker = "";

beforeEach(() => {
  sandbox = openSandbox();
  marker = join(sandbox.folder, "..", "marker");
  git(sandbox.folder, "init", "-q");
  sandbox.write("evil.sh", `#!/bin/sh\ntouch ${marker}\n`);
  chmodSync(join(sandbox.folder, "evil.sh"), 0o755);
  sandbox.write("src/a.ts", "export const a = 1;\n");
});
afterEach(async () => {
  await sim?.close();
  sim = undefined;
  sandbox.remove();
});

/** Each would leave a mark if a shell, or an option of a program, got it. */
const hostile = (): string[] => [
  ...[
    `$(touch ${marker})`,
    `\`touch ${marker}\``,
    `;touch ${marker}`,
    `|touch ${marker}`,
    `a\ntouch ${marker}\n`,
    `'"; touch ${marker}; "'`,
  ],
  ...[
    "--pre=./evil.sh",
    "--hostname-bin=./evil.sh",
    "--upload-pack=./evil.sh",
    "--ext-diff",
    "-Oevil.sh",
    "--output=mark",
    `>${marker}`,
    "&& ./evil.sh",
  ],
];

const call = (name: string, input: object) => ({ call: { name, arguments: { ...input } } });

describe("CVE-2026-31975: words from outside become no command", () => {
  it("what a model gives its tools", { timeout: 60_000 }, async () => {
    const calls = hostile().flatMap((text) => [
      ...[call("read", { path: text }), call("list", { path: text }), call("list", { path: ".", glob: text })],
      ...[
        call("search", { pattern: text }),
        call("search", { pattern: "a", path: text }),
        call("search", { pattern: "a", glob: text }),
      ],
    ]);
    sim = await startSim({ port: 0, scenario: { answers: [{ reply: [...calls, { text: "Done." }] }] } });
    const run = await sandbox.run(["run", "-m", "sim/scripted", "--json", "go"], { env: { TWOLANE_SIM_URL: sim.url } });
    expect(run.stdout.split('"tool.ended"').length).toBeGreaterThan(calls.length / 2);
    expect(existsSync(marker)).toBe(false);
    expect(readdirSync(sandbox.folder).toSorted()).toEqual([".git", "evil.sh", "src"]);
  });

  it("options and names on the command line", { timeout: 90_000 }, async () => {
    git(sandbox.folder, "add", "-A");
    git(sandbox.folder, "commit", "-qm", "first");
    const named = hostile().map((text) => text.replaceAll("\n", " ").replaceAll("/", "_"));
    const files = named.map((name) => `*** Add File: ${name}\n+x\n`);
    await sandbox.run(["apply"], { input: `*** Begin Patch\n${files.join("")}*** End Patch\n` });
    await sandbox.run(["check"]);
    for (const text of hostile().slice(0, 10))
      await Promise.all([sandbox.run(["check", "--base", text]), sandbox.run(["undo", "--session", text])]);
    await sandbox.run(["run", "-m", "instant", ...hostile().map((text) => `--scope=${text}`), "rename a to b in src/a.ts"]);
    expect(existsSync(marker)).toBe(false);
    expect(existsSync(join(sandbox.folder, "mark"))).toBe(false);
  });
});

it("CVE-2026-26322, CVE-2026-25253: no tool of a model has a word for an address, a key or a program", async () => {
  sim = await startSim({ port: 0, scenario: { answers: [{ reply: [{ text: "Done." }] }] } });
  await sandbox.run(["run", "--trust", "-m", "sim/scripted", "go"], { env: { TWOLANE_SIM_URL: sim.url } });
  const offered = sim.requests.flatMap(({ body }) => toolsOf(body));
  expect(offered.map(({ name }) => name)).toEqual(expect.arrayContaining(["read", "search", "run"]));
  const words = offered.flatMap(({ parameters }) => Object.keys(parameters?.properties ?? {}));
  expect(words.length).toBeGreaterThan(5);
  expect(
    words.filter((word) => /url|host|address|endpoint|gateway|server|key|token|env|binary|executable|trust|config/i.test(word)),
  ).toEqual([]);
});

interface OfferedTool {
  readonly name?: string;
  readonly parameters?: { readonly properties?: Readonly<Record<string, unknown>> };
}

function toolsOf(body: unknown): readonly OfferedTool[] {
  if (typeof body !== "object" || body === null || !("tools" in body) || !Array.isArray(body.tools)) return [];
  return body.tools;
}
