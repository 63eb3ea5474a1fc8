/**
 * The way to have a sandbox on this machine. Says nothing of which command may run, and under what conditions (`guard/commands`): it is told
 * what is writable, hidden and read-only, and makes that true.
 */
import path from "node:path";
import { findProgram } from "../find-program.ts";
import type { Processes } from "../process.ts";
import { bubblewrapArguments } from "./bubblewrap.ts";
import type { Confinement, Wrapped } from "./confinement.ts";
import { seatbeltProfile } from "./seatbelt.ts";

export interface Sandbox {
  readonly name: "bubblewrap" | "sandbox-exec";
  wrap(argv: readonly string[], confinement: Confinement): Wrapped;
}

/** The sandbox, or in a few words why there is none. */
export type SandboxState = { readonly sandbox: Sandbox } | { readonly missing: string; readonly cure: string };

const probeTimeoutMs = 5000;

/** Looks for it and tries it out: where it is installed the system may still forbid it. */
export async function findSandbox(processes: Processes, platform: NodeJS.Platform = process.platform): Promise<SandboxState> {
  if (platform === "darwin") return seatbelt();
  if (platform !== "linux") return { missing: `there is none for ${platform}`, cure: "Answer each command yourself." };
  const command = findProgram("bwrap");
  if (command === undefined)
    return { missing: "bubblewrap is not installed", cure: "Install bubblewrap, e.g. `apt-get install bubblewrap`." };
  const sandbox: Sandbox = {
    name: "bubblewrap",
    wrap: (argv, confinement) => bubblewrapArguments(argv, confinement, { command }),
  };
  const nowhere = { root: "/usr", cwd: "/usr", writable: false, write: [], frozen: [], hidden: [], network: false };
  const { args } = bubblewrapArguments(["true"], nowhere, { command, inline: true });
  const tried = await processes.run({ command, args, cwd: "/", timeoutMs: probeTimeoutMs, outputLimit: 4096 });
  if (tried.kind === "exited" && tried.status === 0) return { sandbox };
  const said = tried.kind === "missing" ? tried.code : tried.stderr.split("\n", 1)[0];
  return { missing: `bubblewrap does not work here (${said})`, cure: "Allow unprivileged user namespaces." };
}

/** Untested: nobody has run it on macOS yet. */
function seatbelt(): SandboxState {
  const command = "/usr/bin/sandbox-exec";
  if (findProgram(path.basename(command)) === undefined)
    return { missing: "sandbox-exec is not there", cure: "Answer each command yourself." };
  return {
    sandbox: {
      name: "sandbox-exec",
      wrap: (argv, confinement) => ({ command, args: ["-p", seatbeltProfile(confinement), ...argv], made: [] }),
    },
  };
}
