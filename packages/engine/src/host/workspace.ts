/**
 * The folder that a session works on, and the only way from a path that a model wrote to a file that may be written.
 * Answers where a path leads on this disk, not whether the policy allows it.
 *
 * What remains: between resolving and reading another program of the same user could put a link in the place of a folder. Writes hold
 * the folder that was meant (`anchored-folder.ts`).
 */
import fs from "node:fs";
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { errorCode, systemFailure } from "./errors.ts";
import { isGitName } from "./git-names.ts";
import { locateRepository } from "./repository.ts";

export interface Workspace {
  /** Real path of the folder. */
  readonly root: string;
  /** `work-tree`: also of a worktree or submodule. `bare`: inside a repository's own files; nothing is written there. */
  readonly kind: "work-tree" | "folder" | "bare";
}

export interface Target {
  /** The real file: links are followed, so that they stay links. */
  readonly absolute: string;
  /** As it was named, relative to the workspace, `/` as separator, without `.` parts. */
  readonly relative: string;
  /** The real file relative to the workspace; differs from `relative` behind a link. The policy judges both. */
  readonly real: string;
  /** The name itself is a link. */
  readonly link: boolean;
}

/** FOLDER_MISSING where there is no such folder; needs no git. */
export function findWorkspace(folder: string): Result<Workspace> {
  let real: string;
  try {
    real = fs.realpathSync.native(folder);
    if (!fs.statSync(real).isDirectory()) return fail("FOLDER_MISSING", `${folder} is not a folder.`);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return fail("FOLDER_MISSING", `There is no folder ${folder}.`);
  }
  const place = locateRepository(real);
  if (place.kind === "work-tree") return succeed({ root: place.root, kind: "work-tree" });
  return succeed({ root: real, kind: place.kind === "bare" ? "bare" : "folder" });
}

/** Where `name` leads. PATH_OUTSIDE, PATH_GIT, FILE_IS_LINK or FILE_IS_DIRECTORY where nothing may be written. */
export function resolveTarget(workspace: Workspace, name: string): Result<Target> {
  if (workspace.kind === "bare") return fail("PATH_GIT", `${workspace.root} is a repository without a work tree.`);
  const segments = segmentsOf(workspace.root, name);
  if (!segments.ok) return segments;
  const relative = segments.value.join("/");
  const named = path.join(workspace.root, ...segments.value);
  const real = realPath(named, relative);
  if (!real.ok) return real;
  const inside = path.relative(workspace.root, real.value);
  if (inside === "" || inside === ".." || inside.startsWith(`..${path.sep}`) || path.isAbsolute(inside)) {
    return fail("PATH_OUTSIDE", `${relative} leads out of the workspace through a link.`);
  }
  const realSegments = inside.split(path.sep);
  if (realSegments.some(isGitName)) return fail("PATH_GIT", `${relative} leads into .git.`);
  const link = fs.lstatSync(named, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return succeed({ absolute: real.value, relative, real: realSegments.join("/"), link });
}

function segmentsOf(root: string, name: string): Result<string[]> {
  const shown = JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}…` : name);
  if (name === "" || name.includes("\0")) return fail("PATH_OUTSIDE", `${shown} is not a path.`);
  // A Windows path is judged by its own rules everywhere, so that no machine lets through what another would refuse.
  if (name.split(/[/\\]/).some(isGitName)) return fail("PATH_GIT", `${shown} lies in .git.`);
  let inside = name;
  if (path.isAbsolute(name)) {
    inside = path.relative(root, name);
    if (inside === "") return fail("FILE_IS_DIRECTORY", `${shown} is the workspace itself.`);
    if (path.isAbsolute(inside)) return fail("PATH_OUTSIDE", `${shown} is outside the workspace.`);
  }
  if (/^[a-zA-Z]:/.test(inside) || inside.startsWith("\\\\")) return fail("PATH_OUTSIDE", `${shown} is outside the workspace.`);
  const all = inside.split(path.sep === "\\" ? /[/\\]/ : "/");
  if (all.includes("..") || inside.split(/[/\\]/).includes(".."))
    return fail("PATH_OUTSIDE", `${shown} climbs out of its folder.`);
  if (path.sep === "\\" && inside.includes(":")) return fail("PATH_OUTSIDE", `${shown} names an alternate stream.`);
  if (/[/]\.?$/.test(inside)) return fail("FILE_IS_DIRECTORY", `${shown} names a folder.`);
  const segments = all.filter((segment) => segment !== "" && segment !== ".");
  return segments.length === 0 ? fail("FILE_IS_DIRECTORY", `${shown} is the workspace itself.`) : succeed(segments);
}

/** The real path of the deepest part that exists, with the rest behind it. */
function realPath(absolute: string, shown: string): Result<string> {
  const rest: string[] = [];
  for (let at = absolute; ; at = path.dirname(at)) {
    try {
      return succeed(path.join(fs.realpathSync.native(at), ...rest));
    } catch (error) {
      if (errorCode(error) !== "ENOENT") return systemFailure(error, shown, "write");
      if (fs.lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink())
        return fail("FILE_IS_LINK", `${shown} is a link to nothing.`);
      rest.unshift(path.basename(at));
    }
  }
}
