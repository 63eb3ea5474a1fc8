/**
 * The gate at commit: a `pre-commit` hook that asks `twolane check --staged`. A hook that is there already runs first and stays; where
 * another program looks after the hooks, it is told which line belongs into its file, and nothing is written.
 */
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { openGit } from "../host/git.ts";
import { type HookFolder, findHooks, putHook, readHook, takeHook } from "../host/git-hooks.ts";
import { systemProcesses } from "../host/process.ts";
import { isThere, readTextNow } from "../host/user-files.ts";
import { findWorkspace } from "../host/workspace.ts";
import type { PlaceOptions } from "./place.ts";

export interface HookState {
  /** `foreign`: another program, or another folder, holds the hooks. */
  readonly state: "on" | "off" | "foreign";
  /** The hook's file, or the one into which the lines belong. */
  readonly file: string;
  /** The hook that was there before, and runs first. */
  readonly chained?: string;
  /** Of foreign ones: who holds them, whether our line is there, and the lines. */
  readonly holder?: string;
  readonly isIn?: boolean;
  readonly lines?: readonly string[];
}

/** How the hook starts the command, as words. */
export type HookCommand = readonly string[];

const mark = "# twolane hook 1";
const checks = "twolane check --staged";

interface Holder {
  readonly name: string;
  /** Any of these says that it is there. */
  readonly signs: readonly string[];
  readonly file: string;
  readonly lines: readonly string[];
}

const holders: readonly Holder[] = [
  { name: "husky", signs: [".husky"], file: ".husky/pre-commit", lines: [`npx ${checks}`] },
  {
    name: "lefthook",
    signs: ["lefthook.yml", ".lefthook.yml", "lefthook.yaml", ".lefthook.yaml", "lefthook.toml", "lefthook.json"],
    file: "lefthook.yml",
    lines: ["pre-commit:", "  commands:", "    twolane:", `      run: npx ${checks}`],
  },
  {
    name: "pre-commit",
    signs: [".pre-commit-config.yaml"],
    file: ".pre-commit-config.yaml",
    lines: [
      "  - repo: local",
      "    hooks:",
      ...["      - id: twolane", "        name: twolane", `        entry: npx ${checks}`],
      ...["        language: system", "        pass_filenames: false", "        always_run: true"],
    ],
  },
];

interface Hooks {
  readonly root: string;
  readonly folder: HookFolder;
  readonly file: string;
  readonly kept: string;
}

async function openHooks(cwd: string): Promise<Result<Hooks>> {
  const workspace = findWorkspace(path.resolve(cwd));
  if (!workspace.ok) return workspace;
  const { root, kind } = workspace.value;
  if (kind === "bare") return fail("NO_REPOSITORY", "Nothing is committed in a bare repository.", "Work in a clone of it.");
  const folder = await findHooks(openGit(root, systemProcesses), root);
  if (!folder.ok) return folder;
  const file = path.join(folder.value.path, "pre-commit");
  return succeed({ root, folder: folder.value, file, kept: `${file}.before-twolane` });
}

export async function hookState({ cwd }: Pick<PlaceOptions, "cwd">): Promise<Result<HookState>> {
  const hooks = await openHooks(cwd);
  return hooks.ok ? succeed(stateOf(hooks.value)) : hooks;
}

function stateOf({ root, folder, file, kept }: Hooks): HookState {
  const chained = isThere(kept) ? { chained: kept } : {};
  if (readHook(file)?.text.includes(mark) === true) return { state: "on", file, ...chained };
  const holder = holders.find(({ signs }) => signs.some((sign) => isThere(path.join(root, sign))));
  if (holder !== undefined) {
    const own = holder.signs.find((sign) => sign.includes(".") && isThere(path.join(root, sign)));
    const named = path.join(root, holder.name === "lefthook" && own !== undefined ? own : holder.file);
    return { state: "foreign", holder: holder.name, file: named, lines: holder.lines, isIn: isAsked(named) };
  }
  if (folder.isOwn) return { state: "off", file };
  const holderName = `core.hooksPath (${folder.configured ?? folder.path})`;
  return { state: "foreign", holder: holderName, file, lines: [checks], isIn: isAsked(file) };
}

const isAsked = (file: string): boolean => readTextNow(file)?.includes(checks) ?? false;

/** Gives the state as it then is. */
export async function installHook(options: Pick<PlaceOptions, "cwd">, command: HookCommand): Promise<Result<HookState>> {
  const hooks = await openHooks(options.cwd);
  if (!hooks.ok) return hooks;
  const { file, kept } = hooks.value;
  const now = stateOf(hooks.value);
  if (now.state === "foreign") return succeed(now);
  const before = now.state === "on" ? undefined : readHook(file);
  const put = putHook(file, hookScript(command), before === undefined ? undefined : kept);
  return put.ok ? succeed(stateOf(hooks.value)) : put;
}

export async function removeHook(options: Pick<PlaceOptions, "cwd">): Promise<Result<HookState>> {
  const hooks = await openHooks(options.cwd);
  if (!hooks.ok) return hooks;
  const now = stateOf(hooks.value);
  if (now.state !== "on") return succeed(now);
  const taken = takeHook(hooks.value.file, hooks.value.kept);
  return taken.ok ? succeed(stateOf(hooks.value)) : taken;
}

/** A command that has gone lets the commit pass, and says so: who moved it did not mean to stop all work, and CI checks all the same. */
function hookScript(command: HookCommand): string {
  const words = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const program = command.at(-1) ?? "";
  return `#!/bin/sh
${mark}: what is staged is held against the policy. \`git commit --no-verify\` goes past it; CI does not.
before="$0.before-twolane"
if [ -x "$before" ]; then "$before" "$@" || exit $?; fi
if [ -f '${program.replaceAll("'", `'\\''`)}' ]; then exec ${words} check --staged; fi
if command -v twolane >/dev/null 2>&1; then exec ${checks}; fi
echo 'twolane: The command is gone, so this commit was not checked; \`twolane hooks install\` sets the hook anew.' >&2
`;
}
