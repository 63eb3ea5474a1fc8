/** Skills as the model sees them: a catalogue in what is pinned, a text where a prompt names one with `$NAME`. Where they lie is not known here. Pure. */
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

/** Skills that a prompt names, each once. */
export function skillsNamed(prompt: string, skills: readonly Skill[]): readonly Skill[] {
  if (skills.length === 0) return [];
  const names = new Set([...prompt.matchAll(/(?<![\w$])\$([\p{Ll}\p{N}][\p{Ll}\p{N}-]*)/gu)].map(([, name]) => name));
  return skills.filter(({ name }) => names.has(name));
}
