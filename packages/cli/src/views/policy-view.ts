/** The lines of `policy test` and `policy show`. Pure. */
import type { PolicyFileState } from "@twolane/engine";
import type { PolicyJudge, PolicyLayer, RuleHead } from "@twolane/policy";
import type { Style } from "./style.ts";
import { sanitizeLine } from "./text.ts";
import { counted } from "../state/grouped.ts";

const where = {
  organisation: "of the organisation",
  user: "of the user",
  project: "of the project",
  prompt: "of the prompt",
  preset: "always",
} as const;

/** Each file, each rule of it with how many examples hold, or each fault with its line and cure. */
export function policyTestLines(files: readonly PolicyFileState[], style: Style): string[] {
  const lines = files.flatMap(({ kind, path, found }) => {
    const shown = sanitizeLine(path);
    if (found === "absent") return [`${style.dim("–")} ${shown} ${style.dim(`${where[kind]}, is not there`)}`];
    if ("problems" in found) {
      return [
        `${style.bad("✗")} ${style.bold(shown)} ${style.dim(where[kind])}`,
        ...found.problems.flatMap(({ line, message, cure }) => [
          `  ${line > 0 ? `${shown}:${line}: ` : ""}${sanitizeLine(message)}`,
          `    ${style.dim(`→ ${sanitizeLine(cure)}`)}`,
        ]),
      ];
    }
    return [`${style.good("✓")} ${style.bold(shown)} ${style.dim(where[kind])}`, ...testedRules(found.layer, style)];
  });
  const faults = files.flatMap(({ found }) => (found !== "absent" && "problems" in found ? found.problems : [])).length;
  const layers = files.flatMap(({ found }) => (found !== "absent" && "layer" in found ? [found.layer] : []));
  const rules = layers.flatMap((layer) => sectionsOf(layer).flatMap(([, list]) => list));
  const examples = rules.reduce((sum, { matches, rejects }) => sum + matches.length + rejects.length, 0);
  const summary = faults > 0 ? style.bad(counted(faults, "fault")) : style.good("all is right");
  return [
    ...lines,
    "",
    `${summary}${faults > 0 ? "" : ` ${style.dim(`· ${counted(rules.length, "rule")}, ${counted(examples, "example")}`)}`}`,
  ];
}

function testedRules(layer: PolicyLayer, style: Style): string[] {
  const preset = layer.preset === undefined ? [] : [`  ${style.dim(`preset ${layer.preset}`)}`];
  const rules = sectionsOf(layer).flatMap(([section, list]) =>
    list.map(({ name, line, matches, rejects }) => {
      const examples = matches.length + rejects.length;
      return `  ${style.good("✓")} ${section} ${style.bold(name)} ${style.dim(`line ${line}, ${examples === 0 ? "no examples" : counted(examples, "example")}`)}`;
    }),
  );
  return [...preset, ...rules];
}

type Section = "scope" | "diff" | "dependencies" | "commands" | "review" | "data";
const sections: readonly Section[] = ["scope", "diff", "dependencies", "commands", "review", "data"];

const sectionsOf = (layer: PolicyLayer): [Section, readonly RuleHead[]][] => sections.map((section) => [section, layer[section]]);

/** Every rule that counts, the most binding layer first, and the settings that came of all layers. */
export function shownPolicyLines(judge: PolicyJudge, style: Style): string[] {
  const rules = sections.flatMap((section) => {
    const rows = judge.layers.flatMap((layer) => rowsOf(layer, section));
    if (rows.length === 0) return [];
    const width = Math.max(...rows.map(({ name }) => name.length));
    return [
      style.bold(section),
      ...rows.map(({ name, text, source }) => `  ${name.padEnd(width)}  ${text}  ${style.dim(source)}`),
      "",
    ];
  });
  const { secrets, tests, audit, format } = judge;
  return [
    ...rules,
    style.bold("settings"),
    `  secrets  in prompts ${secrets.prompts}, in edits ${secrets.edits}${excepting(secrets.except)}`,
    `  tests    auto ${tests.auto}, ${tests.required ? "required" : "not required"} for a commit, weakened ${tests.weakened}, ` +
      `${tests.tell ? "failures told" : "failures not told"}, ${tests.timeout} s${tests.command === undefined ? "" : `, \`${sanitizeLine(tests.command)}\``}`,
    `  audit    content ${audit.content}, kept ${audit.keep === 0 ? "for ever" : counted(audit.keep, "day")}${audit.trailer ? ", hash in the commit" : ""}`,
    ...(format === undefined ? [] : [`  format   \`${sanitizeLine(format.command)}\``]),
  ];
}

