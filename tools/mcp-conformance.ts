/**
 * Runs the protocol's own conformance suite against our MCP client (`npm run test:mcp-conformance`): the scenarios of what the client does. Not
 * among them: logins (auth/*), questions of a server to the person (elicitation, sep-2322), and schemas handed on whole, as ours are cut to what
 * providers take. The suite needs Node 22.3, which TWOLANE_NODE_22 may name; the client itself runs in the Node that runs this.
 */
import { spawnSync } from "node:child_process";
import path from "node:path";

const suite = "@modelcontextprotocol/conformance@0.2.0-alpha.12";
const scenarios: Readonly<Record<string, readonly string[]>> = {
  "2025-11-25": ["initialize", "tools_call", "sse-retry"],
  "2026-07-28": [
    ...["tools_call", "request-metadata", "http-standard-headers", "http-custom-headers", "http-invalid-tool-headers"],
    "json-schema-ref-no-deref",
  ],
};

const root = path.join(import.meta.dirname, "..");
const driver = [
  ...[process.execPath, "--import", path.join(root, "tools/typescript.mjs")],
  path.join(root, "packages/engine/test/mcp-conformance-driver.ts"),
].join(" ");
const node = process.env["TWOLANE_NODE_22"] ?? process.execPath;

/** What the suite says of one scenario; undefined where it cannot run. */
function passed(scenario: string, version: string): string | undefined {
  const words = [
    "--yes",
    "--package",
    suite,
    "-c",
    `"${node}" "$(command -v conformance)" client --command "${driver}" --scenario ${scenario} --spec-version ${version}`,
  ];
  const { stdout, stderr } = spawnSync("npx", words, { cwd: root, encoding: "utf8" });
  return /Passed: .*/.exec(`${stdout}${stderr}`)?.[0];
}

function main(): number {
  const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.trim();
  if (Number(/\d+/.exec(version)?.[0]) < 22) {
    console.log(`skipped: the suite needs Node 22.3 or newer, this is ${version}; TWOLANE_NODE_22=/path/to/node names another`);
    return 0;
  }
  let failed = 0;
  for (const [revision, names] of Object.entries(scenarios)) {
    for (const name of names) {
      const said = passed(name, revision);
      if (said === undefined || !said.includes(", 0 failed")) failed++;
      console.log(`${revision} ${name}: ${said ?? "the suite did not run"}`);
    }
  }
  console.log(failed === 0 ? "all passed" : `${failed} did not pass`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = main();
