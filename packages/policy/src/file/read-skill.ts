/** A skill's SKILL.md: keys in front of a text → its name, what it is for and its text, with everything in it that is not as the specification has it. */
import { parseDocument } from "yaml";

export interface SkillFile {
  readonly name: string;
  /** What it does and when to use it; the model goes by it. */
  readonly description: string;
  readonly body: string;
}

export interface ReadSkill {
  /** Absent where it cannot be used. */
  readonly skill?: SkillFile;
  /** One line each, without a full stop. A skill with some may still be used. */
  readonly problems: readonly string[];
}

const longest = 256 * 1024;
const known = ["name", "description", "license", "compatibility", "metadata", "allowed-tools"];

/** `folder`: the name of the folder that it stands in. */
export function readSkill(text: string, folder: string): ReadSkill {
  if (text.length > longest) return { problems: ["it is longer than 256 KB"] };
  const plain = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  if (!/^---[ \t]*\n/.test(plain)) return { problems: ["it does not begin with a line of `---`"] };
  const head = plain.slice(plain.indexOf("\n") + 1);
  const end = /^---[ \t]*(?:\n|$)/m.exec(head);
  if (end === null) return { problems: ["its keys are not closed with a line of `---`"] };
  const document = parseDocument(head.slice(0, end.index), { stringKeys: true });
  if (document.errors.length > 0) return { problems: ["its keys are not YAML"] };
  const value: unknown = document.toJS({ maxAliasCount: 10 });
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { problems: ["its keys are no mapping"] };
  const fields = new Map<string, unknown>(Object.entries(value));
  const problems = [...nameProblems(fields.get("name"), folder), ...textProblems(fields), ...fieldProblems(fields)];
  const [name, description] = [plainText(fields.get("name")).normalize("NFKC"), plainText(fields.get("description"))];
  if (!isName(name) || description === "") return { problems };
  return {
    skill: { name, description: description.slice(0, 1024), body: head.slice(end.index + end[0].length).trim() },
    problems,
  };
}

const plainText = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value).trim() : "";

/** Letters of any alphabet, as the reference has it. */
const isName = (name: string): boolean =>
  /^[\p{L}\p{N}]+(?:-[\p{L}\p{N}]+)*$/u.test(name) && name.length <= 64 && name === name.toLowerCase();

function nameProblems(value: unknown, folder: string): readonly string[] {
  const name = plainText(value).normalize("NFKC");
  if (value === undefined) return ["`name` is missing"];
  if (name === "") return ["`name` is empty"];
  return [
    ...(name.length > 64 ? ["`name` is longer than 64 characters"] : []),
    ...(name !== name.toLowerCase() ? ["`name` has capital letters"] : []),
    ...(/^-|-$/.test(name) ? ["`name` begins or ends with a hyphen"] : []),
    ...(name.includes("--") ? ["`name` has two hyphens in a row"] : []),
    ...(/[^\p{L}\p{N}-]/u.test(name) ? ["`name` has other characters than letters, digits and hyphens"] : []),
    ...(name !== folder.normalize("NFKC") ? [`\`name\` is not that of its folder, ${JSON.stringify(folder)}`] : []),
  ];
}

function textProblems(fields: ReadonlyMap<string, unknown>): readonly string[] {
  const description = fields.get("description");
  const compatibility = fields.get("compatibility");
  return [
    ...(description === undefined
      ? ["`description` is missing"]
      : plainText(description) === ""
        ? ["`description` is empty"]
        : []),
    ...(plainText(description).length > 1024 ? ["`description` is longer than 1,024 characters"] : []),
    ...(compatibility !== undefined && typeof compatibility !== "string" ? ["`compatibility` is no text"] : []),
    ...(plainText(compatibility).length > 500 ? ["`compatibility` is longer than 500 characters"] : []),
  ];
}

function fieldProblems(fields: ReadonlyMap<string, unknown>): readonly string[] {
  const strange = [...fields.keys()].filter((name) => !known.includes(name));
  return strange.map((name) => `\`${name}\` is no key of a skill`);
}
