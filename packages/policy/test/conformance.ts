/**
 * The one table of cases: a policy, a change or command, and what is decided. Every gate runs it: the judge alone here, the loop, the gate
 * at commit and in CI in the engine's tests. Each rule is there both ways: what it stops, and what it lets through beside it.
 */
import { commandCases } from "./conformance/command-cases.ts";
import { dataCases } from "./conformance/data-cases.ts";
import { dependencyCases } from "./conformance/dependency-cases.ts";
import { laneCases } from "./conformance/lane-cases.ts";
import { presetCases } from "./conformance/preset-cases.ts";
import { scopeCases } from "./conformance/scope-cases.ts";
import { secretCases } from "./conformance/secret-cases.ts";
import { servedCases } from "./conformance/served-cases.ts";
import { sizeCases } from "./conformance/size-cases.ts";
import { tellCases } from "./conformance/tell-cases.ts";
import { testCases } from "./conformance/test-cases.ts";
import type { ChangeCase } from "./conformance/cases.ts";

export type { ChangeCase, CommandCase, ReadCase, ServedCase } from "./conformance/cases.ts";
export { commandCases, dataCases, laneCases, servedCases, tellCases };

export const changeCases: readonly ChangeCase[] = [
  ...scopeCases,
  ...presetCases,
  ...sizeCases,
  ...dependencyCases,
  ...secretCases,
  ...testCases,
];
