/**
 * Scope: which paths the loop may touch. The first rule of the policy; text in, verdict out.
 * Whether a path lies in the workspace at all is the writer's business (`engine/host`), not this rule's.
 */
import picomatch from "picomatch";
import { type Result, type Verdict, fail, succeed } from "@twolane/protocol";

/** Paths relative to the workspace, `/` as separator. */
export type Scope = (path: string) => Verdict;

export const everywhere: Scope = () => ({ decision: "allow" });

/**
 * Compiles patterns into a scope. A pattern is a file, a folder (with all below it) or a glob; one that begins with `!`
 * takes paths out again. No pattern allows everything; only `!` patterns allow all but those.
 * A path is taken out in every spelling that differs only in case or Unicode composition, so that a file system that folds
 * them lets nothing through; it is let in only as it is written.
 */
export function compileScope(patterns: readonly string[]): Result<Scope> {
  if (patterns.length === 0) return succeed(everywhere);
  const allowed: Matcher[] = [];
  const excluded: Matcher[] = [];
  for (const pattern of patterns) {
    const negative = pattern.startsWith("!");
    const body = negative ? fold(pattern.slice(1)) : pattern.normalize("NFC");
    if (body === "" || body.startsWith("/") || body.split("/").includes("..")) {
      return fail(
        "USAGE",
        `The scope \`${pattern}\` is not a path inside the workspace.`,
        "Use a path or glob relative to the workspace, e.g. `src/auth/**`.",
      );
    }
    (negative ? excluded : allowed).push(matcher(body));
  }
  const allowedText = patterns.join(", ");
  return succeed((path) => {
    const inside = allowed.length === 0 || allowed.some((matches) => matches(path.normalize("NFC")));
    if (inside && !excluded.some((matches) => matches(fold(path)))) return { decision: "allow" };
    return {
      decision: "hold",
      rule: "scope",
      reason: `${path} is outside the scope ${allowedText}`,
      wayOut: `Widen --scope, or ask for a change inside ${allowedText}.`,
    };
  });
}

type Matcher = (path: string) => boolean;

function matcher(pattern: string): Matcher {
  const plain = pattern.replace(/^\.\//, "").replace(/\/+$/, "");
  if (plain === "." || plain === "") return () => true;
  const glob = picomatch(plain, { dot: true });
  return (path) => path === plain || path.startsWith(`${plain}/`) || glob(path);
}

function fold(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
