/** What runners print where nothing failed, and what looks like it. */
import { expect, it } from "vitest";
import { saysPassed } from "./passing-output.ts";

it.each([
  "1..3\n# tests 3\n# pass 3\n# fail 0\n",
  "ℹ pass 3\nℹ fail 0\n",
  " Test Files  1 passed (1)\n      Tests  12 passed | 1 skipped (13)\n",
  "Tests:       1 skipped, 4 passed, 5 total\n",
  "  4 passing (12ms)\n",
  "===== 3 passed, 1 skipped in 0.12s =====\n",
  "test result: ok. 3 passed; 0 failed; 0 ignored\n",
  "ok  \texample.org/shop\t0.004s\n",
])("says that nothing failed: %j", (output) => expect(saysPassed(output)).toBe(true));

it.each([
  "# pass 2\n# fail 1\n",
  "      Tests  1 failed | 2 passed (3)\n",
  "Tests:       1 failed, 2 passed, 3 total\n",
  "  4 passing (12ms)\n  1 failing\n",
  "===== 1 failed, 3 passed in 0.12s =====\n",
  "test result: ok. 1 passed\ntest result: FAILED. 0 passed; 1 failed\n",
  "ok  \texample.org/a\t0.004s\nFAIL\texample.org/b [build failed]\n",
  "# pass 2\n# fail 0\nnpm error Lifecycle script `lint` failed\n",
  "the server answers with 500\n",
  "",
])("does not: %j", (output) => expect(saysPassed(output)).toBe(false));
