/** Fetches the packages of the tasks from the registry, by npm's own client, into a folder that is kept between runs and never committed. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { PackageChange } from "./tasks.ts";

/** What stands in the way of the study; its message is for a person. */
export class StudyError extends Error {}

/** Folders of both versions of each, in the order of `changes`. Throws StudyError where they cannot be had or are not those that were meant. */
export function fetchPackages(changes: readonly PackageChange[], cache: string): readonly (readonly [string, string])[] {
  const aliases = changes.map(({ name, from, to }) => [`${name}-${from}`, `${name}-${to}`] as const);
  if (!aliases.flat().every((alias) => alias in lockedIn(cache))) install(cache, changes);
  const locked = lockedIn(cache);
  for (const [index, change] of changes.entries())
    for (const side of [0, 1] as const) {
      const alias = aliases[index]?.[side] ?? "";
      if (locked[alias] !== change.integrity[side])
        throw new StudyError(`${alias} is not the archive that the study was made of; remove ${cache} and try again.`);
    }
  return aliases.map(([from, to]) => [path.join(cache, "node_modules", from), path.join(cache, "node_modules", to)]);
}

/** What npm has put there, each with its hash. */
function lockedIn(cache: string): Readonly<Record<string, string | undefined>> {
  const file = path.join(cache, "node_modules/.package-lock.json");
  if (!existsSync(file)) return {};
  const { packages }: { packages: Record<string, { integrity?: string }> } = JSON.parse(readFileSync(file, "utf8"));
  return Object.fromEntries(
    Object.entries(packages).map(([place, { integrity }]) => [place.replace("node_modules/", ""), integrity]),
  );
}

function install(cache: string, changes: readonly PackageChange[]): void {
  const wanted = changes.flatMap(({ name, from, to }) => [from, to].map((one) => [`${name}-${one}`, `npm:${name}@${one}`]));
  const manifest = JSON.stringify({ private: true, dependencies: Object.fromEntries(wanted) });
  const quietly = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const reason = ((): string | undefined => {
    try {
      mkdirSync(cache, { recursive: true });
      writeFileSync(path.join(cache, "package.json"), manifest);
    } catch (error) {
      return String(error);
    }
    const args = ["install", ...quietly, "--fetch-retries=1", "--fetch-retry-mintimeout=1000"];
    const ended = spawnSync("npm", args, { cwd: cache, encoding: "utf8" });
    return ended.status === 0 ? undefined : (ended.error?.message ?? reasonOf(ended.stderr));
  })();
  if (reason !== undefined)
    throw new StudyError(
      `The packages of the tasks could not be fetched: ${reason}. They are needed once: see that \`npm ping\` answers and that ${cache} can be written, then try again.`,
    );
}

/** One line of what npm said: its reason rather than its code. */
function reasonOf(said: string): string {
  const lines = said.split("\n").flatMap((line) => /^npm (?:error|ERR!) (.*\S)/.exec(line)?.[1] ?? []);
  const isReason = (line: string): boolean => !/^(?:code|errno|syscall|path|network$|A complete log)\b/.test(line);
  return (lines.find(isReason) ?? lines[0] ?? "npm did not say why").replace(/\.$/, "");
}
