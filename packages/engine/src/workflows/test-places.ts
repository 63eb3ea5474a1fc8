/** Where the tests of a project lie, as patterns that a request may be limited to. By names alone. */

interface TestForm {
  readonly glob: string;
  readonly matches: RegExp;
}

const forms: readonly TestForm[] = [
  ...["test", "tests", "__tests__", "spec", "specs", "e2e"].map((folder) => ({
    glob: `**/${folder}/**`,
    matches: new RegExp(`(?:^|/)${folder}/`),
  })),
  ...["test", "spec"].map((word) => ({ glob: `**/*.${word}.*`, matches: new RegExp(`\\.${word}\\.[cm]?\\w+$`) })),
  { glob: "**/*_test.*", matches: /_test\.\w+$/ },
  { glob: "**/test_*", matches: /(?:^|\/)test_[^/]*$/ },
  { glob: "**/*Test.*", matches: /[a-z\d]Test\.\w+$/ },
  { glob: "**/*Tests.*", matches: /[a-z\d]Tests\.\w+$/ },
];

/** Of a project without tests: where those of its language usually lie. */
const usual = ["**/test/**", "**/tests/**", "**/*.test.*", "**/*_test.*", "**/test_*"];

/** At least one. */
export function testPlaces(paths: readonly string[]): readonly string[] {
  const found = forms.filter(({ matches }) => paths.some((path) => matches.test(path))).map(({ glob }) => glob);
  return found.length > 0 ? found : usual;
}
