/**
 * `npm run bench:peers [-- headless|interactive] [RIVAL…] [--samples N] [--minutes N] [--markdown FILE] [--json FILE] [--anyway]`: other harnesses beside ours and
 * the floor, on one simulated model, in one run. Installs what it needs, then measures in a process that has no network. docs/bench.md says how it is fair.
 * Ends with 0 when the table is there, 2 for a wrong argument, 3 when the machine is busy, 1 when nothing could be measured.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { answerHelp } from "../answer-help.ts";
import { busyReason, lookForBusiness } from "./busy.ts";
import { cacheFolder, install } from "./install.ts";
import { type Options, type Plan, help, parseOptions } from "./plan.ts";
import { rivals } from "./rivals.ts";
import { type Report, markdown } from "./table.ts";

const calmPatienceMs = 5 * 60_000;
const repository = new URL("../..", import.meta.url).pathname;

function end(message: string, status: number): never {
  console.error(`bench:peers: ${message}`);
  process.exit(status);
}

const args = process.argv.slice(2);
answerHelp(args, help);
const parsed = parseOptions(
  args,
  rivals.map(({ name }) => name),
);
if (!parsed.ok) end(parsed.message, 2);
const { options } = parsed;
if (process.platform !== "linux")
  end("memory and processor time of a process tree are read as Linux tells them; run it there", 1);
if (!existsSync(join(repository, "packages/cli/dist"))) end("our command is not built; run `npm run build`", 1);

const busyBefore = options.anyway ? undefined : busyReason(await lookForBusiness());
if (busyBefore !== undefined)
  end(`the machine is busy: ${busyBefore}; try again when it is quiet, or with --anyway for numbers that say little`, 3);
const { installed, missing } = await installAll(options);
const warnings: string[] = [];
const busy = options.anyway ? busyReason(await lookForBusiness()) : await calm();
if (busy !== undefined) warnings.push(`Measured on a busy machine (${busy}): these numbers prove nothing.`);
console.error(`bench:peers: measures for ${options.minutes} minutes at the most; Ctrl-C ends it with what there is`);

const walls = bubblewrap();
if (walls.length === 0) warnings.push("Measured without bubblewrap: the network was not cut off.");
const measured = await measure(options);
if (measured === undefined) end("nothing was measured; what went wrong is said above", 1);
const report: Report = {
  machine: `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "?"}`,
  at: new Date().toISOString(),
  ...{ warnings, missing, ...measured },
};
const text = markdown(report);
if (options.markdown === undefined) console.log(text);
else writeFileSync(options.markdown, text);
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);

/** Its own downloads keep a machine busy for a while. What keeps it so for longer is told. */
async function calm(): Promise<string | undefined> {
  const until = performance.now() + calmPatienceMs;
  for (;;) {
    const reason = busyReason(await lookForBusiness());
    if (reason === undefined || performance.now() > until) return reason;
    console.error(`bench:peers: waits until the machine is quiet: ${reason}`);
    await pause(10_000);
  }
}

/** One after the other: their downloads would only wait for each other. */
async function installAll({
  rivals: names,
}: Options): Promise<{ installed: Record<string, string>; missing: { name: string; reason: string }[] }> {
  const installed: Record<string, string> = {};
  const missing: { name: string; reason: string }[] = [];
  for (const { name, title, package: packageName, version } of rivals.filter((rival) => names.includes(rival.name))) {
    console.error(`bench:peers: ${title} ${version}`);
    const pin = new URL(`pins/${name}`, import.meta.url).pathname;
    const result = await install(pin, join(cacheFolder(), `${name}-${version}`));
    if (result.ok) {
      installed[name] = result.folder;
      continue;
    }
    missing.push({ name: title, reason: `${packageName}@${version} could not be had: ${result.reason}` });
    console.error(`bench:peers: ${missing.at(-1)?.reason}`);
  }
  return { installed, missing };
}

/** Its own network with nothing but a loopback address, its own processes that end with it; empty where that cannot be had. */
function bubblewrap(): readonly string[] {
  const command = [
    "bwrap",
    "--dev-bind",
    "/",
    "/",
    "--unshare-net",
    "--unshare-pid",
    "--proc",
    "/proc",
    "--die-with-parent",
    "--",
  ];
  return spawnSync(command[0] ?? "", [...command.slice(1), "true"]).status === 0 ? command : [];
}

/** What the measuring process had written when it ended, or was ended. */
async function measure({
  sections,
  rivals: names,
  samples,
  minutes,
}: Options): Promise<Pick<Report, "columns" | "rows"> | undefined> {
  const place = mkdtempSync(join(tmpdir(), "twolane-peers-"));
  const out = join(place, "measured.json");
  const plan: Plan = {
    repository,
    version: versionOf(repository),
    installed,
    root: place,
    out,
    sections,
    rivals: names,
    samples,
    minutes,
  };
  const node = [
    process.execPath,
    "--import",
    join(repository, "tools/typescript.mjs"),
    join(repository, "bench/peers/measure.ts"),
  ];
  const command = [...walls, ...node, JSON.stringify(plan)];
  const { NODE_EXTRA_CA_CERTS: _unset, ...env } = process.env;
  const child = spawn(command[0] ?? process.execPath, command.slice(1), {
    cwd: repository,
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  // What hangs in spite of all its own limits.
  const timer = setTimeout(() => child.kill("SIGKILL"), (minutes + 2) * 60_000);
  const stop = (): void => {
    process.exitCode = 130;
    child.kill("SIGKILL");
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  await new Promise((resolve) => child.once("close", resolve).once("error", resolve));
  clearTimeout(timer);
  try {
    return JSON.parse(readFileSync(out, "utf8"));
  } catch {
    return undefined;
  } finally {
    // A process that is just being ended may still write.
    rmSync(place, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function versionOf(folder: string): string {
  const { version }: { version: string } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return version;
}
