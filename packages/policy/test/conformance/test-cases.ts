/** Tests: a hunk after which they check less. */
import type { ChangeCase } from "./cases.ts";

export const testCases: readonly ChangeCase[] = [];
