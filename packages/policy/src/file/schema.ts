/**
 * The form of a policy file: one definition for reading it and for the published JSON Schema. What only shows when rules are looked at
 * together (`checks.ts`) is not its business.
 */
import { lanes } from "@twolane/protocol";
import { z } from "zod";
import { dependencyChanges, ecosystems, presetNames } from "../rules.ts";

const text = z.string().min(1);
const globs = z.array(text).min(1);
const paths = globs.describe(
  "Globs relative to the workspace. A folder means all below it; `**/` in front means anywhere; `!` takes paths out again.",
);

/** What every rule of a list may say of itself. */
const head = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,59}$/, "a name has letters, digits, `-`, `_` and `.`")
    .optional()
    .describe("How verdicts call the rule. Unique in the file. A rule takes the place of its preset's rule of the same name."),
  reason: text.max(300).optional().describe("Why the rule is there. Whoever it stops is told."),
  matches: z.array(text).optional().describe("Examples that the rule must match. They are checked when the file is read."),
  rejects: z.array(text).optional().describe("Examples that the rule must leave alone. They are checked when the file is read."),
};

const lane = z.enum(lanes).describe("The fast lane answers in seconds, the deep lane works in the background.");

/** A rule has exactly one of its decisions. */
function deciding<Shape extends z.core.$ZodLooseShape>(decisions: readonly (keyof Shape & string)[], shape: Shape) {
  return z
    .strictObject({ ...shape, ...head })
    .meta({ oneOf: decisions.map((key) => ({ type: "object", properties: { [key]: {} }, required: [key] })) })
    .superRefine((rule: object, context) => {
      const said = decisions.filter((key) => key in rule);
      if (said.length === 1) return;
      const shown = decisions.map((key) => `\`${key}\``).join(", ");
      const fault = said.length === 0 ? "the rule decides nothing" : `the rule decides ${said.length} things`;
      context.addIssue({ code: "custom", message: fault, params: { cure: `Give it exactly one of ${shown}.` } });
    });
}

const scopeRule = deciding(["only", "hold", "block", "unreadable"], {
  only: paths.optional().describe("What lies outside of these paths needs a person's yes."),
  hold: paths.optional().describe("A change of these paths needs a person's yes."),
  block: paths.optional().describe("These paths are never changed."),
  unreadable: paths.optional().describe("These paths are neither read into a prompt nor changed."),
});

const limit = z
  .strictObject({
    hold: z.int().min(0).optional().describe("Above it a person must say yes."),
    block: z.int().min(0).optional().describe("Above it nothing lands."),
  })
  .meta({ minProperties: 1 });

const diffRule = z.strictObject({
  per: z.enum(["turn", "change-set"]).describe("A turn is one request; a change set is all of a session, a commit or a branch."),
  lane: lane.optional().describe("Only in this lane; without it in both."),
  files: limit.optional().describe("How many files."),
  lines: limit.optional().describe("How many lines, added and removed together."),
  except: globs.optional().describe("Files that are not counted, e.g. generated ones and lock files."),
  ...head,
});

const changes = z
  .array(z.enum(dependencyChanges))
  .min(1)
  .describe(
    "add: a new one · change: another version · source: from elsewhere than the registry · script: it runs something when it is " +
      "installed · import: code uses a package that no manifest names · lock: manifest and lock file do not agree",
  );

const dependencyRule = deciding(["allow", "hold", "block"], {
  allow: changes.optional(),
  hold: changes.optional(),
  block: changes.optional(),
  ecosystems: z.array(z.enum(ecosystems)).min(1).optional().describe("Only these; npm stands for pnpm and yarn as well."),
  packages: globs.optional().describe('Globs of package names, e.g. "@types/*".'),
});

const lines = z
  .array(text)
  .min(1)
  .describe("Words of a command. `*` stands for one word or a part of it, `**` at the end for any number of words.");

const commandRule = deciding(["allow", "hold", "block"], {
  allow: lines.optional(),
  hold: lines.optional(),
  block: lines.optional(),
  network: z.boolean().optional().describe("An allowed command may use the network."),
  write: z.array(text).min(1).optional().describe("Where an allowed command may write besides the workspace: `/…` or `~/…`."),
});

const reviewRule = z.strictObject({
  paths,
  approvals: z.int().min(1).max(20).default(1).describe("How many people."),
  by: globs.optional().describe("Who may: logins, e-mail addresses, `@org/team`. Without it anybody but the author."),
  codeowners: z.boolean().default(false).describe("The owners that CODEOWNERS names may as well."),
  own: z.boolean().default(false).describe("The author's own approval counts."),
  ...head,
});

const auditContent = z.enum(["none", "hash", "full"]);

