/** Skills as the model sees them: a catalogue in what is pinned, a text where a prompt names one with `$NAME`. Where they lie is not known here. Pure. */
import { closestWord } from "@twolane/protocol";
import { cutToBytes } from "../std/text.ts";

export interface Skill {
  readonly name: string;
  readonly description: string;
  /** Where its file is, for whoever reads what it names beside it. */
  readonly place: string;
  readonly body: string;
}

/** Of all descriptions together, and of one. */
const catalogueLimit = 8 * 1024;
const lineLimit = 400;
const bodyLimit = 32 * 1024;

/** Empty where there are none. The same skills give the same bytes. */
export function catalogueOf(skills: readonly Skill[]): string {
  const lines: string[] = [];
  let left = catalogueLimit;
  for (const { name, description } of skills) {
    const line = `- ${name}: ${cutToBytes(description.replaceAll(/\s+/g, " "), lineLimit)}`;
    if (line.length > left) break;
    left -= line.length;
    lines.push(line);
  }
  if (lines.length === 0) return "";
  const more = skills.length - lines.length;
  return [
    "Skills of the user and the project: instructions for certain tasks. Where one fits, read it with the tool `skill` before you begin.",
    ...lines,
    ...(more > 0 ? [`[${more} more are left out]`] : []),
  ].join("\n");
}

/** Its text as it travels. */
export function skillText({ name, place, body }: Skill): string {
  const kept = cutToBytes(body, bodyLimit);
  const cut = kept === body ? "" : `\n[cut at ${bodyLimit} bytes]`;
  return `<skill name="${name}" from="${place}">\n${kept}${cut}\n</skill>`;
}

const naming = /(?<![\w$])\$([\p{Ll}\p{N}][\p{Ll}\p{N}-]*)/gu;

const namesIn = (prompt: string): ReadonlySet<string> => new Set([...prompt.matchAll(naming)].flatMap(([, name = ""]) => name));

/** Skills that a prompt names, each once. */
export function skillsNamed(prompt: string, skills: readonly Skill[]): readonly Skill[] {
  if (skills.length === 0) return [];
  const names = namesIn(prompt);
  return skills.filter(({ name }) => names.has(name));
}

/**
 * One line for each `$name` that looks like one of a skill and is none: near the name of one, or where a skill would be named, in front. Others are
 * variables and prices.
 */
export function mistypedSkills(prompt: string, skills: readonly Skill[]): readonly string[] {
  if (skills.length === 0) return [];
  const known = skills.map(({ name }) => name);
  const [front] = [...prompt.matchAll(/^\s*\$([\p{Ll}][\p{Ll}\p{N}-]*)(?=\s|$)/gu)].map(([, name]) => name);
  return [...namesIn(prompt)].flatMap((name) => {
    if (known.includes(name)) return [];
    const near = closestWord(name, known);
    if (near !== undefined) return [`No skill is named $${name}; did you mean $${near}? The prompt goes without it.`];
    return name === front ? [`No skill is named $${name}; there are ${fewOf(known)}. The prompt goes without it.`] : [];
  });
}

const shownNames = 8;
const fewOf = (names: readonly string[]): string =>
  `${names.slice(0, shownNames).join(", ")}${names.length > shownNames ? ` and ${names.length - shownNames} more` : ""}`;
