/**
 * Replays of real code: two published versions of a package are two commits, and the replay of the second on a copy of the first ends in
 * exactly its tree. Part of the long run, because it fetches the packages.
 */
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lacks } from "../../../tools/needs.ts";
import { git, openStage, temporaryFolder } from "./replay-stage.ts";

const isLongRun =
  Number(process.env["TWOLANE_TEST_SCALE"] ?? 1) > 1 ||
  lacks("long run", { for: "replays of published packages", get: "npm run test:long" });

/** Fixed, so that what was true yesterday is true tomorrow. */
const pairs: readonly (readonly [name: string, before: string, after: string])[] = [
  ["rxjs", "7.8.1", "7.8.2"],
  ["immer", "10.1.1", "10.2.0"],
  ["preact", "10.26.0", "10.27.0"],
  ["express", "4.21.0", "4.21.2"],
  ["commander", "13.0.0", "13.1.0"],
  ["yargs", "17.7.1", "17.7.2"],
  ["chalk", "5.3.0", "5.4.1"],
  ["semver", "7.6.3", "7.7.1"],
  ["ws", "8.17.0", "8.18.0"],
  ["uuid", "10.0.0", "11.0.0"],
  ["dayjs", "1.11.12", "1.11.13"],
  ["nanoid", "5.0.8", "5.1.0"],
  ["zod", "3.24.1", "3.24.2"],
  ["lodash", "4.17.20", "4.17.21"],
  ["debug", "4.3.7", "4.4.0"],
  ["minimist", "1.2.7", "1.2.8"],
  ["acorn", "8.13.0", "8.14.0"],
  ["postcss", "8.4.49", "8.5.0"],
  ["marked", "15.0.0", "15.0.6"],
  ["type-fest", "4.30.0", "4.31.0"],
  ["got", "14.4.4", "14.4.5"],
];

describe.skipIf(!isLongRun)("published packages", () => {
  const installed = temporaryFolder("packages");
  const rows: object[] = [];

  beforeAll(() => {
    const dependencies = Object.fromEntries(
      pairs.flatMap(([name, ...versions]) => versions.map((version) => [`${name}-${version}`, `npm:${name}@${version}`])),
    );
    fs.writeFileSync(path.join(installed, "package.json"), JSON.stringify({ private: true, dependencies }));
    execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: installed,
      stdio: ["ignore", "ignore", "pipe"],
    });
  }, 300_000);

  afterAll(() => {
    console.table(rows);
    fs.rmSync(installed, { recursive: true, force: true });
  });

  test.each(pairs)(
    "%s %s → %s",
    async (name, ...versions) => {
      const source = temporaryFolder("package");
      git(source, "init", "-q");
      for (const version of versions) {
        for (const entry of fs.readdirSync(source))
          if (entry !== ".git") fs.rmSync(path.join(source, entry), { recursive: true });
        fs.cpSync(path.join(installed, "node_modules", `${name}-${version}`), source, { recursive: true });
        git(source, "add", "-A", "-f");
        git(source, "commit", "-qm", version);
      }
      const at = await openStage({ source });
      const start = performance.now();
      at.session.send({ type: "prompt", text: "replay" });
      await at.session.idle();
      const ms = Math.round(performance.now() - start);

      git(at.copy.folder, "add", "-A", "-f");
      const tree = git(at.copy.folder, "write-tree").trim();
      const left = new Set(at.source.facts.leftOut.map((one) => one.path));
      const differing = git(at.copy.folder, "diff", "--name-only", "-z", "--no-renames", tree, at.commit.tree).split("\0");
      rows.push({ name, hunks: at.source.facts.played, files: at.source.facts.paths.length, left: left.size, ms });
      await at.close();
      fs.rmSync(source, { recursive: true, force: true });
      expect(differing.filter((file) => file !== "" && !left.has(file))).toEqual([]);
      expect(at.source.facts.played).toBeGreaterThan(0);
    },
    300_000,
  );
});
