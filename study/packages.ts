/** Fetches the packages of the tasks from the registry, by npm's own client, into a folder that is kept between runs and never committed. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { PackageChange } from "./tasks.ts";

/** What stands in the way of the study; its message is for a person. */
export class StudyError extends Error {}

/** Folders of both versions of each, in the order of `changes`. Throws StudyError where they cannot be had or are not those that were meant. */
export function fetchPackages(changes: readonly PackageChange[], cache: string): readonly (readonly [string, string])[] {
  const aliases = changes.map(({ name, from, to }) => [`${name}-${from}`, `${name}-${to}`] as const);
  const wanted = changes.flatMap(({ name, from, to }) => [
    [`${name}-${from}`, `npm:${name}@${from}`],
    [`${name}-${to}`, `npm:${name}@${to}`],
  ]);
  const manifest = JSON.stringify({ private: true, dependencies: Object.fromEntries(wanted) });
  if (!isThere(cache, manifest)) install(cache, manifest);
  const locked: { packages: Record<string, { integrity?: string }> } = JSON.parse(readFileSync(lockOf(cache), "utf8"));
  for (const [index, change] of changes.entries())
    for (const side of [0, 1] as const) {
      const alias = aliases[index]?.[side] ?? "";
      if (locked.packages[`node_modules/${alias}`]?.integrity !== change.integrity[side])
        throw new StudyError(`${alias} is not the archive that the study was made of; remove ${cache} and try again.`);
    }
  return aliases.map(([from, to]) => [path.join(cache, "node_modules", from), path.join(cache, "node_modules", to)]);
}

const lockOf = (cache: string): string => path.join(cache, "node_modules/.package-lock.json");

const isThere = (cache: string, manifest: string): boolean =>
  existsSync(lockOf(cache)) && readFileSync(path.join(cache, "package.json"), "utf8") === manifest;

function install(cache: string, manifest: string): void {
  mkdirSync(cache, { recursive: true });
  writeFileSync(path.join(cache, "package.json"), manifest);
  try {
    execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: cache,
      stdio: "pipe",
    });
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim().split("\n", 1)[0] : String(error);
    throw new StudyError(`The packages of the tasks could not be fetched: ${said}. The study needs npm and its registry once.`);
  }
}
