/** Dependencies: what comes with an addition, another version, a source, a script, an import. */
import type { ChangeCase } from "./cases.ts";

export const dependencyCases: readonly ChangeCase[] = [];
