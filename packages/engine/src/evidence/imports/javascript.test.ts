/** What a script names: code counts, examples in descriptions do not. */
import { expect, it } from "vitest";
import { scanScript } from "./javascript.ts";

it("leaves out descriptions, and nothing of the code around them", () => {
  const text = [
    'import { a } from "./a.js"; /* inner */ import { b } from "./b.js";',
    "/**",
    " * Adds.",
    ' * @example import { add } from "shop"; // the package itself: all of it',
    " */",
    'export * from "./c.js";',
    '  /** @type {import("./types.js").Shop} */ export const shop = require("./d.js");',
    'const files = glob("src/**/*.ts"); const more = "./data/**/x.json";',
    'export { e } from "./e.js"; /** said behind code */',
    'import "./f.js";',
    '/**/ import "./g.js"; /* end */',
  ].join("\n");
  const named = scanScript(text);
  for (const name of "abcdefg") expect(named).toContain(`./${name}.js`);
  expect(named).toContain("src/*");
  expect(named).not.toContain("shop");
  expect(named).not.toContain("./types.js");
});
