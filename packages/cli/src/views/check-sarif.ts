/** What a gate found as SARIF 2.1.0, which code scanning of the forges reads. Pure. */
import type { CheckReport } from "@twolane/engine";
import packageJson from "../../package.json" with { type: "json" };

/** As much of the format as is written here. */
export interface SarifLog {
  readonly $schema: string;
  readonly version: "2.1.0";
  readonly runs: readonly SarifRun[];
}

interface SarifRun {
  readonly tool: { readonly driver: { readonly name: string; readonly version: string; readonly rules: readonly SarifRule[] } };
  readonly columnKind: "utf16CodeUnits";
  readonly results: readonly SarifResult[];
}

interface SarifRule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly help: { readonly text: string };
}

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: "error" | "warning";
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: {
      readonly artifactLocation: { readonly uri: string; readonly uriBaseId: "%SRCROOT%" };
      readonly region: { readonly startLine: number };
    };
  }[];
  readonly partialFingerprints: { readonly "twolane/v1": string };
}

export function sarifLog({ findings }: CheckReport): SarifLog {
  const rules: SarifRule[] = [];
  const indexOf = new Map<string, number>();
  for (const { verdict } of findings) {
    if (indexOf.has(verdict.rule)) continue;
    const text = verdict.source === undefined ? `Rule ${verdict.rule}` : `Rule ${verdict.rule} of ${verdict.source}`;
    indexOf.set(verdict.rule, rules.length);
    rules.push({ id: verdict.rule, shortDescription: { text }, help: { text: verdict.wayOut } });
  }
  const results = findings.map(({ path, line, verdict }): SarifResult => ({
    ruleId: verdict.rule,
    ruleIndex: indexOf.get(verdict.rule) ?? 0,
    level: verdict.decision === "block" ? "error" : "warning",
    message: { text: `${verdict.reason}. ${verdict.wayOut}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(path), uriBaseId: "%SRCROOT%" },
          // The file as a whole: forges want a line.
          region: { startLine: Math.max(1, line) },
        },
      },
    ],
    // The same thing at another line is the same thing.
    partialFingerprints: { "twolane/v1": `${verdict.rule}|${path}|${verdict.subject ?? verdict.reason}` },
  }));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "twolane", version: packageJson.version, rules },
        },
        columnKind: "utf16CodeUnits",
        results,
      },
    ],
  };
}

/** Relative, with everything quoted that a URI has another meaning for. */
const uriOf = (path: string): string => path.split("/").map(encodeURIComponent).join("/");
