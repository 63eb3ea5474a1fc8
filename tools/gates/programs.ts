/** The gates that are programs of others: format, lint, types, dead code. Their settings stand in the repository's root. */
import { existsSync } from "node:fs";
import path from "node:path";
import { type Findings, type Gate, countIn, linesOf, runTool } from "./gate.ts";

const repository = path.join(import.meta.dirname, "../..");

export const format: Gate = {
  name: "format",
  cure: "npm run format",
  async run(root) {
    const args = ["--check", "--config", path.join(repository, ".oxfmtrc.json")];
    const { status, output } = await runTool("oxfmt/bin/oxfmt", { root, args });
    const lines = linesOf(output).filter((line) => !/^(Checking formatting|Finished in|Format issues|All matched)/.test(line));
    return findings(status, {
      seen: countIn(output, / on (\d+) files? /),
      lines: lines.map((line) => line.replace(/ \(\d+ms\)$/, "")),
    });
  },
};

export const lint: Gate = {
  name: "lint",
  cure: "npm run lint shows each place; the rules stand in .oxlintrc.json",
  async run(root) {
    // JSON has the number of files; the other forms leave it out or change with the terminal.
    const args = ["--type-aware", "--format=json", "--config", path.join(repository, ".oxlintrc.json")];
    const { status, output } = await runTool("oxlint/bin/oxlint", { root, args });
    return findings(status, { seen: countIn(output, /"number_of_files": (\d+)/), lines: readDiagnostics(output) });
  },
};

interface Diagnostic {
  readonly message: string;
  readonly code?: string;
  readonly filename?: string;
  readonly labels?: readonly { readonly span: { readonly line?: number } }[];
}

function readDiagnostics(output: string): string[] {
  const start = output.indexOf("{");
  if (start < 0) return linesOf(output);
  try {
    const { diagnostics }: { diagnostics: readonly Diagnostic[] } = JSON.parse(output.slice(start));
    return diagnostics.map(
      ({ message, code, filename, labels }) => `${filename ?? "?"}:${labels?.[0]?.span.line ?? 1}: ${message} [${code ?? "?"}]`,
    );
  } catch {
    return linesOf(output);
  }
}

export const types: Gate = {
  name: "types",
  cure: "npm run types",
  async run(root) {
    // What runs in a browser has other globals than the rest.
    const projects = ["tsconfig.json", "packages/web/tsconfig.json"].filter((project) => existsSync(path.join(root, project)));
    const runs = await Promise.all(
      projects.map((project) =>
        runTool("typescript/bin/tsc", { root, args: ["-p", project, "--pretty", "false", "--listFiles"] }),
      ),
    );
    const lines = runs.flatMap(({ output }) => linesOf(output));
    const isFile = (line: string): boolean => path.isAbsolute(line) && existsSync(line);
    const own = new Set(lines.filter((line) => isFile(line) && !line.includes("/node_modules/")));
    const status = Math.max(...runs.map((run) => run.status));
    return findings(status, { seen: own.size, lines: lines.filter((line) => !isFile(line)) });
  },
};

export const deadCode: Gate = {
  name: "dead code",
  cure: "delete it, or export it from the package's door if others need it (knip.json)",
  async run(root) {
    const reporter = path.join(import.meta.dirname, "knip-reporter.mjs");
    const { status, output } = await runTool("knip/bin/knip.js", { root, args: ["--no-progress", "--reporter", reporter] });
    const lines = linesOf(output).filter((line) => !line.startsWith("files: "));
    return findings(status, { seen: countIn(output, /^files: (\d+)/m), lines });
  },
};

/** A program that failed and said nothing is a fault as well. */
function findings(status: number, { seen, lines }: { readonly seen: number; readonly lines: readonly string[] }): Findings {
  if (status === 0) return { seen, faults: [] };
  return { seen, faults: lines.length > 0 ? lines : [`ended with status ${status} and no word`] };
}
