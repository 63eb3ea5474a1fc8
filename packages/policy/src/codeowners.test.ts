import { describe, expect, it } from "vitest";
import { readCodeowners } from "./codeowners.ts";

const owners = (text: string, ...paths: readonly string[]) => {
  const of = readCodeowners(text);
  return Object.fromEntries(paths.map((path) => [path, of(path).join(" ")]));
};

describe("CODEOWNERS", () => {
  it("lets the last matching line decide, with patterns as in .gitignore", () => {
    const text = `# who looks at what
*       @org/all
*.js    @js # a comment
/build/logs/  @docs
docs/*  docs@example.org
apps/   @apps
/scripts/run.sh @a @b
**/logs @logs
/apps/github
my\\ file.txt @blank
`;
    expect(
      owners(text, "a.ts", "x/y.js", "build/logs/z.log", "docs/a.md", "docs/x/a.md", "x/apps/y.ts", "scripts/run.sh"),
    ).toEqual({
      "a.ts": "@org/all",
      "x/y.js": "@js",
      // The line below it matches as well, and stands last.
      "build/logs/z.log": "@logs",
      "docs/a.md": "docs@example.org",
      "docs/x/a.md": "@org/all",
      "x/apps/y.ts": "@apps",
      "scripts/run.sh": "@a @b",
    });
    expect(owners(text, "apps/github", "apps/github/x.ts", "deep/logs/x", "my file.txt", ".hidden")).toEqual({
      "apps/github": "",
      "apps/github/x.ts": "",
      "deep/logs/x": "@logs",
      "my file.txt": "@blank",
      ".hidden": "@org/all",
    });
  });

  it("asks every section of GitLab's form, with its default owners, and no optional one", () => {
    const text = `* @lead
[Docs][2] @writers
docs/
README.md @one
^[Nice to have] @maybe
*.ts
[Docs]
docs/api/ @api
!docs/api/generated.md
`;
    expect(owners(text, "docs/a.md", "README.md", "src/a.ts", "docs/api/x.md", "docs/api/generated.md")).toEqual({
      "docs/a.md": "@lead @writers",
      "README.md": "@lead @one",
      "src/a.ts": "@lead",
      "docs/api/x.md": "@lead @api",
      "docs/api/generated.md": "@lead",
    });
  });

  it("owns nothing where nothing is said", () => {
    expect(owners("", "a")).toEqual({ a: "" });
    expect(owners("src/ @x", "a", "srcs/b")).toEqual({ a: "", "srcs/b": "" });
    expect(owners("[broken @x\n\\ \n[", "a")).toEqual({ a: "" });
  });
});
