import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { kpiDefinitions } from "../packages/protocol/src/kpi/kpis.ts";
import { withDefinitions } from "./kpi-docs.ts";

const path = fileURLToPath(new URL("../docs/kpis.md", import.meta.url));

it("docs/kpis.md says what the definitions say (UPDATE_DOCS=1 writes it anew)", () => {
  const current = withDefinitions(readFileSync(path, "utf8"));
  if (process.env["UPDATE_DOCS"] === "1") writeFileSync(path, current);
  expect(readFileSync(path, "utf8")).toBe(current);
  for (const { definition } of kpiDefinitions) expect(current).toContain(definition);
});
