/** Scope: which paths may be changed. */
import type { ChangeCase } from "./cases.ts";

const source = { "src/price.ts": "export const price = 1;\n" };
const edited = { "src/price.ts": "export const price = 2;\n" };

const only = "scope:\n  - only: [src/**, '!src/generated']\n";
const hold = "scope:\n  - hold: [infra/**]\n    name: infra\n    reason: The platform team looks at these.\n";
const block = "scope:\n  - block: [vendor/**]\n    name: vendor\n";
const unreadable = "scope:\n  - unreadable: [secrets/**]\n    name: hidden\n";

const create = (path: string): Pick<ChangeCase, "before" | "after"> => ({ before: source, after: { [path]: "x = 1\n" } });
const change = (path: string): Pick<ChangeCase, "before" | "after"> => ({
  before: { ...source, [path]: "x = 1\n" },
  after: { [path]: "x = 2\n" },
});
const remove = (path: string): Pick<ChangeCase, "before" | "after"> => ({
  before: { ...source, [path]: "x = 1\n" },
  after: { [path]: undefined },
});
const move = (from: string, to: string): Pick<ChangeCase, "before" | "after" | "moved"> => ({
  before: { ...source, [from]: "x = 1\ny = 2\nz = 3\n" },
  after: {},
  moved: { [to]: from },
});

export const scopeCases: readonly ChangeCase[] = [
  { name: "an edit where nothing is said", before: source, after: edited, decision: "allow" },
  { name: "only: inside", policy: only, before: source, after: edited, decision: "allow" },
  { name: "only: outside", policy: only, ...create("docs/a.md"), decision: "hold", rule: "scope-1" },
  { name: "only: what is taken out of it", policy: only, ...create("src/generated/a.ts"), decision: "hold", rule: "scope-1" },
  {
    name: "only: let in as it is written, not as it could be",
    policy: only,
    ...create("SRC/a.ts"),
    decision: "hold",
    rule: "scope-1",
  },
  { name: "hold: a new file", policy: hold, ...create("infra/main.tf"), decision: "hold", rule: "infra" },
  { name: "hold: a changed file", policy: hold, ...change("infra/main.tf"), decision: "hold", rule: "infra" },
  { name: "hold: a deleted file", policy: hold, ...remove("infra/main.tf"), decision: "hold", rule: "infra" },
  { name: "hold: deep inside", policy: hold, ...create("infra/a/b/c.tf"), decision: "hold", rule: "infra" },
  { name: "hold: a file beside it", policy: hold, ...create("src/infra.ts"), decision: "allow" },
  { name: "hold: a folder that begins like it", policy: hold, ...create("infrared/a.ts"), decision: "allow" },
  { name: "hold: in capitals", policy: hold, ...create("INFRA/main.tf"), decision: "hold", rule: "infra" },
  { name: "hold: a move out of it", policy: hold, ...move("infra/main.tf", "src/main.tf"), decision: "hold", rule: "infra" },
  { name: "hold: a move into it", policy: hold, ...move("src/main.tf", "infra/main.tf"), decision: "hold", rule: "infra" },
  { name: "hold: a move elsewhere", policy: hold, ...move("src/a.tf", "src/b.tf"), decision: "allow" },
  {
    name: "hold: composed and decomposed letters",
    policy: "scope:\n  - hold: ['café/**']\n    name: cafe\n",
    ...create("cafe\u0301/menu.ts"),
    ...{ decision: "hold", rule: "cafe" },
  },
  {
    name: "hold: a letter whose capital is another one's",
    policy: "scope:\n  - hold: [secrets-of-state/**]\n    name: state\n",
    ...create("\u017fecrets-of-state/a.ts"),
    ...{ decision: "hold", rule: "state" },
  },
  { name: "block: a new file", policy: block, ...create("vendor/lib.js"), decision: "block", rule: "vendor" },
  { name: "block: a deleted file", policy: block, ...remove("vendor/lib.js"), decision: "block", rule: "vendor" },
  { name: "block: a move out of it", policy: block, ...move("vendor/lib.js", "src/lib.js"), decision: "block", rule: "vendor" },
  { name: "block: a file beside it", policy: block, ...create("src/vendor.ts"), decision: "allow" },
  { name: "unreadable: written", policy: unreadable, ...change("secrets/db.txt"), decision: "block", rule: "hidden" },
  { name: "unreadable: a file beside it", policy: unreadable, ...change("src/secrets.ts"), decision: "allow" },
  {
    name: "the strictest of two rules",
    policy: "scope:\n  - hold: [src/pay/**]\n  - block: [src/pay/keys/**]\n    name: keys\n",
    ...create("src/pay/keys/a.ts"),
    ...{ decision: "block", rule: "keys" },
  },
  {
    name: "layers: an organisation's rule over a project that says nothing of it",
    above: [{ kind: "organisation", text: "scope:\n  - block: [src/core/**]\n    name: org-core\n" }],
    policy: "scope:\n  - only: [src/**]\n",
    ...create("src/core/a.ts"),
    ...{ decision: "block", rule: "org-core" },
  },
  {
    name: "layers: a project tightens what an organisation leaves open",
    above: [{ kind: "organisation", text: "scope:\n  - hold: [src/core/**]\n" }],
    policy: "scope:\n  - block: [src/core/**]\n    name: project-core\n",
    ...create("src/core/a.ts"),
    ...{ decision: "block", rule: "project-core" },
  },
  {
    name: "layers: a project's rule of the same name replaces no organisation's",
    above: [{ kind: "organisation", text: "preset: strict\n" }],
    policy: "scope:\n  - hold: [nothing/**]\n    name: ci\n",
    ...create(".github/workflows/ci.yml"),
    ...{ decision: "hold", rule: "ci" },
  },
  {
    name: "layers: what neither speaks of",
    above: [{ kind: "user", text: "scope:\n  - block: [private/**]\n" }],
    policy: "scope:\n  - hold: [infra/**]\n",
    ...create("src/a.ts"),
    decision: "allow",
  },
];
