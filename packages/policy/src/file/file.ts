/** The second door of the package: policy files as text. Loads a YAML reader and a schema, so only who needs them opens it. */
export { type PolicyDraft, draftPolicy } from "./draft.ts";
export { factFiles } from "./repository-facts.ts";
export { type ReadPolicy, readPolicy } from "./read-policy.ts";
export type { PolicyProblem } from "./problems.ts";
export { policySchema } from "./schema.ts";
export { type PromptFile, type ReadPrompt, readPrompt } from "./read-prompt.ts";
export { type ReadSkill, type SkillFile, readSkill } from "./read-skill.ts";
