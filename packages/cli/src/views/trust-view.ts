/** Lines about the trust of a workspace, for a person. Pure. */
import type { Trust, WorkspaceTrust } from "@twolane/engine";

type Root = Pick<WorkspaceTrust, "root">;

export function trustLines(trust: Trust, { root }: Root): readonly string[] {
  switch (trust.kind) {
    case "trusted":
      return [`Trusted since ${trust.since.slice(0, 10)}: ${root}`, ...bound(trust.files)];
    case "new":
      return [`Not trusted: ${root}`, "Nothing of it is started until you say so: /trust, or `twolane trust`."];
    case "changed":
      return [`Not trusted any more: ${root}`, `Changed since ${trust.since.slice(0, 10)}:`, ...listed(trust.changed)];
    case "impossible":
      return [`Not trusted: ${root}`, trust.reason];
  }
}

export function givenLines(before: Trust, root: Root): readonly string[] {
  const changed = before.kind === "changed" ? ["Changed since it was trusted last:", ...listed(before.changed)] : [];
  const files = before.kind === "impossible" ? [] : before.files;
  return [`Trusted: ${root.root}`, ...changed, ...bound(files), "/trust revoke, or `twolane trust --revoke`, takes it back."];
}

function bound(files: readonly string[]): readonly string[] {
  return files.length === 0
    ? ["Nothing that trust is bound to is here (docs/trust.md says what); when it comes, you are asked again."]
    : ["A change of these is asked again:", ...listed(files)];
}

const most = 12;

function listed(files: readonly string[]): readonly string[] {
  const more = files.length - most;
  return [...files.slice(0, most).map((name) => `  ${name}`), ...(more > 0 ? [`  and ${more} more`] : [])];
}