const dataRule = z.strictObject({
  class: text.max(60).describe("Name of the data class, e.g. customer."),
  paths,
  lanes: z.array(lane).min(1).optional().describe("Only these lanes may see it."),
  providers: globs
    .optional()
    .describe("Only these providers, as `twolane doctor` names them; `local` is what stays on the machine."),
  regions: globs.optional().describe("Only providers in these regions."),
  retention: z.literal("none").optional().describe("Only providers that are known to keep nothing."),
  audit: auditContent.optional().describe("What the audit keeps of content of this class."),
  ...head,
});

const laneRule = z
  .strictObject({
    lane: lane.describe("Where such requests belong. The person is told, and has the last word."),
    paths: paths.optional().describe("The request names such a path."),
    words: z
      .array(text.max(100))
      .min(1)
      .max(100)
      .optional()
      .describe("The request has one of these words or phrases, whole and in any case."),
    filesOver: z.int().min(0).optional().describe("The request names more files than that."),
    ...head,
  })
  .meta({
    anyOf: ["paths", "words", "filesOver"].map((key) => ({ type: "object", properties: { [key]: {} }, required: [key] })),
  });

const secrets = z.strictObject({
  prompts: z
    .enum(["replace", "block"])
    .optional()
    .describe("A secret on its way into a prompt is replaced, or stops the prompt."),
  edits: z.enum(["hold", "block"]).optional().describe("What becomes of a hunk that adds a secret."),
  except: globs.optional().describe("Files in which made-up secrets stand, e.g. test fixtures."),
});

const tests = z.strictObject({
  auto: z.enum(["off", "ask", "impacted"]).optional().describe("Whether the tests that a change can reach run by themselves."),
  command: text.optional().describe("A shell line; {files} becomes the chosen test files. Without it the runner that is found."),
  required: z.boolean().optional().describe("A commit wants passed tests for what it commits."),
  tell: z.boolean().optional().describe("The first failure is told to the model, once."),
  weakened: z
    .enum(["allow", "hold", "block"])
    .optional()
    .describe("What becomes of a hunk that removes, skips or weakens a test."),
  timeout: z.int().min(1).max(3600).optional().describe("Seconds."),
});

const audit = z.strictObject({
  content: auditContent.optional().describe("What is kept of prompts and outputs."),
  keep: z.int().min(0).optional().describe("Days; 0: for ever."),
  trailer: z.boolean().optional().describe("The head's hash goes into the trailers of a commit."),
});

const models = z.strictObject({
  served: z
    .enum(["allow", "hold", "block"])
    .optional()
    .describe("What becomes of a turn that another model or service tier answers than was asked for."),
  allow: globs.optional().describe("What may answer all the same: names of models, e.g. gpt-5*, or tier:NAME."),
});

const telemetry = z.strictObject({
  content: z.boolean().optional().describe("What people and models wrote goes to the receiver of telemetry."),
});

const format = z.strictObject({
  command: text.describe("A shell line that reads a file on standard input and writes it formatted; {file} becomes its path."),
});

export const policyFile = z
  .strictObject({
    version: z.literal(1).describe("The form of the file."),
    preset: z.enum(presetNames).optional().describe("Rules that ship with twolane; the file's own come on top."),
    scope: z.array(scopeRule).max(1000).optional().describe("Which paths may be changed and read."),
    diff: z.array(diffRule).max(100).optional().describe("How large a change may be."),
    dependencies: z
      .array(dependencyRule)
      .max(1000)
      .optional()
      .describe("What of dependencies needs a person. The narrowest rule that matches decides."),
    commands: z
      .array(commandRule)
      .max(1000)
      .optional()
      .describe("Which commands may run. The most specific rule that matches decides."),
    secrets: secrets.optional(),
    tests: tests.optional(),
    review: z.array(reviewRule).max(1000).optional().describe("What a named person sees before merge."),
    data: z.array(dataRule).max(1000).optional().describe("Who may see which files."),
    lanes: z.array(laneRule).max(100).optional().describe("Which requests belong in the fast lane, and which in the deep one."),
    audit: audit.optional(),
    models: models.optional(),
    telemetry: telemetry.optional(),
    format: format.optional(),
  })
  .meta({ title: "The policy of a workspace", description: "See docs/policy.md of twolane." });

export type PolicyFile = z.output<typeof policyFile>;

/** What editors complete and check the file with. */
export function policySchema(): object {
  return z.toJSONSchema(policyFile, { target: "draft-7", io: "input" });
}

/** The keys that stand at a place of the file. */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = policyFile;
  for (const step of path) {
    at = inner(at);
    if (at instanceof z.ZodObject) at = at.shape[step.toString()];
    else if (at instanceof z.ZodArray) at = at.element;
    else return [];
  }
  at = inner(at);
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function inner(schema: unknown): unknown {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? inner(schema.unwrap()) : schema;
}
