/** Which TypeScript does the work: the workspace's own when the workspace is trusted and it is able, else the bundled one. */
import { createRequire } from "node:module";
import { join } from "node:path";
import type ts from "typescript6";
import type { WorkerSetup } from "./requests.ts";

export type TypeScript = typeof ts;

/** The modes of organising imports exist since this version. Version 7 has no language service to load. */
const oldest = { major: 4, minor: 9 };

export function loadTypeScript({ workspaceRoot, trusted, resolveFrom }: WorkerSetup): TypeScript {
  const own = trusted ? requireOwn(workspaceRoot) : undefined;
  if (own !== undefined && isAble(own)) return own;
  const bundled: TypeScript = createRequire(resolveFrom)("typescript6");
  return bundled;
}

/** The workspace's `typescript`, if it has one that can be loaded. */
function requireOwn(workspaceRoot: string): TypeScript | undefined {
  try {
    const own: TypeScript = createRequire(join(workspaceRoot, "package.json"))("typescript");
    return own;
  } catch {
    return undefined;
  }
}

export function isAble(candidate: Partial<Pick<TypeScript, "version" | "createLanguageService">>): boolean {
  const [major = 0, minor = 0] = (candidate.version ?? "0.0").split(".").map(Number);
  const isRecent = major > oldest.major || (major === oldest.major && minor >= oldest.minor);
  return isRecent && typeof candidate.createLanguageService === "function";
}
