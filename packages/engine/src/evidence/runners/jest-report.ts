/** The JSON report of jest, which vitest writes as well. */
import path from "node:path";
import type { RanTest, RunnerOutput } from "../evidence.ts";
import { listOf, parseJson, recordOf, textOf, textsOf } from "../json.ts";
import { shortFailure } from "../failure-text.ts";

export function parseJestLike({ stdout, folder }: RunnerOutput): readonly RanTest[] {
  return listOf(reportIn(stdout)["testResults"]).flatMap((value) => {
    const file = recordOf(value);
    const name = textOf(file["name"]);
    if (name === undefined) return [];
    const relative = path.relative(folder, name).split(path.sep).join("/");
    const cases = listOf(file["assertionResults"]).map(recordOf);
    const count = (...states: readonly string[]): number =>
      cases.filter((one) => states.includes(textOf(one["status"]) ?? "")).length;
    const failed = cases.find((one) => one["status"] === "failed");
    const message = failed === undefined ? textOf(file["message"]) : textsOf(failed["failureMessages"])[0];
    // A file that could not even be loaded has no cases.
    const broken = failed === undefined && file["status"] === "failed";
    return [
      {
        path: relative,
        passed: count("passed"),
        failed: count("failed") + (broken ? 1 : 0),
        skipped: count("skipped", "pending", "todo", "disabled"),
        ...((failed !== undefined || broken) && {
          failure: shortFailure({
            name: textOf(failed?.["fullName"]) ?? "the file itself",
            text: message ?? "",
            folder,
            test: relative,
          }),
        }),
      },
    ];
  });
}

/** The last line that is a report: tests may have printed what they like before. */
function reportIn(stdout: string): Readonly<Record<string, unknown>> {
  for (const line of stdout.split("\n").toReversed()) {
    const at = line.indexOf('{"');
    if (at < 0) continue;
    const report = recordOf(
      parseJson(line.slice(line.lastIndexOf('{"numTotalTestSuites"') < 0 ? at : line.lastIndexOf('{"numTotalTestSuites"'))),
    );
    if ("testResults" in report) return report;
  }
  return recordOf(parseJson(stdout.slice(Math.max(0, stdout.search(/^\{\s*"num/m)))));
}
