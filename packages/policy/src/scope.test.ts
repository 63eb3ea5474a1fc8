import { describe, expect, it } from "vitest";
import { compileScope } from "./scope.ts";

function decide(patterns: string[], path: string): string {
  const scope = compileScope(patterns);
  if (!scope.ok) throw new Error(scope.failure.message);
  return scope.value(path).decision;
}

describe("scope", () => {
  it.each([
    [["src/auth/session.ts"], "src/auth/session.ts", "allow"],
    [["src/auth/session.ts"], "src/auth/session.test.ts", "hold"],
    [["src/auth"], "src/auth/deep/er.ts", "allow"],
    [["src/auth/"], "src/auth/deep/er.ts", "allow"],
    [["src/auth"], "src/authority.ts", "hold"],
    [["./src"], "src/a.ts", "allow"],
    [["."], "anything/at/all", "allow"],
    [["src/**/*.ts"], "src/a/b.ts", "allow"],
    [["src/**/*.ts"], "src/a/b.js", "hold"],
    [["src", "!src/generated"], "src/generated/a.ts", "hold"],
    [["!infra"], "src/a.ts", "allow"],
    [["!infra"], "infra/main.tf", "hold"],
    [["!infra"], "INFRA/main.tf", "hold"],
    [["!caf\u00e9"], "cafe\u0301/x", "hold"],
    [["src/a.ts"], "SRC/A.ts", "hold"],
    [["src"], ".env", "hold"],
    [["**"], ".github/workflows/ci.yml", "allow"],
    [["src/[id].ts"], "src/[id].ts", "allow"],
    [[], "x", "allow"],
  ])("%j decides %s as %s", (patterns, path, decision) => {
    expect(decide(patterns, path)).toBe(decision);
  });

  it("names the scope and the way out", () => {
    const scope = compileScope(["src"]);
    expect(scope.ok && scope.value("lib/a.ts")).toEqual({
      decision: "hold",
      rule: "scope",
      reason: "lib/a.ts is outside the scope src",
      wayOut: "Widen --scope, or ask for a change inside src.",
    });
  });

  it.each(["", "!", "/etc", "../x", "a/../../b"])("refuses the pattern %j", (pattern) => {
    const scope = compileScope([pattern]);
    expect(!scope.ok && scope.failure.code).toBe("USAGE");
  });
});
