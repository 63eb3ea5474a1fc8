/** Skills through a whole session: found where the workspace is trusted, named in what is pinned, read by a call or with a prompt. */
import { afterEach, describe, expect, it } from "vitest";
import { type ContextStage, openContextStage } from "./context-stage.ts";

let stage: ContextStage;
afterEach(() => stage?.close());

const skill = (name: string, description: string, body: string): string =>
  `---\nname: ${name}\ndescription: ${description}\n---\n${body}\n`;
const files = {
  ".agents/skills/release/SKILL.md": skill("release", "How a release is made. Use it before tagging.", "Tag, then push the tag."),
  ".claude/skills/release/SKILL.md": skill("release", "another of the same name", "Never read."),
  ".claude/skills/notes/SKILL.md": skill("notes", "Writes notes.", "Short ones."),
  ".agents/skills/broken/SKILL.md": "no keys",
};
const answers = [
  { when: { prompt: "^call" }, reply: [{ call: { name: "skill", arguments: { name: "release" } } }, { text: "Read." }] },
  { reply: [{ text: "Yes." }] },
];
const toolNames = (body: { readonly tools?: readonly unknown[] }): unknown[] =>
  (body.tools ?? []).map((tool) => (typeof tool === "object" && tool !== null && "name" in tool ? tool.name : undefined));

describe("skills", () => {
  it("stand in a catalogue, the first of a name, and their text comes on demand", async () => {
    stage = await openContextStage({ files, window: 100_000, answers });
    await stage.turn("call it");
    const [first, second] = stage.bodies();
    expect(JSON.stringify(first?.input)).toContain("- release: How a release is made.");
    expect(JSON.stringify(first?.input)).toContain("- notes: Writes notes.");
    expect(JSON.stringify(first)).not.toContain("push the tag");
    expect(JSON.stringify(second)).toContain("push the tag");
    expect(toolNames(first!)).toContain("skill");
    expect(stage.events()).toContainEqual(
      expect.objectContaining({
        type: "notice.given",
        message: expect.stringContaining(".agents/skills/broken/SKILL.md: it does not begin"),
      }),
    );
    await stage.turn("tidy up with $notes please, it costs $5 or $HOME");
    expect(JSON.stringify(stage.bodies().at(-1))).toContain("Short ones.");
    expect(JSON.stringify(stage.bodies().at(-1))).not.toContain("Never read.");
    const said = (): unknown[] =>
      stage
        .events()
        .flatMap((event) => (event.type === "notice.given" && event.code.startsWith("SKILL_") ? [event.message] : []))
        .slice(1);
    expect(said()).toEqual(["The skill notes goes with the prompt (.claude/skills/notes/SKILL.md)."]);
    await stage.turn("$nothing at all, then $relaese it for $x in $path");
    expect(said().slice(1)).toEqual([
      "No skill is named $nothing; there are release, notes. The prompt goes without it.",
      "No skill is named $relaese; did you mean $release? The prompt goes without it.",
    ]);
    expect(JSON.stringify(stage.bodies().at(-1)?.input.at(-1))).not.toContain("<skill");
  });

  it("of a workspace that is not trusted are not looked at, and without any there is no tool for them", async () => {
    stage = await openContextStage({ files, window: 100_000, answers, trust: false });
    await stage.turn("hello");
    expect(JSON.stringify(stage.bodies()[0])).not.toContain("release");
    expect(toolNames(stage.bodies()[0]!)).not.toContain("skill");
  });
});
