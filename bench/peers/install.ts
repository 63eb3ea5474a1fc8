/**
 * Brings the rivals from the package registry into a cache folder, each alone and in the versions of its lock; no install script runs. A
 * folder whose lock is still the same is taken as it is.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

export type Installed = { readonly ok: true; readonly folder: string } | { readonly ok: false; readonly reason: string };

const patienceMs = 300_000;

export const cacheFolder = (): string =>
  join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "twolane-bench", "peers");

/** Never rejects: what went wrong is one line. */
export async function install(pin: string, into: string): Promise<Installed> {
  const files = ["package.json", "package-lock.json"];
  try {
    const lock = createHash("sha256").update(readFileSync(join(pin, "package-lock.json")));
    const folder = `${into}-${lock.digest("hex").slice(0, 12)}`;
    const done = join(folder, "installed");
    if (existsSync(done)) return { ok: true, folder };
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const file of files) copyFileSync(join(pin, file), join(folder, file));
    const failure = await npmInstall(folder);
    if (failure !== undefined) return { ok: false, reason: failure };
    const got = versionIn(folder);
    if (got !== undefined) return { ok: false, reason: got };
    writeFileSync(done, "");
    return { ok: true, folder };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Whether what was installed is another version than the pin names; undefined: it is that one. */
function versionIn(folder: string): string | undefined {
  const { dependencies }: { readonly dependencies: Readonly<Record<string, string>> } = read(join(folder, "package.json"));
  for (const [name, wanted] of Object.entries(dependencies)) {
    const { version }: { readonly version: string } = read(join(folder, "node_modules", name, "package.json"));
    if (version !== wanted) return `${version} came instead`;
  }
  return undefined;
}

const read = (file: string) => JSON.parse(readFileSync(file, "utf8"));

/** Not `npm ci`: it wants the packages of other platforms in the lock, which not every registry has. */
const npmOptions = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-engine-strict", "--fetch-retries=1"];

/** What npm complained of, in a line; undefined: it is there. */
function npmInstall(folder: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile("npm", ["install", ...npmOptions], { cwd: folder, timeout: patienceMs }, (error, _, said) => {
      resolve(
        error === null ? undefined : error.killed ? `not there after ${patienceMs / 1000} s` : complaintOf(said, error.message),
      );
    });
  });
}

/** The lines of npm that say why, without its advice. */
export function complaintOf(said: string, otherwise: string): string {
  const lines = said.split("\n").flatMap((line) => /^npm (?:error|ERR!) (.+)/.exec(line)?.[1] ?? []);
  const reasons = lines.filter(
    (line) => !/^(?:A complete log|errno|network (?:This is a problem|In most cases|If you are)|.*debug-\d)/.test(line),
  );
  return reasons.slice(0, 2).join(": ") || (otherwise.split("\n")[0] ?? "npm failed");
}
