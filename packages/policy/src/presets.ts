/**
 * The presets that ship with twolane, as data, so that a start without a policy file reads and parses nothing. Each holds what the
 * one before it holds. A file's own rule takes the place of its preset's rule of the same name.
 */
import type { DependencyRule, DiffRule, PolicyRules, PresetName, ReviewRule, RuleHead, ScopeRule } from "./rules.ts";
import type { AuditSettings, SecretSettings, TestSettings } from "./rules.ts";

/** The rule that no file replaces or loosens: what decides permissions is never written by the loop. */
export const permissionsRule = "permissions";

const head = (name: string, reason: string, examples: Pick<RuleHead, "matches" | "rejects">): RuleHead => ({
  name,
  line: 0,
  reason,
  ...examples,
});

const permissions: ScopeRule = {
  ...head(permissionsRule, "What decides permissions is written by people only.", {
    matches: [".twolane/policy.yaml", ".twolane/policy.schema.json", ".TWOLANE/Policy.yaml"],
    rejects: ["src/policy.yaml", "docs/twolane.md"],
  }),
  effect: "block",
  paths: [".twolane/**"],
};

const credentials: ScopeRule = {
  ...head("credentials", "Credentials stay out of prompts.", {
    matches: [".env", "app/.env.local", "certs/server.key", "home/.ssh/config", ".Env"],
    rejects: [".env.example", "src/env.ts", "certs/readme.md", "keys/id_ed25519.pub"],
  }),
  effect: "unreadable",
  paths: [
    ...["**/.env", "**/.env.*", "**/.envrc"],
    ...["!**/.env.example", "!**/.env.sample", "!**/.env.template", "!**/.env.dist", "!**/.env.defaults"],
    ...["**/*.pem", "**/*.key", "**/*.p12", "**/*.pfx", "**/*.jks", "**/*.keystore", "**/*.kdbx"],
    ...["**/id_rsa*", "**/id_dsa*", "**/id_ecdsa*", "**/id_ed25519*", "!**/*.pub"],
    ...["**/.ssh/**", "**/.gnupg/**", "**/.netrc", "**/.pgpass", "**/.pypirc", "**/.git-credentials", "**/.htpasswd"],
    ...["**/.aws/credentials", "**/.docker/config.json", "**/.kube/config", "**/.config/gh/hosts.yml"],
    ...["**/credentials.json", "**/service-account*.json", "**/*.tfstate", "**/*.tfstate.backup"],
  ],
};

const startsByItself: ScopeRule = {
  ...head("starts-by-itself", "It runs or allows things on this machine without being asked again.", {
    matches: [".husky/pre-commit", ".githooks/pre-push", ".vscode/tasks.json", ".claude/settings.json", ".mcp.json"],
    rejects: [".vscode/notes.md", "src/hooks/use-price.ts"],
  }),
  effect: "hold",
  paths: [
    ...[
      "**/.husky/**",
      "**/.githooks/**",
      "**/lefthook.yml",
      "**/lefthook.yaml",
      "**/.lefthook.yml",
      "**/.lefthook.yaml",
      "**/.pre-commit-config.yml",
      "**/.pre-commit-config.yaml",
    ],
    ...["**/.gitattributes", "**/.gitmodules", "**/.gitconfig"],
    ...["**/.vscode/tasks.json", "**/.vscode/settings.json", "**/.vscode/launch.json", "**/*.code-workspace", "**/.idea/**"],
    ...["**/.devcontainer/**", "**/.mcp.json", "**/.cursor/**", "**/.claude/**", "**/.codex/**", "**/.gemini/**"],
  ],
};

const dependencyAdditions: DependencyRule = {
  ...head("dependencies", "A new dependency is a decision of its own.", { matches: ["left-pad@1.3.0"], rejects: [] }),
  decision: "hold",
  changes: ["add", "source", "script", "import"],
};

const solo: PolicyRules = {
  scope: [permissions, credentials, startsByItself],
  diff: [],
  dependencies: [dependencyAdditions],
  commands: [],
  review: [],
  data: [],
};

const ci: ScopeRule = {
  ...head("ci", "It runs with the rights of the pipeline.", {
    matches: [".github/workflows/ci.yml", ".gitlab-ci.yml", "Jenkinsfile"],
    rejects: ["src/ci.ts", ".github/ISSUE_TEMPLATE/bug.md"],
  }),
  effect: "hold",
  paths: [
    ...[
      ".github/workflows/**",
      ".github/actions/**",
      ".github/dependabot.yml",
      ".github/dependabot.yaml",
      ".gitlab-ci.yml",
      ".gitlab-ci.yaml",
      ".gitlab/ci/**",
    ],
    ...[
      ".circleci/**",
      ".buildkite/**",
      ".drone.yml",
      ".drone.yaml",
      ".travis.yml",
      ".travis.yaml",
      "azure-pipelines.yml",
      "azure-pipelines.yaml",
      "**/Jenkinsfile",
    ],
    ...[
      "bitbucket-pipelines.yml",
      "bitbucket-pipelines.yaml",
      ".woodpecker/**",
      ".woodpecker.yml",
      ".woodpecker.yaml",
      ".forgejo/workflows/**",
      ".gitea/workflows/**",
    ],
  ],
};