interface Row {
  readonly name: string;
  readonly text: string;
  readonly source: string;
}

function rowsOf(layer: PolicyLayer, section: Section): Row[] {
  const row = (rule: RuleHead, text: string): Row => ({
    name: rule.name,
    text: sanitizeLine(text),
    source: sourceOf(rule, layer),
  });
  switch (section) {
    case "scope":
      return layer.scope.map((rule) => row(rule, `${rule.effect} ${listed(rule.paths)}`));
    case "diff":
      return layer.diff.map((rule) => {
        const limits = (["files", "lines"] as const).flatMap((unit) => {
          const limit = rule[unit];
          if (limit === undefined) return [];
          const parts = (["hold", "block"] as const).flatMap((one) =>
            limit[one] === undefined ? [] : [`${one} above ${limit[one]}`],
          );
          return [`${unit} ${parts.join(", ")}`];
        });
        return row(
          rule,
          `per ${rule.per}${rule.lane ? ` of the ${rule.lane} lane` : ""}: ${limits.join("; ")}${excepting(rule.except)}`,
        );
      });
    case "dependencies":
      return layer.dependencies.map((rule) =>
        row(
          rule,
          `${rule.decision} ${rule.changes.join(", ")}${rule.packages ? ` of ${listed(rule.packages)}` : ""}${rule.ecosystems ? ` in ${rule.ecosystems.join(", ")}` : ""}`,
        ),
      );
    case "commands":
      return layer.commands.map((rule) => {
        const granted = [...(rule.network ? ["network"] : []), ...rule.write.map((path) => `writes ${path}`)];
        return row(rule, `${rule.decision} ${listed(rule.commands)}${granted.length > 0 ? ` with ${granted.join(", ")}` : ""}`);
      });
    case "review":
      return layer.review.map((rule) => row(rule, `${reviewText(rule)} for ${listed(rule.paths)}`));
    case "data":
      return layer.data.map((rule) => row(rule, `${rule.dataClass} ${listed(rule.paths)}: ${readersText(rule)}`));
  }
}

type Review = PolicyLayer["review"][number];

/** `1 approval of @org/security or a code owner`. */
export function reviewText({ approvals, by, codeowners, own }: Pick<Review, "approvals" | "by" | "codeowners" | "own">): string {
  const who = [...by, ...(codeowners ? ["a code owner"] : [])];
  return `${counted(approvals, "approval")} of ${who.length > 0 ? who.join(" or ") : "anybody"}${own ? ", the author too" : ""}`;
}

function readersText({ lanes, providers, regions, noRetention }: PolicyLayer["data"][number]): string {
  const parts = [
    ...(lanes ? [`${lanes.join(" and ")} lane`] : []),
    ...(providers ? [listed(providers)] : []),
    ...(regions ? [`in ${listed(regions)}`] : []),
    ...(noRetention ? ["who keeps nothing"] : []),
  ];
  return parts.length > 0 ? `only ${parts.join(", ")}` : "anybody";
}

function sourceOf({ line }: RuleHead, layer: PolicyLayer): string {
  if (line > 0) return `${layer.path}:${line}`;
  return layer.preset === undefined ? layer.path : `${layer.path} (preset ${layer.preset})`;
}

const excepting = (paths: readonly string[]): string => (paths.length === 0 ? "" : `, except ${listed(paths)}`);

/** A list that fits a line; `policy show --json` has all of it. */
function listed(items: readonly string[]): string {
  const most = 6;
  return items.length <= most ? items.join(" ") : `${items.slice(0, most).join(" ")} and ${items.length - most} more`;
}
