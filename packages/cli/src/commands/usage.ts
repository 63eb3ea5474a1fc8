/** The words of a command line as options, or what was wrong with them as one of our failures. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { type Failure, failure } from "@twolane/protocol";

/** `command`: whose help is named where the words are not understood. */
export function readWords<const Config extends Omit<ParseArgsConfig, "args">>(
  command: string,
  argv: readonly string[],
  config: Config,
): ReturnType<typeof parseArgs<Config>> | Failure {
  try {
    return parseArgs<Config>({ ...config, args: [...argv] });
  } catch (error) {
    return usageFailure(error, command);
  }
}

/** `error`: what parseArgs threw. Only its first sentence is for a person. */
function usageFailure(error: unknown, command: string): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const sentence = message.split(/\. |\n/, 1)[0] ?? "";
  return failure("USAGE", `${sentence.replace(/\.$/, "")}.`, `See \`${["twolane help", command].join(" ").trim()}\`.`);
}
