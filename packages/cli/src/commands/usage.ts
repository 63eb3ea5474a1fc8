/** What was wrong with a command line, as one of our failures. */
import { type Failure, failure } from "@twolane/protocol";

/** `error`: what parseArgs threw. Only its first sentence is for a person. */
export function usageFailure(error: unknown, command: string): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const sentence = message.split(/\. |\n/, 1)[0] ?? "";
  return failure("USAGE", `${sentence.replace(/\.$/, "")}.`, `See \`${["twolane help", command].join(" ").trim()}\`.`);
}
