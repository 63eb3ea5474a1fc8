/** The policy's own command: all it says is its exit status. */
import type { FoundRunner } from "../evidence.ts";
import { shortFailure } from "../failure-text.ts";
import { globs } from "./globs.ts";

const usual = [
  ...[
    "**/*.{test,spec}.?(c|m)[jt]s?(x)",
    "**/__tests__/**/*.?(c|m)[jt]s?(x)",
    "**/test_*.py",
    "**/*_test.{py,go}",
    "**/tests/*.rs",
  ],
  ...["**/*_spec.rb", "**/*Test.{java,kt,php,cs}", "**/*Tests.{java,kt,cs,swift}", "**/*_test.{exs,rb,dart}"],
];

/** `line`: `{files}` becomes the test files. They are arguments of the shell and never its text: a name cannot be a command, however it is quoted. */
export function commandRunner(line: string, settings: readonly string[]): FoundRunner {
  return {
    name: "command",
    isTest: globs(usual),
    settings,
    start: (tests) => ({ command: "sh", args: ["-c", line.replaceAll("{files}", () => '"$@"'), "sh", ...tests.map(noOption)] }),
    parse({ status, stdout, stderr, tests }) {
      if (status === 0) return tests.map((path) => ({ path, passed: 1, failed: 0, skipped: 0 }));
      const tail = `${stdout}\n${stderr}`.trim().split("\n").slice(-12).join("\n");
      const failure = shortFailure({ name: `the command ended with status ${status}`, text: tail, folder: "", test: "" });
      return tests.map((path, at) => ({ path, passed: 0, failed: 1, skipped: 0, ...(at === 0 && { failure }) }));
    },
    cure: "Correct `tests.command` in the policy.",
  };
}

const noOption = (path: string): string => (path.startsWith("-") ? `./${path}` : path);
