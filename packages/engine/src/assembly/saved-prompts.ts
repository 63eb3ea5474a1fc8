/** A team's own prompts: `.twolane/prompts/NAME.md`. Texts, no code: they are read without trust, and are bound by it like all of `.twolane`. */
import type { Constraint, Result, SavedPrompt } from "@twolane/protocol";
import { fail, failure, succeed } from "@twolane/protocol";
import { constraintsIn, joinConstraints } from "@twolane/policy";
import type { PromptFile } from "@twolane/policy/file";
import { requestText, withArguments } from "../context/request.ts";
import { namesIn, readTextIfThere } from "../host/user-files.ts";
import { type Workspace, resolveTarget } from "../host/workspace.ts";

const folder = ".twolane/prompts";
const longest = 256 * 1024;
const listed = 200;
const fileName = /^([a-z][a-z0-9-]{0,63})\.md$/;

/** Sorted by name. One that cannot be used says why. */
export async function listSavedPrompts(workspace: Workspace): Promise<readonly SavedPrompt[]> {
  const found = await namesIn(`${workspace.root}/${folder}`);
  const names = found.flatMap((name) => fileName.exec(name)?.[1] ?? []).toSorted();
  return Promise.all(
    names.slice(0, listed).map(async (name): Promise<SavedPrompt> => {
      const read = await readSaved(workspace, name);
      if (!read.ok) return { name, objective: "", takesText: false, problem: `${read.failure.message} ${read.failure.cure}` };
      const { objective, body } = read.value;
      return { name, objective: objective === "" ? firstLine(body) : objective, takesText: body.includes("$ARGUMENTS") };
    }),
  );
}

const firstLine = (body: string): string => body.split("\n", 1)[0]?.replace(/^#+\s*/, "") ?? "";

/** What is sent for it. PROMPT_MISSING, PROMPT_INVALID. */
export async function savedRequest(
  workspace: Workspace,
  name: string,
  typed: string,
): Promise<Result<{ readonly text: string; readonly constraints: readonly Constraint[] }>> {
  const read = await readSaved(workspace, name);
  if (!read.ok) return read;
  const { objective, output } = read.value;
  const body = withArguments(read.value.body, typed);
  const held = joinConstraints(read.value.constraints, constraintsIn(body));
  const constraints = output === "answer" ? joinConstraints(held, [{ kind: "no-edits" }]) : held;
  return succeed({ text: requestText({ objective, body, constraints, output }), constraints });
}

async function readSaved(workspace: Workspace, name: string): Promise<Result<PromptFile>> {
  const place = `${folder}/${name}.md`;
  if (!fileName.test(`${name}.md`)) return missing(name);
  const target = resolveTarget(workspace, place);
  if (!target.ok) return target.failure.code === "FOLDER_MISSING" ? missing(name) : target;
  const text = readTextIfThere(target.value.absolute, longest);
  if (!text.ok) return text;
  if (text.value === undefined) return missing(name);
  const { readPrompt } = await import("@twolane/policy/file");
  const read = readPrompt(text.value);
  if (read.ok) return succeed(read.prompt);
  const [first] = read.problems;
  const more = read.problems.length > 1 ? ` ${read.problems.length - 1} more.` : "";
  const message = `${place}:${first?.line ?? 1}: ${first?.message ?? "it cannot be read"}.`;
  return { ok: false, failure: failure("PROMPT_INVALID", message, `${first?.cure ?? ""}${more}`) };
}

const missing = (name: string): Result<never> =>
  fail("PROMPT_MISSING", `There is no prompt ${JSON.stringify(name)}: ${folder}/ has no such file.`);
