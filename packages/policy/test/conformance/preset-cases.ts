/** What the presets say of paths, and what always holds. */
import type { ChangeCase, Decision } from "./cases.ts";

const create = (path: string): Pick<ChangeCase, "before" | "after"> => ({ before: {}, after: { [path]: "x = 1\n" } });

type Row = [preset: string | undefined, path: string, decision: Decision, rule?: string];

const rows: readonly Row[] = [
  [undefined, "src/price.ts", "allow"],
  [undefined, ".env", "block", "credentials"],
  [undefined, "app/.env.production", "block", "credentials"],
  [undefined, ".ENV", "block", "credentials"],
  [undefined, ".env.example", "allow"],
  [undefined, "certs/server.key", "block", "credentials"],
  [undefined, "src/key.ts", "allow"],
  [undefined, "keys/id_ed25519", "block", "credentials"],
  [undefined, "keys/id_ed25519.pub", "allow"],
  [undefined, ".husky/pre-commit", "hold", "starts-by-itself"],
  [undefined, ".vscode/tasks.json", "hold", "starts-by-itself"],
  [undefined, ".gitattributes", "hold", "starts-by-itself"],
  [undefined, "docs/husky.md", "allow"],
  [undefined, ".github/workflows/ci.yml", "allow"],
  [undefined, "CODEOWNERS", "allow"],
  ["solo", ".github/workflows/ci.yml", "allow"],
  ["team", "src/price.ts", "allow"],
  ["team", ".env", "block", "credentials"],
  ["team", ".github/workflows/ci.yml", "hold", "ci"],
  ["team", ".gitlab-ci.yml", "hold", "ci"],
  ["team", ".GitHub/Workflows/ci.yml", "hold", "ci"],
  ["team", "src/ci.ts", "allow"],
  ["team", ".github/CODEOWNERS", "hold", "owners"],
  ["team", "docs/owners.md", "allow"],
  ["team", "src/auth/session.ts", "allow"],
  ["strict", "src/price.ts", "allow"],
  ["strict", "src/auth/session.ts", "hold", "sensitive"],
  ["strict", "infra/main.tf", "hold", "sensitive"],
  ["strict", "src/author.ts", "allow"],
];

const permissions = { decision: "block", atGates: "hold", rule: "permissions" } as const;

export const presetCases: readonly ChangeCase[] = [
  ...rows.map(([preset, path, decision, rule]): ChangeCase => ({
    name: `${preset ?? "no file"}: ${path}`,
    ...(preset !== undefined && { policy: `preset: ${preset}\n` }),
    ...create(path),
    decision,
    ...(rule !== undefined && { rule }),
  })),
  { name: "the policy itself: made", ...create(".twolane/policy.yaml"), ...permissions },
  { name: "the policy itself: in other letters", ...create(".TWOLANE/Policy.yaml"), ...permissions },
  { name: "the policy itself: its schema", ...create(".twolane/policy.schema.json"), ...permissions },
  { name: "the policy itself: a dot behind its folder", ...create(".twolane./policy.yaml"), ...permissions },
  {
    name: "the policy itself: moved away",
    policy: "preset: solo\n",
    before: {},
    after: {},
    moved: { "old-policy.yaml": ".twolane/policy.yaml" },
    ...permissions,
  },
  {
    name: "the policy itself: another file takes its place",
    before: { "mine.yaml": "version: 1\npreset: solo\n" },
    after: {},
    moved: { ".twolane/policy.yaml": "mine.yaml" },
    ...permissions,
  },
  { name: "a file that is only called like it", ...create("src/policy.yaml"), decision: "allow" },
  {
    name: "a rule in the place of a preset's of the same name",
    policy: "scope:\n  - unreadable: ['**/*.vault']\n    name: credentials\n",
    ...create("certs/server.key"),
    decision: "allow",
  },
  {
    name: "and what it says instead",
    policy: "scope:\n  - unreadable: ['**/*.vault']\n    name: credentials\n",
    ...create("certs/a.vault"),
    ...{ decision: "block", rule: "credentials" },
  },
];
