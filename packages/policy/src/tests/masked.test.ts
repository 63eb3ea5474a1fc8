/** Whatever the text is: masking keeps every place, and reading it for tests ends soon. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { goTests, rustTests } from "./bracket-tests.ts";
import { goMasking, masked, pythonMasking, rustMasking, scriptMasking } from "./masked.ts";
import { pythonTests } from "./python-tests.ts";
import { scriptTests } from "./script-tests.ts";
import { leastCpuMs } from "../../../../tools/cpu-time.ts";

const pieces = fc.constantFrom(
  ...[
    'it("a", () => {',
    "})",
    "expect(",
    ").toBe(1)",
    "describe.skip(",
    '"',
    "'",
    "`",
    "${",
    "/*",
    "*/",
    "//",
    "/",
    "\\",
    "\n",
    "{",
    "}",
    "(",
  ],
  ...[
    '"""',
    "#",
    "def test_a():\n",
    "  assert ",
    "class TestA:\n",
    "#[test]\n",
    "fn a() {",
    "func TestA(t *testing.T) {",
    "t.Skip(",
    "é",
    " ",
  ],
);
const texts = fc.array(pieces, { maxLength: 200 }).map((parts) => parts.join(""));

it("keeps length and lines", () => {
  fc.assert(
    fc.property(texts, fc.constantFrom(scriptMasking, pythonMasking, goMasking, rustMasking), (text, masking) => {
      const code = masked(text, masking);
      expect(code.length).toBe(text.length);
      expect([...code.matchAll(/\n/g)].map(({ index }) => index)).toEqual([...text.matchAll(/\n/g)].map(({ index }) => index));
    }),
  );
});

it("reads any text", () => {
  fc.assert(
    fc.property(texts, (text) => [scriptTests, pythonTests, goTests, rustTests].every((read) => read(text).items.length >= 0)),
  );
});

it.each(["(", "{ ", "it(", "expect(", "#[test]\n", "catch {", "class TestA\n", "  @x\n", "assert a.", '"""', "`", "/*"])(
  "does not take long over ten thousand of %j",
  (piece) => {
    const text = piece.repeat(10_000);
    const ms = leastCpuMs(1, () => {
      for (const read of [scriptTests, pythonTests, goTests, rustTests]) read(text);
    });
    expect(ms).toBeLessThan(3000);
  },
);
