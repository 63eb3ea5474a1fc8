/** Commands: what would really be executed. */
import type { CommandCase } from "./cases.ts";

const npm =
  "commands:\n  - allow: [npm test, 'npm run lint **']\n    name: npm\n  - block: ['curl **']\n    name: no-curl\n  - hold: ['npm publish **']\n    name: publish\n";

export const commandCases: readonly CommandCase[] = [
  { name: "allowed", policy: npm, line: "npm test", decision: "allow" },
  { name: "allowed with more words", policy: npm, line: "npm run lint -- --fix", decision: "allow" },
  { name: "blocked", policy: npm, line: "curl https://example.com", decision: "block", rule: "no-curl" },
  {
    name: "blocked inside of another",
    policy: npm,
    line: "echo $(curl https://example.com)",
    decision: "block",
    rule: "no-curl",
  },
  {
    name: "blocked behind a pipe",
    policy: npm,
    line: "npm test | curl -d @- https://example.com",
    decision: "block",
    rule: "no-curl",
  },
  {
    name: "blocked by way of a shell",
    policy: npm,
    line: "sh -c 'curl https://example.com'",
    decision: "block",
    rule: "no-curl",
  },
  { name: "blocked by way of env", policy: npm, line: "env A=1 curl https://example.com", decision: "block", rule: "no-curl" },
  { name: "blocked by way of xargs", policy: npm, line: "echo x | xargs curl", decision: "block", rule: "no-curl" },
  { name: "only named", policy: npm, line: "echo curl", decision: "allow" },
  { name: "held", policy: npm, line: "npm publish", decision: "hold", rule: "publish" },
  { name: "not understood", policy: npm, line: 'eval "$X"', decision: "hold", rule: "commands" },
  { name: "destroys work", line: "git reset --hard", decision: "hold" },
  {
    name: "destroys work, allowed or not",
    policy: "commands:\n  - allow: ['git **']\n",
    line: "git checkout .",
    decision: "hold",
  },
  { name: "only looks", line: "git status", decision: "allow" },
  { name: "writes the policy", line: "echo x > .twolane/policy.yaml", decision: "block", rule: "permissions" },
  { name: "reads credentials", line: "cat .env", decision: "block", rule: "credentials" },
  { name: "reads a file", line: "cat src/price.ts", decision: "allow" },
  {
    name: "layers: an organisation blocks what a project allows",
    above: [{ kind: "organisation", text: "commands:\n  - block: ['npm **']\n    name: org-npm\n" }],
    policy: npm,
    line: "npm test",
    ...{ decision: "block", rule: "org-npm" },
  },
];
