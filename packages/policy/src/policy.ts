/** The door of the package: policy in, verdicts out, no IO. */
export { type Scope, compileScope, everywhere } from "./scope.ts";
