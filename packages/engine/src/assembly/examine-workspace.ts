/** What guards a workspace: its policy, whether it is trusted, and whether a hook asks before each commit. For `twolane doctor`. */
import { type PolicyFileState, policyOf, readPolicyFiles } from "../guard/policy-store.ts";
import { type Trust, readTrust } from "../guard/trust.ts";
import type { Finding } from "../host/machine.ts";
import { jobsPath, listJobs, readJobLog } from "../journal/job-folder.ts";
import { type HookState, hookState } from "./hooks.ts";
import { type Environment, type Place, configFolder } from "./place.ts";

export async function examineWorkspace(place: Place, { cwd, env }: { cwd: string; env: Environment }): Promise<Finding[]> {
  const trust = readTrust(place);
  const trusted = trust.kind === "trusted";
  const files = await readPolicyFiles({ ...place, userFolder: configFolder(env), trusted });
  const hooks = await hookState({ cwd });
  const hook: Finding = hooks.ok
    ? hookFinding(hooks.value)
    : { subject: "hooks", state: "missing", text: `nothing is checked before a commit: ${hooks.failure.message}` };
  return [policyFinding(files, trusted), trustFinding(trust), hook, ...jobsFinding(place)];
}

/** Only where there are any. */
function jobsFinding({ state }: Place): readonly Finding[] {
  const jobs = listJobs(state);
  if (jobs.length === 0) return [];
  const begun = jobs.flatMap((job) => readJobLog(job).slice(0, 1)).map(({ at }) => at);
  const oldest = begun.length === 0 ? "" : `, the oldest of ${new Date(Math.min(...begun)).toISOString().slice(0, 10)}`;
  const count = jobs.length === 1 ? "1 job" : `${jobs.length} jobs`;
  return [
    {
      ...{ subject: "deep lane", state: "works" },
      text: `${count}${oldest}; one that ended and was taken from goes after 30 days, the others with \`twolane deep drop\` (${jobsPath(state)})`,
    },
  ];
}

function policyFinding(files: readonly PolicyFileState[], trusted: boolean): Finding {
  const subject = "policy";
  const judge = policyOf(files, trusted);
  if (!judge.ok)
    return {
      ...{ subject, state: "broken", text: `no session begins: ${judge.failure.message}` },
      cure: "`twolane policy test` shows each fault with its cure.",
    };
  const names = files.flatMap(({ path, found }) => (typeof found === "object" && "layer" in found ? [path] : []));
  const hasProject = files.some(({ kind, found }) => kind === "project" && found !== "absent");
  if (hasProject) return { subject, state: "works", text: names.join(", ") };
  const others = names.length > 0 ? `, only ${names.join(", ")}` : "";
  return {
    ...{ subject, state: "missing", text: `no .twolane/policy.yaml${others}; the preset solo holds` },
    cure: "`twolane init` drafts one from the repository.",
  };
}

function trustFinding(trust: Trust): Finding {
  const subject = "trust";
  switch (trust.kind) {
    case "trusted":
      return { subject, state: "works", text: `this workspace is trusted since ${trust.since.slice(0, 10)}` };
    case "new":
      return {
        ...{
          subject,
          state: "missing",
          text: "nobody trusts this workspace: no command or test of it runs, its policy only tightens",
        },
        cure: "Look at it, then `twolane trust`.",
      };
    case "changed": {
      const [first = "", ...others] = trust.changed;
      const more = others.length > 0 ? ` and ${others.length} more` : "";
      return {
        ...{ subject, state: "missing", text: `trusted no longer: ${first}${more} changed since ${trust.since.slice(0, 10)}` },
        cure: "Look at it, then `twolane trust`; `twolane trust --show` names all.",
      };
    }
    case "impossible":
      return { subject, state: "missing", text: `this workspace cannot be trusted: ${trust.reason}` };
  }
}

function hookFinding({ state, file, holder, isIn }: HookState): Finding {
  const subject = "hooks";
  if (state === "on") return { subject, state: "works", text: `each commit is checked: ${file}` };
  if (state === "foreign" && isIn === true) return { subject, state: "works", text: `${holder} checks each commit: ${file}` };
  const text = "nothing is checked before a commit";
  return state === "off"
    ? { subject, state: "missing", text, cure: "`twolane hooks install`" }
    : {
        subject,
        state: "missing",
        text: `${text}; ${holder} holds the hooks`,
        cure: "`twolane hooks install` says which line to add.",
      };
}
