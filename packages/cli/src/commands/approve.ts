/** `twolane approve`: a person's yes to a change, signed and bound to its bytes, or kept on this machine for what is staged. */
import { type Failure, exitStatus, failure } from "@twolane/protocol";
import { approvedLines, signedLines } from "../views/approve-view.ts";
import { type CommandHelp, type CommandIo, styleOf } from "./command.ts";
import { refuser } from "./refuse.ts";
import { readWords } from "./usage.ts";

export const help: CommandHelp = {
  name: "approve",
  usage: "--base REF | --staged [options]",
  summary: "Approve a change: by a signed record that goes with the branch, or on this machine for what is staged.",
  options: [
    { form: "--base REF", text: "sign what the branch changed since it left REF; one changed byte voids it" },
    { form: "--head REF", text: "with --base: the branch, default HEAD" },
    { form: "--key FILE", text: "SSH key; default: git's user.signingkey, else ~/.ssh/id_ed25519" },
    { form: "--as NAME", text: "who signs, as .twolane/allowed_signers names you; default: git's user.email" },
    { form: "--staged", text: "say yes to what `check --staged` holds, for these bytes, here" },
    { form: "-C, --cwd FOLDER", text: "work there" },
    { form: "--json", text: "one object" },
  ],
  examples: [
    "twolane approve --base origin/main",
    "twolane approve --base main --key ~/.ssh/id_ed25519",
    "twolane approve --staged",
  ],
};

export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const options = readOptions(argv);
  const json = !("code" in options) && options.json;
  const refuseWith = refuser(io, "approve", json);
  if ("code" in options) return refuseWith(options);
  const style = styleOf(io);
  const place = { cwd: options.cwd ?? io.cwd, env: io.env };
  const { approve, approveStaged } = await import("@twolane/engine/approve");
  const say = (value: object, lines: () => readonly string[]): void =>
    void io.stdout.write(json ? `${JSON.stringify(value)}\n` : `${lines().join("\n")}\n`);
  if (options.base === undefined) {
    const said = await approveStaged(place);
    if (!said.ok) return refuseWith(said.failure);
    say({ type: "approve.finished", ...said.value }, () => approvedLines(said.value, style));
    return exitStatus[said.value.left.verdict === "clean" ? "ok" : said.value.left.verdict];
  }
  const { base, head, key, signer } = options;
  const signed = await approve({
    ...place,
    base,
    head,
    ...(key !== undefined && { key }),
    ...(signer !== undefined && { signer }),
  });
  if (!signed.ok) return refuseWith(signed.failure);
  say({ type: "approve.finished", ...signed.value }, () => signedLines(signed.value, style));
  return exitStatus.ok;
}

interface Options {
  /** Absent: what is staged. */
  readonly base?: string;
  readonly head: string;
  readonly key?: string;
  readonly signer?: string;
  readonly cwd?: string;
  readonly json: boolean;
}

function readOptions(argv: readonly string[]): Options | Failure {
  const parsed = readWords("approve", argv, {
    options: {
      staged: { type: "boolean" },
      base: { type: "string" },
      head: { type: "string" },
      key: { type: "string" },
      as: { type: "string" },
      cwd: { type: "string", short: "C" },
      json: { type: "boolean" },
    },
  });
  if ("code" in parsed) return parsed;
  const { staged = false, base, head, key, as: signer, cwd, json = false } = parsed.values;
  if (staged === (base !== undefined))
    return failure("USAGE", "Say which change: --base REF, or --staged.", "See `twolane help approve`.");
  if (staged && [head, key, signer].some((value) => value !== undefined))
    return failure("USAGE", "--head, --key and --as go with --base.", "Leave them out, or name the base.");
  return {
    head: head ?? "HEAD",
    json,
    ...(base !== undefined && { base }),
    ...(key !== undefined && { key }),
    ...(signer !== undefined && { signer }),
    ...(cwd !== undefined && { cwd }),
  };
}
