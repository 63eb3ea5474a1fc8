import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  type BadSample,
  badDeadCode,
  badFormat,
  badLint,
  badOrder,
  badTidy,
  badTypes,
  json,
  packageJson,
} from "./bad-samples.ts";
import { type Findings, type Gate, passed } from "./gate.ts";
import { order } from "./order.ts";
import { deadCode, format, lint, types } from "./programs.ts";
import { lowerRatchet, tidy } from "./tidy.ts";

type Files = Readonly<Record<string, string>>;

const repository = path.join(import.meta.dirname, "../..");
const made: string[] = [];
afterAll(() => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** What a repository needs for the gates to start at all. */
const settings: Files = {
  ".gitignore": "node_modules\n",
  "tsconfig.json": readFileSync(path.join(repository, "tsconfig.json"), "utf8"),
  "knip.json": readFileSync(path.join(repository, "knip.json"), "utf8"),
  "tools/gates/ratchet.json": json({ casts: 0, suppressions: 0 }),
};

/** A small repository with nothing to find fault with. */
const clean: Files = {
  ...settings,
  "package.json": json({ name: "sample", private: true, type: "module", workspaces: ["packages/protocol"] }),
  "ARCHITECTURE.md": "engine/src/std engine/src/host engine/src/models cli/src/views cli/src/commands\n",
  "packages/protocol/package.json": packageJson("protocol"),
  "packages/protocol/src/protocol.ts": 'export const greeting = "hello";\n',
};

function write(files: Files): string {
  const root = mkdtempSync(path.join(tmpdir(), "gates-"));
  made.push(root);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  symlinkSync(path.join(repository, "node_modules"), path.join(root, "node_modules"));
  return root;
}

const run = (gate: Gate, files: Files): Promise<Findings> => gate.run(write(files));

const gates: readonly Gate[] = [format, lint, types, order, deadCode, tidy];

describe.each(gates.map((gate) => ({ name: gate.name, gate })))("$name", ({ gate }) => {
  it("passes a clean repository, and fails where it sees no file", async () => {
    // For the formatter the settings themselves are files.
    const nothing = gate === format ? { ".gitignore": "node_modules\n" } : settings;
    const [good, empty] = await Promise.all([run(gate, clean), run(gate, nothing)]);
    expect(good.faults).toEqual([]);
    expect(passed(good)).toBe(true);
    expect(passed(empty)).toBe(false);
  });
});

/** Starting a program is dear, so all samples of such a gate stand in one tree. */
describe.each([
  { name: "format", gate: format, samples: badFormat },
  { name: "lint", gate: lint, samples: badLint },
  { name: "types", gate: types, samples: badTypes },
  { name: "dead code", gate: deadCode, samples: badDeadCode },
])("$name rejects", ({ gate, samples }) => {
  const findings = run(gate, Object.assign({}, clean, ...samples.map(({ files }) => files)));
  it.each(samples)("$what", async ({ fault }: BadSample) => {
    expect((await findings).faults).toContainEqual(expect.stringMatching(fault));
  });
});

/** Our own gates are quick: each sample stands alone, and is the only thing found. */
describe.each([
  { name: "order", gate: order, samples: badOrder },
  { name: "tidy", gate: tidy, samples: badTidy },
])("$name rejects", ({ gate, samples }) => {
  it.each(samples)("$what", async ({ files, fault }: BadSample) => {
    const { faults } = await run(gate, { ...clean, ...files });
    expect(faults).toContainEqual(expect.stringMatching(fault));
  });
});

it("lowers the counts of the ratchet and never raises them", () => {
  const root = write({
    ...clean,
    "packages/protocol/src/a.ts": "export const a = 1 as number;\n",
    "tools/gates/ratchet.json": json({ casts: 3, suppressions: 0 }),
  });
  expect(lowerRatchet(root)).toMatch(/1 casts, 0 suppressions/);
  writeFileSync(path.join(root, "packages/protocol/src/a.ts"), "export const a = 1 as unknown as number;\n");
  expect(lowerRatchet(root)).toMatch(/1 casts, 0 suppressions/);
});
