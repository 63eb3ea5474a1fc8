/** Says why a command cannot do its work, and gives its exit status. */
import { type Failure, exitStatus, failureKinds } from "@twolane/protocol";
import { failureLine } from "../views/run-view.ts";
import { createStyle } from "../views/style.ts";
import type { CommandIo } from "./command.ts";

/** One line on standard error; where `json` is given, that on standard output in its place. */
export function refuse(reason: Failure, { io, json }: { io: CommandIo; json?: object | undefined }): number {
  if (json) io.stdout.write(`${JSON.stringify(json)}\n`);
  else io.stderr.write(`${failureLine(reason, createStyle(io.env, io.stderr.isTTY === true))}\n`);
  return exitStatus[failureKinds[reason.code].exit];
}

/** For all that a command may refuse: with `--json` an object of the type `NAME.refused` carries the reason. */
export function refuser(io: CommandIo, name: string, isJson: boolean): (reason: Failure) => number {
  return (reason) => refuse(reason, { io, json: isJson ? { type: `${name}.refused`, failure: reason } : undefined });
}
