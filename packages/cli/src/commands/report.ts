/** `twolane report`: the numbers as one page for a browser, in a file that loads nothing from anywhere. */
import path from "node:path";
import { type Result, exitStatus, fail, succeed } from "@twolane/protocol";
import type { CommandHelp, CommandIo } from "./command.ts";
import { refuse } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "report",
  usage: "[options]",
  summary: "Write this workspace's numbers as one page for a browser: a file that loads nothing from anywhere.",
  options: [
    { form: "--out FILE", text: "where to (twolane-report.html)" },
    { form: "--since DATE", text: "only from that day on, e.g. 2026-01-31" },
  ],
  examples: ["twolane report", "twolane report --since 2026-01-31 --out january.html"],
};

const options = { out: { type: "string" }, since: { type: "string" } } as const;

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const parsed = readWords("report", argv, { allowPositionals: false, options });
  if ("code" in parsed) return refuse(parsed, { io });
  const since = parsed.values.since === undefined ? undefined : dayFrom(parsed.values.since);
  if (since !== undefined && !since.ok) return refuse(since.failure, { io });
  const [{ readReport }, { writePage }] = await Promise.all([import("@twolane/engine/report"), import("./report-page.ts")]);
  const read = await readReport({ cwd: io.cwd, env: io.env, ...(since && { since: since.value }) });
  if (!read.ok) return refuse(read.failure, { io });
  const file = path.resolve(io.cwd, parsed.values.out ?? "twolane-report.html");
  const written = await writePage(file, read.value);
  if (!written.ok) return refuse(written.failure, { io });
  io.stdout.write(`${file}\n`);
  return exitStatus.ok;
}

/** Midnight of this machine's clock. */
function dayFrom(text: string): Result<number> {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  return date.getMonth() === Number(month) - 1
    ? succeed(date.getTime())
    : fail("USAGE", `\`${text}\` is no date.`, "Write it as 2026-01-31.");
}
