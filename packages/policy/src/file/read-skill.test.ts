import { describe, expect, it } from "vitest";
import { readSkill } from "./read-skill.ts";

const skill = (head: string, body = "Do it."): string => `---\n${head}\n---\n${body}\n`;
const good = "name: pdf-tools\ndescription: Reads PDF files. Use it for PDFs.";

describe("a skill's file", () => {
  it("gives name, description and text", () => {
    expect(readSkill(skill(good), "pdf-tools")).toEqual({
      skill: { name: "pdf-tools", description: "Reads PDF files. Use it for PDFs.", body: "Do it." },
      problems: [],
    });
  });

  it.each<[string, string, string, readonly string[]]>([
    [
      "every key",
      `${good}\nlicense: MIT\ncompatibility: needs git\nallowed-tools: Read Bash\nmetadata:\n  author: x`,
      "pdf-tools",
      [],
    ],
    ["a folded description", "name: a\ndescription: >\n  two\n  lines", "a", []],
    ["quotes and a colon", 'name: a\ndescription: "use: always"', "a", []],
    ["a name of digits", "name: 42\ndescription: d", "42", []],
    ["letters of other alphabets", "name: технология\ndescription: d", "технология", []],
    ["a name that is the same when normalised", "name: cafe\u0301\ndescription: d", "caf\u00e9", []],
    ["64 characters", `name: ${"a".repeat(64)}\ndescription: d`, "a".repeat(64), []],
    ["1,024 characters", `name: a\ndescription: ${"d".repeat(1024)}`, "a", []],
    ["500 characters of compatibility", `name: a\ndescription: d\ncompatibility: ${"c".repeat(500)}`, "a", []],
    ["another folder", "name: a\ndescription: d", "b", ['`name` is not that of its folder, "b"']],
    ["an unknown key", "name: a\ndescription: d\nmodel: x", "a", ["`model` is no key of a skill"]],
    ["a long description", `name: a\ndescription: ${"d".repeat(1025)}`, "a", ["`description` is longer than 1,024 characters"]],
    [
      "long compatibility",
      `name: a\ndescription: d\ncompatibility: ${"c".repeat(501)}`,
      "a",
      ["`compatibility` is longer than 500 characters"],
    ],
  ])("may be used with %s", (_, head, folder, problems) => {
    const read = readSkill(skill(head), folder);
    expect(read.problems).toEqual(problems);
    expect(read.skill).toBeDefined();
  });

  it.each<[string, string, string]>([
    ["no name", "description: d", "`name` is missing"],
    ["an empty name", 'name: ""\ndescription: d', "`name` is empty"],
    ["no description", "name: a", "`description` is missing"],
    ["an empty description", 'name: a\ndescription: ""', "`description` is empty"],
    ["capitals", "name: Aa\ndescription: d", "`name` has capital letters"],
    ["65 characters", `name: ${"a".repeat(65)}\ndescription: d`, "`name` is longer than 64 characters"],
    ["a hyphen in front", "name: -a\ndescription: d", "`name` begins or ends with a hyphen"],
    ["a hyphen at the end", "name: a-\ndescription: d", "`name` begins or ends with a hyphen"],
    ["two hyphens", "name: a--b\ndescription: d", "`name` has two hyphens in a row"],
    ["an underscore", "name: a_b\ndescription: d", "`name` has other characters than letters, digits and hyphens"],
    ["a slash", "name: ../a\ndescription: d", "`name` has other characters than letters, digits and hyphens"],
    ["a list of keys", "- a\n- b", "its keys are no mapping"],
    ["no YAML", "name: [a\ndescription: d", "its keys are not YAML"],
  ])("cannot be used with %s", (_, head, problem) => {
    const read = readSkill(skill(head), "a");
    expect(read.skill).toBeUndefined();
    expect(read.problems).toContain(problem);
  });

  it("needs its keys, closed", () => {
    expect(readSkill("# A text", "a").problems).toEqual(["it does not begin with a line of `---`"]);
    expect(readSkill("---\nname: a\n", "a").problems).toEqual(["its keys are not closed with a line of `---`"]);
    expect(readSkill(skill(good).replaceAll("\n", "\r\n"), "pdf-tools").problems).toEqual([]);
  });
});
