/** The table of runners, in the order in which a package is looked at. */
import { jest } from "./jest.ts";
import { nodeTest } from "./node-test.ts";
import type { RunnerKind } from "./runner.ts";
import { vitest } from "./vitest.ts";

/** Of each language at most one is taken. */
export const runnerGroups: readonly (readonly RunnerKind[])[] = [[vitest, jest, nodeTest]];