const owners: ScopeRule = {
  ...head("owners", "It says who must look at a change.", {
    matches: ["CODEOWNERS", ".github/CODEOWNERS"],
    rejects: ["docs/owners.md"],
  }),
  effect: "hold",
  paths: ["CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS"],
};

/** What nobody reads line by line is not counted. */
const uncounted: readonly string[] = [
  ...["**/package-lock.json", "**/npm-shrinkwrap.json", "**/pnpm-lock.yaml", "**/yarn.lock", "**/bun.lock", "**/uv.lock"],
  ...["**/poetry.lock", "**/Cargo.lock", "**/go.sum", "**/*.snap", "**/*.min.js", "**/*.map"],
];

const size = (
  name: string,
  per: DiffRule["per"],
  limits: { readonly files: readonly [number, number]; readonly lines: readonly [number, number] },
): DiffRule => ({
  ...head(name, "What is larger than a person can read is split.", { matches: ["src/price.ts"], rejects: ["package-lock.json"] }),
  per,
  files: { hold: limits.files[0], block: limits.files[1] },
  lines: { hold: limits.lines[0], block: limits.lines[1] },
  except: uncounted,
});

const everyChange: DependencyRule = {
  ...dependencyAdditions,
  reason: "A dependency is a decision of its own.",
  changes: ["add", "change", "source", "script", "import", "lock"],
};

const review = (name: string, reason: string, rule: Pick<ReviewRule, "paths" | "matches" | "rejects">): ReviewRule => ({
  ...head(name, reason, rule),
  paths: rule.paths,
  approvals: 1,
  by: [],
  codeowners: true,
  own: false,
});

const reviewPolicy = review("review-policy", "The rules are changed by two people.", {
  paths: [".twolane/**", ...ci.paths, ...owners.paths],
  matches: [".twolane/policy.yaml", ".github/workflows/ci.yml", "CODEOWNERS"],
  rejects: ["src/price.ts"],
});

const sensitive: readonly string[] = [
  ...["**/auth/**", "**/authentication/**", "**/authorization/**", "**/crypto/**", "**/security/**"],
  ...["**/infra/**", "**/terraform/**", "**/*.tf", "**/k8s/**", "**/helm/**", "**/Dockerfile", "**/migrations/**"],
];

const reviewSensitive = review("review-sensitive", "A mistake here costs more than the review.", {
  paths: sensitive,
  matches: ["src/auth/session.ts", "infra/main.tf", "db/migrations/0001.sql"],
  rejects: ["src/author.ts", "src/price.ts"],
});

const team: PolicyRules = {
  ...solo,
  scope: [...solo.scope, ci, owners],
  diff: [
    size("turn-size", "turn", { files: [20, 100], lines: [400, 4000] }),
    size("change-size", "change-set", { files: [40, 200], lines: [1000, 8000] }),
  ],
  dependencies: [everyChange],
  review: [reviewPolicy, reviewSensitive],
};

const strict: PolicyRules = {
  ...team,
  scope: [
    ...team.scope,
    {
      ...head("sensitive", "A mistake here costs more than the question.", {
        matches: reviewSensitive.matches,
        rejects: reviewSensitive.rejects,
      }),
      effect: "hold",
      paths: sensitive,
    },
  ],
  diff: [
    size("turn-size", "turn", { files: [8, 40], lines: [200, 2000] }),
    size("change-size", "change-set", { files: [20, 100], lines: [500, 4000] }),
  ],
  review: [
    reviewPolicy,
    reviewSensitive,
    review("review-all", "Every change is seen by a second person.", { paths: ["**"], matches: ["src/price.ts"], rejects: [] }),
  ],
  tests: { required: true },
};

export const presets: Readonly<Record<PresetName, PolicyRules>> = { solo, team, strict };

/** What holds where no layer says anything. */
export const defaultSettings: {
  readonly secrets: SecretSettings;
  readonly tests: TestSettings;
  readonly audit: AuditSettings;
} = {
  secrets: { prompts: "replace", edits: "hold", except: [] },
  tests: { auto: "impacted", required: false, tell: true, weakened: "hold", timeout: 120 },
  audit: { content: "hash", keep: 90, trailer: false },
};
