/** A person's yes to a change: signed, to go with a branch; or kept on this machine, for what is staged. */
import path from "node:path";
import { type Result, fail, succeed } from "@twolane/protocol";
import { approvalsFolder } from "../guard/approval-records.ts";
import type { CheckReport } from "../guard/gates/check-report.ts";
import { changeFacts } from "../guard/gates/change-facts.ts";
import { recordYes } from "../guard/gates/local-yes.ts";
import { type SignedApproval, allowedSigners, entriesOf, makeApproval, readSignatures } from "../guard/gates/signed-approval.ts";
import { systemFailure } from "../host/errors.ts";
import { makeFolder, missingFolders } from "../host/folders.ts";
import { type Git, openGit } from "../host/git.ts";
import { readChange } from "../host/git-change.ts";
import { readAuthors, readRange } from "../host/git-range.ts";
import { readTree } from "../host/git-tree.ts";
import { systemProcesses } from "../host/process.ts";
import { isThere, writePublicText } from "../host/user-files.ts";
import { systemClock } from "../std/clock.ts";
import { readable } from "../std/text.ts";
import { check } from "./check.ts";
import { type PlaceOptions, openPlace } from "./place.ts";

export interface ApproveOptions extends PlaceOptions {
  readonly base: string;
  readonly head: string;
  /** Absent: what git signs with, else `~/.ssh/id_ed25519`. */
  readonly key?: string;
  /** Absent: git's `user.email`. */
  readonly signer?: string;
}

export interface Approval {
  readonly report: CheckReport;
  readonly signer: string;
  /** Written, relative to the workspace. */
  readonly files: readonly string[];
  /** Why it may not count where it is to count, one line each. */
  readonly doubts: readonly string[];
}

/** Signs exactly what the branch changes. Nothing is staged or committed. */
export async function approve({ cwd, env, base, head, ...who }: ApproveOptions): Promise<Result<Approval>> {
  const place = openPlace({ cwd, env });
  if (!place.ok) return place;
  const { root, kind } = place.value.workspace;
  if (kind === "bare") return fail("USAGE", "A bare repository has no place for an approval.", "Use a clone with a work tree.");
  const checked = await check({ cwd, env, wish: { kind: "commits", base, head, reviews: [] }, onProgress: () => {} });
  if (!checked.ok) return checked;
  const report = checked.value;
  if (report.source.kind !== "commits" || report.files === 0)
    return fail("USAGE", `${head} changes nothing since it left ${base}.`, "Name the branch with --head.");
  const git = openGit(root, systemProcesses);
  const configured = async (name: string): Promise<string | undefined> => {
    const said = await git.ask({ args: ["config", "--get", name] });
    const text = said.ok && said.value.status === 0 ? readable(said.value.stdout).trim() : "";
    return text === "" ? undefined : text;
  };
  const signer = who.signer ?? (await configured("user.email"));
  if (signer === undefined)
    return fail("USAGE", "Nobody knows who you are.", `Say it with --as, as ${allowedSigners} names you.`);
  const home = env["HOME"] ?? "/";
  const signingKey = (await configured("user.signingkey"))?.replace(/^~(?=\/)/, home);
  const usual = signingKey !== undefined && isThere(signingKey) ? signingKey : path.join(home, ".ssh", "id_ed25519");
  const key = who.key === undefined ? usual : path.resolve(cwd, who.key);
  if (!isThere(key)) return fail("FILE_MISSING", `There is no key ${key}.`, "Name one with --key.");
  const at = new Date(systemClock.wall()).toISOString();
  const made = await makeApproval(systemProcesses, { key, diff: report.source.diff, signer, at });
  if (!made.ok) return made;
  try {
    for (const folder of missingFolders(path.join(root, approvalsFolder))) makeFolder(folder);
    for (const file of made.value.files) writePublicText(path.join(root, file.path), file.text);
  } catch (error) {
    return systemFailure(error, approvalsFolder, "write");
  }
  const doubts = await doubtsOf(git, { base, head, signer, made: made.value, diff: report.source.diff });
  if (!doubts.ok) return doubts;
  return succeed({ report, signer, files: made.value.files.map((file) => file.path), doubts: doubts.value });
}

interface Signed {
  readonly base: string;
  readonly head: string;
  readonly signer: string;
  readonly made: SignedApproval;
  readonly diff: string;
}

/** What the check will say against it. Whoever signs learns it now, not when CI has run. */
async function doubtsOf(git: Git, { base, head, signer, made, diff }: Signed): Promise<Result<readonly string[]>> {
  const range = await readRange(git, base, head);
  if (!range.ok) return range;
  const listed = await readTree(git, { kind: "commit", commit: range.value.base }, [allowedSigners]);
  if (!listed.ok) return listed;
  const signatures = await readSignatures(systemProcesses, {
    entries: entriesOf(made),
    diff,
    allowed: listed.value.get(allowedSigners),
  });
  if (!signatures.ok) return signatures;
  const authors = await readAuthors(git, range.value, approvalsFolder);
  if (!authors.ok) return authors;
  const isAuthor = authors.value.some((author) => author.toLowerCase() === signer.toLowerCase());
  const own = `${signer} is an author of this change: it counts only under rules with \`own: true\`.`;
  return succeed([...signatures.value.notes, ...(isAuthor ? [own] : [])]);
}

/** Says yes to what is held of the staged change, for these bytes, on this machine; gives what is left and what the yes was to. */
export async function approveStaged(
  options: PlaceOptions,
): Promise<Result<{ readonly left: CheckReport; readonly yes: CheckReport["findings"] }>> {
  const wish = { kind: "staged" } as const;
  const place = openPlace(options);
  if (!place.ok) return place;
  const before = await check({ ...options, wish, onProgress: () => {} });
  if (!before.ok) return before;
  const read = await readChange(openGit(place.value.workspace.root, systemProcesses), wish);
  if (!read.ok) return read;
  const { files } = changeFacts(read.value);
  for (const { path: name, line, verdict } of before.value.findings) {
    if (verdict.decision !== "hold") continue;
    // What is about the change as a whole, such as its size, is about all of its hunks.
    for (const file of files.filter((one) => line === 0 || one.path === name))
      for (const hunk of file.hunks) recordYes(place.value.state.path, { refusal: verdict, hunk }, systemClock.wall());
  }
  const after = await check({ ...options, wish, onProgress: () => {} });
  if (!after.ok) return after;
  const left = new Set(after.value.findings.map((finding) => JSON.stringify(finding)));
  return succeed({ left: after.value, yes: before.value.findings.filter((finding) => !left.has(JSON.stringify(finding))) });
}
