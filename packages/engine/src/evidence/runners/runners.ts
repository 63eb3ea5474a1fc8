/** The table of runners, in the order in which a package is looked at. */
import { cargoTest } from "./cargo-test.ts";
import { goTest } from "./go-test.ts";
import { jest } from "./jest.ts";
import { mocha } from "./mocha.ts";
import { nodeTest } from "./node-test.ts";
import { pytest } from "./pytest.ts";
import type { RunnerKind } from "./runner.ts";
import { vitest } from "./vitest.ts";

/** Of each language at most one is taken: the one that the test script names, else the first that is there. */
export const runnerGroups: readonly (readonly RunnerKind[])[] = [
  [vitest, jest, mocha, nodeTest],
  [pytest],
  [goTest],
  [cargoTest],
];
