/** The command's entry: finds the subcommand and loads nothing else. Owns signals and the exit. */
import { isatty } from "node:tty";
import { exitStatus } from "@twolane/protocol";
import packageJson from "../package.json" with { type: "json" };
import type { CommandIo, CommandModule } from "./commands/command.ts";

type RunCommand = CommandModule["run"];

const commands: Readonly<Record<string, () => Promise<{ run: RunCommand }>>> = {
  "": () => import("./commands/session.ts"),
  resume: () => import("./commands/resume.ts"),
  run: () => import("./commands/run.ts"),
  refactor: () => import("./commands/refactor.ts"),
  debug: () => import("./commands/debug.ts"),
  deep: () => import("./commands/deep.ts"),
  "deep-worker": () => import("./commands/deep-worker.ts"),
  scaffold: () => import("./commands/scaffold.ts"),
  review: () => import("./commands/review.ts"),
  demo: () => import("./commands/demo.ts"),
  undo: () => import("./commands/undo.ts"),
  trust: () => import("./commands/trust.ts"),
  test: () => import("./commands/test.ts"),
  apply: () => import("./commands/apply.ts"),
  check: () => import("./commands/check.ts"),
  init: () => import("./commands/init.ts"),
  audit: () => import("./commands/audit.ts"),
  policy: () => import("./commands/policy.ts"),
  mcp: () => import("./commands/mcp.ts"),
  "agent-hooks": () => import("./commands/agent-hooks.ts"),
  hooks: () => import("./commands/hooks.ts"),
  approve: () => import("./commands/approve.ts"),
  kpi: () => import("./commands/kpi.ts"),
  report: () => import("./commands/report.ts"),
  limits: () => import("./commands/limits.ts"),
  sim: () => import("./commands/sim.ts"),
  completion: () => import("./commands/completion.ts"),
  models: () => import("./commands/models.ts"),
  connect: () => import("./commands/connect.ts"),
  doctor: () => import("./commands/doctor.ts"),
  help: () => import("./commands/help.ts"),
};

const io: CommandIo = {
  // Opening standard input takes milliseconds that a request from the arguments need not wait for.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  cwd: process.cwd(),
  onInterrupt(listener) {
    process.on("SIGINT", listener);
    process.on("SIGTERM", listener);
    return () => {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
    };
  },
  onHangup(listener) {
    process.on("SIGHUP", listener);
    return () => void process.off("SIGHUP", listener);
  },
};

async function main(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = argv;
  if (first === "--version" || first === "-V") {
    process.stdout.write(`${packageJson.version}\n`);
    return exitStatus.ok;
  }
  // Without a terminal nobody would answer the session; who wants it line by line says --plain.
  const nobody = first === undefined && !(isatty(0) && isatty(1));
  if (first === "--help" || first === "-h" || nobody) return (await load("help"))([], io);
  // A request has blanks, an option begins with a dash; a lone word is a command or a mistake.
  if (first === undefined || first.startsWith("-") || /\s/.test(first)) return (await load(""))(argv, io);
  const name = first !== "" && Object.hasOwn(commands, first) ? first : undefined;
  if (name === undefined) {
    process.stderr.write(`twolane: There is no command \`${first}\`. ${nearest(first)} [USAGE]\n`);
    return exitStatus.usage;
  }
  if (rest.includes("--help") || rest.includes("-h")) return (await load("help"))([name], io);
  return (await load(name))(rest, io);
}

async function load(name: string): Promise<RunCommand> {
  return (await commands[name]!()).run;
}

function nearest(word: string): string {
  const known = Object.keys(commands).find((name) => name.startsWith(word[0] ?? "") && Math.abs(name.length - word.length) <= 2);
  return known === undefined ? "See `twolane help`." : `Did you mean \`twolane ${known}\`? See \`twolane help\`.`;
}

// A reader that goes away (`twolane run | head`) wants no more lines; what was asked for is still carried out.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

void main(process.argv.slice(2)).then((status) => {
  // Streams flush before the process ends by itself; what still runs in the background must not keep it.
  process.exitCode = status;
  if (process.stdout.writableEnded || process.stdout.errored !== null) process.exit(status);
  process.stdout.write("", () => process.exit(status));
});
