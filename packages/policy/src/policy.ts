/** The door of the package: policy in, verdicts out, no IO. */
export { type Codeowners, codeownersPaths, readCodeowners } from "./codeowners.ts";
export { compilePolicy } from "./compile.ts";
export { tightenOnly } from "./layers.ts";
export { type Scope, compileScope, everywhere } from "./scope.ts";
export type * from "./facts.ts";
export { apiChanges } from "./api/api-changes.ts";
export { type ConstraintJudge, compileConstraints } from "./constraints/constraint-judge.ts";
export { constraintText } from "./constraints/constraint-text.ts";
export { constraintsIn, joinConstraints } from "./constraints/constraints-in.ts";
export type { CommandVerdict, PolicyJudge, Refusal } from "./judge.ts";
export { presetNames } from "./rules.ts";
export type * from "./rules.ts";
export { findSecrets } from "./secrets/scanner.ts";
export { isMadeUpSecret } from "./secrets/compile-secrets.ts";
export { type HidingStream, type SecretVault, createSecretVault, environmentSecrets } from "./secrets/secret-vault.ts";
export { writtenByTool } from "./tool-written.ts";
export { type RequestAdvice, requestAdvice } from "./requests/request-advice.ts";
export { isTestFile } from "./tests/test-files.ts";
