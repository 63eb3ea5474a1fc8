/** Secrets: what a hunk adds. The values are made up, and put together here so that no scanner takes this file for a leak. */
import type { ChangeCase } from "./cases.ts";

const token = ["ghp", "q7Zt2LmVx9RbKw4HsYd8NcPf3JgUa6TeXo1Q"].join("_");
const line = `const token = "${token}";\n`;
const plain = "const token = process.env.TOKEN;\n";

export const secretCases: readonly ChangeCase[] = [
  {
    name: "secrets: added",
    before: { "src/a.ts": plain },
    after: { "src/a.ts": plain + line },
    decision: "hold",
    rule: "secrets",
  },
  { name: "secrets: in a new file", before: {}, after: { "docs/a.md": line }, decision: "hold", rule: "secrets" },
  { name: "secrets: read from the environment", before: {}, after: { "src/a.ts": plain }, decision: "allow" },
  { name: "secrets: taken out", before: { "src/a.ts": line }, after: { "src/a.ts": plain }, decision: "allow" },
  {
    name: "secrets: an edit beside one that is there",
    before: { "src/a.ts": `${plain}${line}` },
    after: { "src/a.ts": `${plain}const more = 1;\n${line}` },
    decision: "allow",
  },
  {
    name: "secrets: block",
    policy: "secrets: { edits: block }\n",
    before: {},
    after: { "src/a.ts": line },
    ...{ decision: "block", rule: "secrets" },
  },
  {
    name: "secrets: where made-up ones stand",
    policy: "secrets: { except: ['test/fixtures/**'] }\n",
    before: {},
    after: { "test/fixtures/token.ts": line },
    decision: "allow",
  },
  {
    name: "secrets: beside where made-up ones stand",
    policy: "secrets: { except: ['test/fixtures/**'] }\n",
    before: {},
    after: { "test/token.ts": line },
    ...{ decision: "hold", rule: "secrets" },
  },
  {
    name: "secrets: an organisation's rule knows no exception of a project",
    above: [{ kind: "organisation", text: "secrets: { edits: block }\n" }],
    policy: "secrets: { except: ['**'] }\n",
    before: {},
    after: { "src/a.ts": line },
    ...{ decision: "block", rule: "secrets" },
  },
];
