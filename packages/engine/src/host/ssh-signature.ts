/** Signatures by SSH keys, made and verified by `ssh-keygen -Y`. What is signed, and who may, is decided elsewhere. */
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { sentence } from "../std/text.ts";
import type { Processes, RunOptions } from "./process.ts";
import { makeTemporaryFolder } from "./temporary-folder.ts";
import { writeTextNow } from "./user-files.ts";

const timeoutMs = 60_000;

interface SshCall extends Pick<RunOptions, "args"> {
  readonly input?: string;
}

async function ssh(
  processes: Processes,
  { args, input }: SshCall,
): Promise<Result<{ status: number; stdout: string; stderr: string }>> {
  const outcome = await processes.run({
    ...{ command: "ssh-keygen", args, cwd: "/", timeoutMs, outputLimit: 64 * 1024, env: { LC_ALL: "C" } },
    ...(input !== undefined && { input }),
  });
  if (outcome.kind === "missing") return fail("TOOL_FAILED", "ssh-keygen is not installed.", "Install OpenSSH 8.2 or later.");
  if (outcome.kind === "killed") return fail("TOOL_FAILED", "ssh-keygen did not end and was killed.");
  return succeed(outcome);
}

/** `key`: a private key, or a public one whose private key the agent holds. A passphrase is the agent's business. */
export async function signText(
  processes: Processes,
  { text, key, namespace }: { readonly text: string; readonly key: string; readonly namespace: string },
): Promise<Result<string>> {
  const signed = await ssh(processes, { args: ["-Y", "sign", "-q", "-n", namespace, "-f", key], input: text });
  if (!signed.ok) return signed;
  const { status, stdout, stderr } = signed.value;
  if (status === 0 && stdout.startsWith("-----BEGIN SSH SIGNATURE-----")) return succeed(stdout);
  return fail(
    "TOOL_FAILED",
    `ssh-keygen did not sign: ${sentence(stderr)}`,
    "Give --key; where it has a passphrase, `ssh-add` it first.",
  );
}

export interface SignedText {
  readonly text: string;
  readonly signature: string;
  /** Who is said to have signed. */
  readonly signer: string;
  readonly namespace: string;
}

/** All that the key stands for among those who may sign (`allowed`: lines of an allowed_signers file); undefined: it is not theirs. */
export async function verifyText(
  processes: Processes,
  { text, signature, signer, namespace }: SignedText,
  allowed: string,
): Promise<Result<readonly string[] | undefined>> {
  const folder = makeTemporaryFolder();
  try {
    const files = { allowed: path.join(folder.path, "allowed"), signature: path.join(folder.path, "signature") };
    writeTextNow(files.allowed, allowed);
    writeTextNow(files.signature, signature);
    const place = ["-f", files.allowed, "-s", files.signature];
    const verified = await ssh(processes, { args: ["-Y", "verify", "-q", "-n", namespace, "-I", signer, ...place], input: text });
    if (!verified.ok) return verified;
    if (verified.value.status !== 0) return succeed(undefined);
    const found = await ssh(processes, { args: ["-Y", "find-principals", "-q", ...place] });
    return found.ok ? succeed([signer, ...found.value.stdout.split("\n").filter((name) => name !== "")]) : found;
  } finally {
    folder.remove();
  }
}
