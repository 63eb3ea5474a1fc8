/** Gives the text of a skill that the catalogue names. Exists only where there are skills. */
import description from "./skill.md";
import { type Tool, parseArguments, refused } from "./tools.ts";

/** Texts by name; undefined where there is no such skill. */
export interface SkillTexts {
  readonly names: readonly string[];
  text(name: string): string | undefined;
}

export function skillTool(skills: SkillTexts): Tool {
  return {
    definition: {
      name: "skill",
      description: description.trim(),
      freeform: false,
      parameters: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
    },
    describe(input) {
      const call = parseArguments(input);
      return typeof call === "string" ? "skill" : `skill ${call.text("name") ?? "?"}`;
    },
    run(input) {
      const call = parseArguments(input);
      if (typeof call === "string") return Promise.resolve(refused(call));
      const name = call.text("name") ?? "";
      const text = skills.text(name);
      if (text === undefined)
        return Promise.resolve(refused(`There is no skill ${name}. There are: ${skills.names.join(", ")}.`));
      return Promise.resolve({ ok: true, text, summary: `skill ${name}` });
    },
  };
}
