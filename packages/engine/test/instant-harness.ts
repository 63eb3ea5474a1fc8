/** For tests of `instant`: small workspaces on disk, and `git apply` as the strict judge of every patch. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import ts from "typescript6";
import { createPlanner, documentsOf } from "../src/code/instant/planner.ts";
import type { InstantAnswer } from "../src/code/instant/requests.ts";
import { understand } from "../src/code/instant/words.ts";

/** The language's library is read once for all tests of a file. */
const documents = documentsOf(ts);

export type Tree = Readonly<Record<string, string>>;

export function makeWorkspace(files: Tree): string {
  const root = mkdtempSync(join(tmpdir(), "instant-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

export function readTree(root: string, folder = ""): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) Object.assign(tree, readTree(root, path));
    else if (entry.isFile()) tree[path] = readFileSync(join(root, path), "utf8");
  }
  return tree;
}

/** Throws unless git takes the patch exactly as it is, without fuzz or moved lines. */
export function gitApply(root: string, patch: string, { reverse = false } = {}): void {
  const { status, stdout, stderr } = spawnSync(
    "git",
    ["apply", "--verbose", "--whitespace=nowarn", ...(reverse ? ["--reverse"] : []), "-"],
    {
      cwd: root,
      input: patch,
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(root), LC_ALL: "C" },
    },
  );
  const said = stdout + stderr;
  if (status !== 0 || /\boffset\b|\bfuzz\b/.test(said.replace(/^Applied patch .*|^Checking patch .*/gm, "")))
    throw new Error(said);
}

export function planIn(root: string, prompt: string): InstantAnswer {
  const understood = understand(prompt);
  if ("failure" in understood) return { kind: "failure", failure: understood.failure };
  return createPlanner(ts, root, { documents }).plan(understood.request);
}

/** Plans and applies; gives the tree afterwards and what was said. */
export function carryOut(files: Tree, prompt: string): { readonly tree: Tree; readonly said: string } {
  const root = makeWorkspace(files);
  const answer = planIn(root, prompt);
  if (answer.kind !== "plan")
    return {
      tree: readTree(root),
      said: answer.kind === "nothing" ? answer.text : `${answer.failure.code}: ${answer.failure.message} ${answer.failure.cure}`,
    };
  gitApply(root, answer.patches.join(""));
  return { tree: readTree(root), said: [answer.summary, ...answer.notes].join("\n") };
}
