/** The parts of a commit that need no repository: the message's draft, and which hunks a content holds. */
import { describe, expect, it } from "vitest";
import { containedSteps } from "../src/commit/contained.ts";
import type { CommitStep } from "../src/commit/content.ts";
import { draftMessage } from "../src/commit/message.ts";
import { join } from "./commit-bench.ts";

const draft = (trailer: string, ...prompts: readonly string[]): string => draftMessage({ prompts, model: "maker/name", trailer });

describe("a drafted message", () => {
  it("has the first sentence of the first prompt as its subject", () => {
    const subject = (prompt: string): string => draft("none", prompt);
    expect(subject("make src/price.ts faster. Then test it.")).toBe("Make src/price.ts faster");
    expect(subject("  use e.g. a map!\nand more")).toBe("Use e.g. a map");
    expect(subject("why is it slow?")).toBe("Why is it slow");
    expect(subject("tab\tand \u001b[31m bell\u0007")).toBe("Tab and [31m bell");
    expect(subject("")).toBe("Change");
    expect(subject(`${"word ".repeat(20)}`)).toBe(`W${"ord w".repeat(14).slice(0, -2)}`);
    expect(subject("x".repeat(90))).toBe(`X${"x".repeat(71)}`);
    expect(subject("漢字".repeat(30))).toBe("漢字".repeat(18));
  });

  it("lists further prompts, and says who helped as it was told to", () => {
    expect(draft("assisted-by", "one", "two", "one")).toBe("One\n\n- Two\n\nAssisted-by: twolane:maker/name");
    expect(draft("co-authored-by", "one")).toBe("One\n\nCo-authored-by: twolane (maker/name) <noreply@twolane.invalid>");
    expect(draft("Tool: twolane", "one")).toBe("One\n\nTool: twolane");
    expect(draft("none", "one", "two")).toBe("One\n\n- Two");
  });
});

describe("hunks in a commit made by hand", () => {
  const bytes = (...lines: readonly string[]): Uint8Array => Buffer.from(join(...lines));
  const step = (hunk: string, before: Uint8Array, after: Uint8Array, rest: Partial<CommitStep> = {}): CommitStep => ({
    ...{ hunk, before, after, creates: false, deletes: false },
    ...rest,
  });
  const held = (head: Uint8Array | undefined, ...steps: readonly CommitStep[]): string =>
    [...containedSteps(head, steps)]
      .map(({ hunk }) => hunk)
      .sort()
      .join(" ");
  const [first, second, third] = [bytes("1", "2", "3", "4"), bytes("one", "2", "3", "4"), bytes("one!", "2", "3", "four", "4")];
  const steps = [step("h1", first, second), step("h2", second, third)];

  it("are those whose whole change is there, under later ones too", () => {
    expect(held(third, ...steps)).toBe("h1 h2");
    expect(held(second, ...steps)).toBe("h1");
    expect(held(first, ...steps)).toBe("");
    expect(held(bytes("one!", "2", "mine", "3", "four", "4", "more"), ...steps)).toBe("h1 h2");
  });

  it("are not those of which a part is there, or that were reformatted", () => {
    expect(held(bytes("one!", "2", "3", "4"), ...steps)).toBe("");
    expect(held(bytes("one;", "2", "3", "4"), steps[0]!)).toBe("");
  });

  it("made and removed files", () => {
    const [none, made] = [new Uint8Array(), bytes("a", "b")];
    const [create, remove] = [step("h1", none, made, { creates: true }), step("h2", made, none, { deletes: true })];
    expect(held(made, create)).toBe("h1");
    expect(held(bytes("a", "mine", "b"), create)).toBe("h1");
    expect(held(bytes("a", "changed"), create)).toBe("");
    expect(held(undefined, create)).toBe("");
    expect(held(undefined, create, remove)).toBe("h1 h2");
    expect(held(made, create, remove)).toBe("h1");
  });
});
